package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/** H2's MVStore, with a commit and a sync for each change. */
final class MvStoreStore<K, V> extends CommittingStore<K, V> {
  private final MVStore store;

  private MvStoreStore(MVStore store, Workload<K, V> workload) {
    super(map(store, workload), workload);
    this.store = store;
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    MVStore store =
        new MVStore.Builder()
            .fileName(directory.resolve("bench.mv").toString())
            .autoCommitDisabled()
            .open();
    return new MvStoreStore<>(store, workload);
  }

  private static Map<Object, Object> map(MVStore store, Workload<?, ?> workload) {
    return store.openMap(
        "entries",
        new MVMap.Builder<Object, Object>()
            .keyType(dataType(StoredForm.ofKeys(workload).type()))
            .valueType(dataType(StoredForm.ofValues(workload).type())));
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
  Iterable<? extends Map.Entry<Object, Object>> entries(@Nullable Object from) {
    if (from == null) {
      return stored.entrySet();
    }
    Cursor<Object, Object> cursor = ((MVMap<Object, Object>) stored).cursor(from);
    return () ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return cursor.hasNext();
          }

          @Override
          public Map.Entry<Object, Object> next() {
            Object key = cursor.next();
            return Map.entry(key, cursor.getValue());
          }
        };
  }

  @Override
  void commit() {
    store.commit();
    store.sync();
  }

  @Override
  public void close() {
    store.closeImmediately(); // close would compact the file first, for some seconds
  }
}
