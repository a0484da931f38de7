package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;
import org.mapdb.DB;
import org.mapdb.DBMaker;
import org.mapdb.Serializer;
import org.mapdb.serializer.GroupSerializer;

/** MapDB's hash map, or its tree map, with its write-ahead log and a commit for each change. */
final class MapDbStore<K, V> extends CommittingStore<K, V> {
  private final DB db;

  private MapDbStore(DB db, Workload<K, V> workload) {
    super(map(db, workload), workload);
    this.db = db;
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    DB db =
        DBMaker.fileDB(directory.resolve("bench.mapdb").toFile())
            .fileMmapEnable()
            .transactionEnable()
            .make();
    return new MapDbStore<>(db, workload);
  }

  private static Map<Object, Object> map(DB db, Workload<?, ?> workload) {
    if (workload.isSorted()) {
      return db.treeMap("entries")
          .keySerializer(serializer(StoredForm.ofKeys(workload).type()))
          .valueSerializer(serializer(StoredForm.ofValues(workload).type()))
          .createOrOpen();
    }
    return db.hashMap("entries")
        .keySerializer(serializer(StoredForm.ofKeys(workload).type()))
        .valueSerializer(serializer(StoredForm.ofValues(workload).type()))
        .createOrOpen();
  }

  @SuppressWarnings("unchecked") // each serializer is of the class that it is chosen for
  private static GroupSerializer<Object> serializer(Class<?> type) {
    Map<Class<?>, GroupSerializer<?>> serializers =
        Map.of(
            Long.class, Serializer.LONG,
            String.class, Serializer.STRING_ASCII,
            byte[].class, Serializer.BYTE_ARRAY);
    return (GroupSerializer<Object>) Objects.requireNonNull(serializers.get(type));
  }

  @Override
  Iterable<? extends Map.Entry<Object, Object>> entries(@Nullable Object from) {
    return from == null
        ? stored.entrySet()
        : ((ConcurrentNavigableMap<Object, Object>) stored).tailMap(from).entrySet();
  }

  @Override
  void commit() {
    db.commit();
  }

  @Override
  public void close() {
    db.close();
  }
}
