package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;

/**
 * MapDB's hash map, with its write-ahead log. A commit is one of the whole file, so changes go one
 * at a time: else the commit of one thread would keep half a transfer of another.
 */
final class MapDbStore<K, V> implements Store<K, V> {
  private final DB db;
  private final Map<Object, Object> map;
  private final Workload<K, V> workload;
  private final StoredForm<K> keys;
  private final StoredForm<V> values;

  private MapDbStore(DB db, Workload<K, V> workload) {
    this.db = db;
    this.workload = workload;
    this.keys = StoredForm.of(workload.keyClass(), workload.keys());
    this.values = StoredForm.of(workload.valueClass(), workload.values());
    this.map =
        db.hashMap("entries")
            .keySerializer(serializer(keys.type()))
            .valueSerializer(serializer(values.type()))
            .createOrOpen();
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    DB db =
        DBMaker.fileDB(directory.resolve("bench.mapdb").toFile())
            .fileMmapEnable()
            .transactionEnable()
            .make();
    return new MapDbStore<>(db, workload);
  }

  @SuppressWarnings("unchecked") // each serializer is of the class that it is chosen for
  private static Serializer<Object> serializer(Class<?> type) {
    Map<Class<?>, Serializer<?>> serializers =
        Map.of(
            Long.class, Serializer.LONG,
            String.class, Serializer.STRING_ASCII,
            byte[].class, Serializer.BYTE_ARRAY);
    return (Serializer<Object>) Objects.requireNonNull(serializers.get(type));
  }

  @Override
  public synchronized void put(K key, V value) {
    map.put(keys.store().apply(key), values.store().apply(value));
    db.commit();
  }

  @Override
  public @Nullable V get(K key) {
    Object value = map.get(keys.store().apply(key));
    return value == null ? null : values.load().apply(value);
  }

  @Override
  public synchronized void remove(K key) {
    map.remove(keys.store().apply(key));
    db.commit();
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
  public synchronized void transfer(K source, K target, long amount) {
    V from = Transfers.changed(workload, Objects.requireNonNull(get(source)), -amount);
    V to = Transfers.changed(workload, Objects.requireNonNull(get(target)), amount);
    map.put(keys.store().apply(source), values.store().apply(from));
    map.put(keys.store().apply(target), values.store().apply(to));
    db.commit();
  }

  @Override
  public synchronized void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    for (Map.Entry<K, V> entry : entries) {
      map.put(keys.store().apply(entry.getKey()), values.store().apply(entry.getValue()));
    }
    db.commit();
  }

  @Override
  public void close() {
    db.close();
  }
}
