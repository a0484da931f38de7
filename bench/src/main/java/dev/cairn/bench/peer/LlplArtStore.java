package dev.cairn.bench.peer;

import com.intel.pmem.llpl.AnyMemoryBlock;
import com.intel.pmem.llpl.TransactionalHeap;
import com.intel.pmem.llpl.util.LongART;
import dev.cairn.bench.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * LLPL's radix tree, from keys to the handles of blocks with the values, in transactions of its
 * {@link TransactionalHeap}. A value of the same length is overwritten in place. The lock is held
 * until the transaction has ended; that of LLPL's own {@code ConcurrentLongART} is not.
 */
final class LlplArtStore<K, V> implements Store<K, V> {
  private static final long SMALLEST_HEAP = 256L << 20;

  /** What the tree and the blocks of an entry take beside its bytes, at most. */
  private static final long OVERHEAD = 400;

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final TransactionalHeap heap;
  private final LongART tree;
  private final Workload<K, V> workload;

  private LlplArtStore(TransactionalHeap heap, LongART tree, Workload<K, V> workload) {
    this.heap = heap;
    this.tree = tree;
    this.workload = workload;
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    String path = directory.resolve("bench.pool").toString();
    if (Files.exists(Path.of(path))) {
      TransactionalHeap heap = TransactionalHeap.openHeap(path);
      return new LlplArtStore<>(heap, LongART.fromHandle(heap, heap.getRoot()), workload);
    }
    long bytes = SMALLEST_HEAP + entries * (workload.payloadBytes() + OVERHEAD);
    TransactionalHeap heap = TransactionalHeap.createHeap(path, bytes);
    LongART tree = new LongART(heap);
    heap.setRoot(tree.handle());
    return new LlplArtStore<>(heap, tree, workload);
  }

  private V value(long handle) {
    AnyMemoryBlock block = heap.compactMemoryBlockFromHandle(handle);
    byte[] bytes = new byte[block.getInt(0)];
    block.copyToArray(Integer.BYTES, bytes, 0, bytes.length);
    return workload.values().decode(bytes);
  }

  @Override
  public void put(K key, V value) {
    byte[] keyBytes = workload.keys().encode(key);
    byte[] valueBytes = workload.values().encode(value);
    lock.writeLock().lock();
    try {
      heap.execute(() -> put(keyBytes, valueBytes));
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void put(byte[] key, byte[] value) {
    long handle = tree.get(key);
    if (handle != 0) {
      AnyMemoryBlock block = heap.compactMemoryBlockFromHandle(handle);
      if (block.getInt(0) == value.length) {
        block.copyFromArray(value, 0, Integer.BYTES, value.length);
        return;
      }
      block.freeMemory();
    }
    AnyMemoryBlock added =
        heap.allocateCompactMemoryBlock(
            Integer.BYTES + value.length,
            range -> {
              range.setInt(0, value.length);
              range.copyFromArray(value, 0, Integer.BYTES, value.length);
            });
    tree.put(key, added.handle());
  }

  @Override
  public @Nullable V get(K key) {
    byte[] keyBytes = workload.keys().encode(key);
    lock.readLock().lock();
    try {
      long handle = tree.get(keyBytes);
      return handle == 0 ? null : value(handle);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void remove(K key) {
    byte[] keyBytes = workload.keys().encode(key);
    lock.writeLock().lock();
    try {
      heap.execute(
          () ->
              tree.remove(
                  keyBytes, handle -> heap.compactMemoryBlockFromHandle(handle).freeMemory()));
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    lock.readLock().lock();
    try {
      Iterator<LongART.Entry> entries =
          from == null
              ? tree.getEntryIterator()
              : tree.getTailEntryIterator(workload.keys().encode(from), true);
      while (entries.hasNext()) {
        LongART.Entry entry = entries.next();
        if (!visitor.visit(workload.keys().decode(entry.getKey()), value(entry.getValue()))) {
          return;
        }
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void transfer(K source, K target, long amount) {
    lock.writeLock().lock();
    try {
      heap.execute(() -> Transfers.getAndPut(this, workload, source, target, amount));
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** LLPL closes a heap when the process ends, and not before. */
  @Override
  public void close() {}
}
