package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;

/**
 * Chronicle Map, in a mapped file. Its size is fixed when it is created; nothing is ever synced,
 * and an operation that is cut short is found by {@code recoverPersistedTo}, which reads all
 * segments. Puts and removals are told not to return the old value.
 */
final class ChronicleMapStore<K, V> extends MapStore<K, V> {
  private final ChronicleMap<Object, Object> map;

  private ChronicleMapStore(ChronicleMap<Object, Object> map, Workload<K, V> workload) {
    super(map, workload);
    this.map = map;
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    File file = directory.resolve("bench.cm").toFile();
    ChronicleMapBuilder<Object, Object> builder = builder(workload, entries);
    return new ChronicleMapStore<>(
        file.exists() ? builder.recoverPersistedTo(file, true) : builder.createPersistedTo(file),
        workload);
  }

  @SuppressWarnings("unchecked") // the stored form of a key or value is of its type
  private static <K, V> ChronicleMapBuilder<Object, Object> builder(
      Workload<K, V> workload, long entries) {
    StoredForm<K> keys = StoredForm.ofKeys(workload);
    StoredForm<V> values = StoredForm.ofValues(workload);
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
  public void transfer(K source, K target, long amount) {
    Transfers.getAndPut(this, workload, source, target, amount);
  }

  @Override
  public void close() {
    map.close();
  }
}
