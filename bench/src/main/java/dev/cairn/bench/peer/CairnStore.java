package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Type;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapOptions;
import dev.cairn.tx.TransactionConflictException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Cairn. Another map for a certain workload would be chosen in {@link #open}. */
public final class CairnStore<K, V> implements Store<K, V> {
  private final PersistentHeap heap;
  private final PersistentHashMap<K, V> map;
  private final Workload<K, V> workload;

  private CairnStore(PersistentHeap heap, PersistentHashMap<K, V> map, Workload<K, V> workload) {
    this.heap = heap;
    this.map = map;
    this.workload = workload;
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    return open(directory, workload, HeapOptions.defaults());
  }

  /** Opens a heap in a way of the caller's. */
  public static <K, V> Store<K, V> open(
      Path directory, Workload<K, V> workload, HeapOptions options) throws IOException {
    PersistentHeap heap = PersistentHeap.openOrCreate(directory.resolve("bench.heap"), options);
    return new CairnStore<>(
        heap,
        heap.map("entries", type(workload.keyClass()), type(workload.valueClass())),
        workload);
  }

  @SuppressWarnings("unchecked") // each type is of the class that it is chosen for
  private static <T> Type<T> type(Class<T> valueClass) {
    if (valueClass.isRecord()) {
      return (Type<T>) Types.record(valueClass.asSubclass(Record.class));
    }
    Map<Class<?>, Type<?>> types =
        Map.of(Long.class, Types.LONG, String.class, Types.STRING, byte[].class, Types.BYTES);
    return (Type<T>) Objects.requireNonNull(types.get(valueClass));
  }

  @Override
  public void put(K key, V value) {
    map.set(key, value); // as the others do, it returns nothing
  }

  @Override
  public @Nullable V get(K key) {
    return map.get(key);
  }

  @Override
  public void remove(K key) {
    map.remove(key);
  }

  @Override
  public void scan(Visitor<K, V> visitor) {
    for (var entry : map.entrySet()) {
      if (!visitor.visit(entry.getKey(), entry.getValue())) {
        return;
      }
    }
  }

  @Override
  public void transfer(K source, K target, long amount) {
    while (true) {
      try {
        heap.transact(() -> Transfers.getAndPut(this, workload, source, target, amount));
        return;
      } catch (TransactionConflictException e) {
        // Two transfers waited for each other; nothing of this one is left. Once more.
      }
    }
  }

  @Override
  public void close() {
    heap.close();
  }
}
