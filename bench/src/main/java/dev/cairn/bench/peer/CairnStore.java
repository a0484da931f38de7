package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Type;
import dev.cairn.collections.Types;
import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapOptions;
import dev.cairn.tx.TransactionConflictException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Cairn, with the map that suits the workload. */
public final class CairnStore<K, V> implements Store<K, V> {
  private final Path file;
  private final Workload<K, V> workload;
  private final HeapOptions options;
  private PersistentHeap heap;
  private CairnMap<K, V> map;

  private CairnStore(Path file, Workload<K, V> workload, HeapOptions options) throws IOException {
    this.file = file;
    this.workload = workload;
    this.options = options;
    this.heap = PersistentHeap.openOrCreate(file, options);
    this.map = map();
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    return open(directory, workload, HeapOptions.defaults());
  }

  /** Opens a heap in a way of the caller's. */
  public static <K, V> Store<K, V> open(
      Path directory, Workload<K, V> workload, HeapOptions options) throws IOException {
    return new CairnStore<>(directory.resolve("bench.heap"), workload, options);
  }

  private void openHeap(HeapOptions how) throws IOException {
    heap = PersistentHeap.open(file, how);
    map = map();
  }

  @SuppressWarnings("unchecked") // a map of longs is one of K and V if both are Long
  private CairnMap<K, V> map() {
    if (workload.isSorted()) {
      return CairnMap.of(
          heap.treeMap("entries", type(workload.keyClass()), type(workload.valueClass())));
    }
    if (workload.keyClass() == Long.class && workload.valueClass() == Long.class) {
      return (CairnMap<K, V>) CairnMap.of(heap.longMap("entries"));
    }
    return CairnMap.of(heap.map("entries", type(workload.keyClass()), type(workload.valueClass())));
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
    map.set(key, value);
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
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    visitor.visitAll(map.entries(from));
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

  /**
   * Fills the heap. In the page cache each put would wait for the disk several times; there the
   * heap is filled without, closed, and forced as a whole.
   */
  @Override
  public void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    if (heap.durability().survives() != Durability.Level.OS_CRASH) {
      Store.super.putAll(entries);
      return;
    }
    try {
      heap.close();
      openHeap(options.withPageCacheLevel(Durability.Level.PROCESS_CRASH));
      Store.super.putAll(entries);
      heap.close();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      openHeap(options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    heap.close();
  }
}
