package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Chronicle Map, in a mapped file. Its size is fixed when it is created; nothing is ever synced,
 * and an operation that is cut short is found by {@code recoverPersistedTo}, which reads all
 * segments.
 */
final class ChronicleMapStore<K, V> implements Store<K, V> {
  private final ChronicleMap<Object, Object> map;
  private final Workload<K, V> workload;
  private final StoredForm<K> keys;
  private final StoredForm<V> values;

  private ChronicleMapStore(File file, Workload<K, V> workload, long entries) throws IOException {
    this.workload = workload;
    this.keys = StoredForm.of(workload.keyClass(), workload.keys());
    this.values = StoredForm.of(workload.valueClass(), workload.values());
    ChronicleMapBuilder<Object, Object> builder = builder(entries);
    this.map =
        file.exists() ? builder.recoverPersistedTo(file, true) : builder.createPersistedTo(file);
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    return new ChronicleMapStore<>(directory.resolve("bench.cm").toFile(), workload, entries);
  }

  @SuppressWarnings("unchecked") // the stored form of a key or value is of its type
  private ChronicleMapBuilder<Object, Object> builder(long entries) {
    ChronicleMapBuilder<Object, Object> builder =
        ChronicleMapBuilder.of((Class<Object>) keys.type(), (Class<Object>) values.type())
            .name("entries")
            .entries(entries)
            .putReturnsNull(true)
            .removeReturnsNull(true);
    if (keys.type() != Long.class) {
      builder.constantKeySizeBySample(keys.store().apply(workload.key().apply(1)));
    }
    if (values.type() != Long.class) {
      builder.constantValueSizeBySample(values.store().apply(workload.value().apply(1)));
    }
    return builder;
  }

  @Override
  public void put(K key, V value) {
    map.put(keys.store().apply(key), values.store().apply(value));
  }

  @Override
  public @Nullable V get(K key) {
    Object value = map.get(keys.store().apply(key));
    return value == null ? null : values.load().apply(value);
  }

  @Override
  public void remove(K key) {
    map.remove(keys.store().apply(key));
  }

  @Override
  public void scan(Visitor<K, V> visitor) {
    for (Map.Entry<Object, Object> entry : map.entrySet()) {
      K key = keys.load().apply(entry.getKey());
      if (!visitor.visit(key, values.load().apply(entry.getValue()))) {
        return;
      }
    }
  }

  @Override
  public void transfer(K source, K target, long amount) {
    Transfers.getAndPut(this, workload, source, target, amount);
  }

  @Override
  public void close() {
    map.close();
  }
}
