package dev.cairn.bench.peer;

import com.intel.pmem.llpl.AnyMemoryBlock;
import com.intel.pmem.llpl.TransactionalHeap;
import dev.cairn.bench.workload.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A plain chained hash map over LLPL's {@link TransactionalHeap}: LLPL itself has no hash map. The
 * table has a bucket for each entry that is expected, so chains are short. An entry is one compact
 * block: the next entry's handle, two lengths, the key, the value. A value of the same length is
 * overwritten in place in a transaction, another one gets a new block. Locks, 256 of them, are
 * volatile: LLPL has none.
 *
 * <p>On tmpfs the library behind it flushes cache lines only if the environment says {@code
 * PMEM_IS_PMEM_FORCE=1}; otherwise it calls {@code msync}.
 */
final class LlplStore<K, V> implements Store<K, V> {
  /** Tells the library to treat tmpfs as persistent memory, as Cairn does by itself. */
  private static final String FORCE = "PMEM_IS_PMEM_FORCE";

  private static final int LOCKS = 256;
  private static final long NEXT = 0;
  private static final long KEY_LENGTH = Long.BYTES;
  private static final long VALUE_LENGTH = KEY_LENGTH + Integer.BYTES;
  private static final int KEY = Long.BYTES + 2 * Integer.BYTES;
  private static final long SMALLEST_HEAP = 64L << 20;

  /** A block has a header of 16 bytes, and comes in sizes of multiples of 64 or so. */
  private static final long BLOCK_OVERHEAD = 96;

  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
  private final TransactionalHeap heap;
  private final AnyMemoryBlock table;
  private final long mask;
  private final Workload<K, V> workload;

  private LlplStore(TransactionalHeap heap, AnyMemoryBlock table, Workload<K, V> workload) {
    this.heap = heap;
    this.table = table;
    this.mask = table.getLong(0) - 1;
    this.workload = workload;
    Arrays.setAll(locks, i -> new ReentrantLock());
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    String path = directory.resolve("bench.pool").toString();
    if (Files.exists(Path.of(path))) {
      TransactionalHeap heap = TransactionalHeap.openHeap(path);
      return new LlplStore<>(heap, heap.compactMemoryBlockFromHandle(heap.getRoot()), workload);
    }
    long buckets = Long.highestOneBit(Math.max(2, entries) * 2 - 1);
    long bytes =
        SMALLEST_HEAP
            + buckets * Long.BYTES
            + entries * (KEY + workload.payloadBytes() + BLOCK_OVERHEAD);
    TransactionalHeap heap = TransactionalHeap.createHeap(path, bytes);
    AnyMemoryBlock table =
        heap.allocateCompactMemoryBlock(
            (buckets + 1) * Long.BYTES,
            range -> {
              range.setMemory((byte) 0, 0, (buckets + 1) * Long.BYTES);
              range.setLong(0, buckets);
            });
    heap.setRoot(table.handle());
    return new LlplStore<>(heap, table, workload);
  }

  /** Says what is missing. */
  static Optional<String> missing() {
    for (String library : List.of("libpmemobj", "libpmempool")) {
      boolean found =
          List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib").stream()
              .anyMatch(folder -> Files.exists(Path.of(folder, library + ".so.1")));
      if (!found) {
        return Optional.of(
            library + ".so.1 is missing: install Debian's " + library + "1 to measure it");
      }
    }
    return "1".equals(System.getenv(FORCE))
        ? Optional.empty()
        : Optional.of(FORCE + "=1 is not set, which ./cairn bench does: it would use msync");
  }

  private long bucket(byte[] key) {
    int hash = Arrays.hashCode(key);
    hash *= 0x9E3779B9;
    return (hash ^ (hash >>> 15)) & mask;
  }

  private static long offset(long bucket) {
    return (bucket + 1) * Long.BYTES;
  }

  private ReentrantLock lock(long bucket) {
    return locks[(int) (bucket & (LOCKS - 1))];
  }

  /** Finds the entry of a key, or null. */
  private @Nullable AnyMemoryBlock find(long bucket, byte[] key) {
    for (long handle = table.getLong(offset(bucket)); handle != 0; ) {
      AnyMemoryBlock entry = heap.compactMemoryBlockFromHandle(handle);
      if (entry.getInt(KEY_LENGTH) == key.length
          && Arrays.equals(bytes(entry, KEY, key.length), key)) {
        return entry;
      }
      handle = entry.getLong(NEXT);
    }
    return null;
  }

  private static byte[] bytes(AnyMemoryBlock entry, int offset, int length) {
    byte[] bytes = new byte[length];
    entry.copyToArray(offset, bytes, 0, length);
    return bytes;
  }

  private V value(AnyMemoryBlock entry) {
    int offset = KEY + entry.getInt(KEY_LENGTH);
    return workload.values().decode(bytes(entry, offset, entry.getInt(VALUE_LENGTH)));
  }

  @Override
  public void put(K key, V value) {
    byte[] keyBytes = workload.keys().encode(key);
    byte[] valueBytes = workload.values().encode(value);
    long bucket = bucket(keyBytes);
    lock(bucket).lock();
    try {
      heap.execute(() -> put(bucket, keyBytes, valueBytes));
    } finally {
      lock(bucket).unlock();
    }
  }

  private void put(long bucket, byte[] key, byte[] value) {
    AnyMemoryBlock entry = find(bucket, key);
    if (entry != null && entry.getInt(VALUE_LENGTH) == value.length) {
      entry.copyFromArray(value, 0, KEY + key.length, value.length);
      return;
    }
    if (entry != null) {
      remove(bucket, entry);
    }
    long next = table.getLong(offset(bucket));
    AnyMemoryBlock added =
        heap.allocateCompactMemoryBlock(
            KEY + key.length + value.length,
            range -> {
              range.setLong(NEXT, next);
              range.setInt(KEY_LENGTH, key.length);
              range.setInt(VALUE_LENGTH, value.length);
              range.copyFromArray(key, 0, KEY, key.length);
              range.copyFromArray(value, 0, KEY + key.length, value.length);
            });
    table.setLong(offset(bucket), added.handle());
  }

  private void remove(long bucket, AnyMemoryBlock entry) {
    long next = entry.getLong(NEXT);
    AnyMemoryBlock link = table;
    long offset = offset(bucket);
    for (long at = table.getLong(offset); at != entry.handle(); at = link.getLong(NEXT)) {
      link = heap.compactMemoryBlockFromHandle(at);
      offset = NEXT;
    }
    link.setLong(offset, next);
    entry.freeMemory();
  }

  @Override
  public @Nullable V get(K key) {
    byte[] keyBytes = workload.keys().encode(key);
    long bucket = bucket(keyBytes);
    lock(bucket).lock();
    try {
      AnyMemoryBlock entry = find(bucket, keyBytes);
      return entry == null ? null : value(entry);
    } finally {
      lock(bucket).unlock();
    }
  }

  @Override
  public void remove(K key) {
    byte[] keyBytes = workload.keys().encode(key);
    long bucket = bucket(keyBytes);
    lock(bucket).lock();
    try {
      heap.execute(() -> remove(bucket, Objects.requireNonNull(find(bucket, keyBytes))));
    } finally {
      lock(bucket).unlock();
    }
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    for (long bucket = 0; bucket <= mask; bucket++) {
      lock(bucket).lock();
      try {
        for (long handle = table.getLong(offset(bucket)); handle != 0; ) {
          AnyMemoryBlock entry = heap.compactMemoryBlockFromHandle(handle);
          byte[] key = bytes(entry, KEY, entry.getInt(KEY_LENGTH));
          if (!visitor.visit(workload.keys().decode(key), value(entry))) {
            return;
          }
          handle = entry.getLong(NEXT);
        }
      } finally {
        lock(bucket).unlock();
      }
    }
  }

  @Override
  public void transfer(K source, K target, long amount) {
    long first = bucket(workload.keys().encode(source)) & (LOCKS - 1);
    long second = bucket(workload.keys().encode(target)) & (LOCKS - 1);
    ReentrantLock outer = lock(Math.min(first, second));
    ReentrantLock inner = lock(Math.max(first, second));
    outer.lock();
    inner.lock();
    try {
      heap.execute(() -> Transfers.getAndPut(this, workload, source, target, amount));
    } finally {
      inner.unlock();
      outer.unlock();
    }
  }

  /** LLPL closes a heap when the process ends, and not before. */
  @Override
  public void close() {}
}
