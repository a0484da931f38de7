package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * H2's MVStore. A commit stores all that has changed in all maps, so changes go one at a time: else
 * the commit of one thread would store half a transfer of another.
 */
final class MvStoreStore<K, V> implements Store<K, V> {
  private final MVStore store;
  private final MVMap<Object, Object> map;
  private final Workload<K, V> workload;
  private final StoredForm<K> keys;
  private final StoredForm<V> values;

  private MvStoreStore(MVStore store, Workload<K, V> workload) {
    this.store = store;
    this.workload = workload;
    this.keys = StoredForm.of(workload.keyClass(), workload.keys());
    this.values = StoredForm.of(workload.valueClass(), workload.values());
    this.map =
        store.openMap(
            "entries",
            new MVMap.Builder<Object, Object>()
                .keyType(dataType(keys.type()))
                .valueType(dataType(values.type())));
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    MVStore store =
        new MVStore.Builder()
            .fileName(directory.resolve("bench.mv").toString())
            .autoCommitDisabled()
            .open();
    return new MvStoreStore<>(store, workload);
  }

  @SuppressWarnings("unchecked") // each type is of the class that it is chosen for
  private static DataType<Object> dataType(Class<?> type) {
    Map<Class<?>, DataType<?>> types =
        Map.of(
            Long.class, LongDataType.INSTANCE,
            String.class, StringDataType.INSTANCE,
            byte[].class, ByteArrayDataType.INSTANCE);
    return (DataType<Object>) Objects.requireNonNull(types.get(type));
  }

  @Override
  public synchronized void put(K key, V value) {
    store(key, value);
    commit();
  }

  private void store(K key, V value) {
    map.put(keys.store().apply(key), values.store().apply(value));
  }

  private void commit() {
    store.commit();
    store.sync();
  }

  @Override
  public @Nullable V get(K key) {
    Object value = map.get(keys.store().apply(key));
    return value == null ? null : values.load().apply(value);
  }

  @Override
  public synchronized void remove(K key) {
    map.remove(keys.store().apply(key));
    commit();
  }

  @Override
  public void scan(Visitor<K, V> visitor) {
    var cursor = map.cursor(null);
    while (cursor.hasNext()) {
      K key = keys.load().apply(cursor.next());
      if (!visitor.visit(key, values.load().apply(cursor.getValue()))) {
        return;
      }
    }
  }

  @Override
  public synchronized void transfer(K source, K target, long amount) {
    V from = Transfers.changed(workload, present(source), -amount);
    V to = Transfers.changed(workload, present(target), amount);
    store(source, from);
    store(target, to);
    commit();
  }

  private V present(K key) {
    V value = get(key);
    if (value == null) {
      throw new IllegalArgumentException("no entry to change");
    }
    return value;
  }

  @Override
  public synchronized void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    for (Map.Entry<K, V> entry : entries) {
      store(entry.getKey(), entry.getValue());
    }
    commit();
  }

  @Override
  public void close() {
    store.closeImmediately(); // close would compact the file first, for some seconds
  }
}
