package dev.cairn.btt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import dev.cairn.heap.spi.MemoryMedium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A medium for a heap, of the blocks of a {@link BttStore}: for storage that guarantees less than a
 * heap asks for, or whose blocks a crash tears.
 *
 * <p>All of it is held in memory, and read when it is opened. A flush notes which blocks it
 * touches; the fence replaces each of them whole. So a fence costs three fences of the store's
 * medium and a write of each block, however little of it was stored to. It does not grow.
 *
 * <p>What was fenced survives what a write to the store survives. Of the rest, all that a crash can
 * leave is words that were stored to blocks which were fenced for other words, as the contract of
 * {@link Medium} allows.
 */
public final class BttMedium implements Medium {
  /*
   * Threads that fence at the same time share one round: the first one in writes the blocks of all
   * that have handed theirs in by then.
   *
   * I1  A block is copied and written by one thread at a time, under the lock. So a copy never
   *     replaces a newer one, by which another thread's fence had returned.
   * I2  A block is copied after it was handed in, so with all that its thread had stored before its
   *     flush. The copy may hold stores of other threads, word by word: they are durable early.
   * I3  Blocks are written in any order, each whole or not at all. A fence promises no order among
   *     what is not yet fenced, so they need not be written together.
   * I4  Whatever ends a round with an exception leaves it open what is durable: nothing is fenced
   *     any more.
   * Lock order: syncing, then the monitor of pending.
   */
  private static final int BLOCKS_AT_A_TIME = 256;
  private static final int LINE_SIZE = 64;

  private final BttStore store;
  private final int blockSize;
  private final Medium memory;
  private final MemorySegment segment;
  private final @Nullable StoreObserver observer;
  private final ThreadLocal<Blocks> noted = ThreadLocal.withInitial(Blocks::new);
  private final ReentrantLock syncing = new ReentrantLock();
  private final Blocks pending = new Blocks();

  /** The round that collects blocks now. Guarded by the monitor of pending. */
  private long openRound = 1;

  /** The last round that was written. Guarded by syncing. */
  private long doneRound;

  /** Set once, under syncing. */
  private volatile @Nullable HeapFailedException failure;

  private BttMedium(BttStore store, Medium memory) {
    this.store = store;
    this.blockSize = store.blockSize();
    StoreObserver below = store.medium().observer();
    this.observer = below == null ? null : new MemoryObserver(below);
    this.memory = memory;
    this.segment = memory.segment();
  }

  /** Copies all blocks to memory. Pages of zeros take none until they are stored to. */
  private void load() {
    byte[] zeros = new byte[blockSize];
    byte[] content = new byte[blockSize];
    for (long block = 0; block < store.blockCount(); block++) {
      store.read(block, content);
      if (!Arrays.equals(content, zeros)) {
        MemorySegment.copy(content, 0, segment, JAVA_BYTE, block * blockSize, blockSize);
      }
    }
  }

  /** Some blocks, in the order of their flushes. */
  private static final class Blocks {
    private long[] numbers = new long[16];
    private int count;

    private void add(long block) {
      // Most flushes are of the block of the one before.
      if (count > 0 && numbers[count - 1] == block) {
        return;
      }
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * count);
      }
      numbers[count++] = block;
    }

    private void addAll(Blocks other) {
      for (int i = 0; i < other.count; i++) {
        add(other.numbers[i]);
      }
    }

    private long[] take() {
      long[] taken = Arrays.stream(numbers, 0, count).sorted().distinct().toArray();
      count = 0;
      return taken;
    }
  }

  /**
   * Stores to memory are of no interest to who watches the store's medium, but that somebody does
   * is: a heap then does the same at each run.
   */
  private record MemoryObserver(StoreObserver below) implements StoreObserver {
    @Override
    public void stored(long offset, long length) {
      // A crash loses the memory, whatever it holds.
    }

    @Override
    public boolean waiting() {
      return below.waiting();
    }
  }

  /**
   * Reads all blocks of a store.
   *
   * @param store closed with the medium, and not to be written by others; still the caller's if
   *     this throws
   * @return the medium, of as many bytes as the blocks of the store hold
   * @throws IllegalArgumentException if the block size is not a multiple of 64
   * @throws BttReadOnlyException if the store takes no writes
   * @throws BttBlockErrorException if a block is marked as lost
   * @throws dev.cairn.heap.HeapCorruptedException if the map of the table is damaged
   * @throws IOException if there is not as much memory
   */
  public static BttMedium over(BttStore store) throws IOException {
    if (store.blockSize() % LINE_SIZE != 0) {
      throw new IllegalArgumentException(
          "block size %d: expected a multiple of %d".formatted(store.blockSize(), LINE_SIZE));
    }
    if (store.isReadOnly()) {
      throw new BttReadOnlyException(
          "%s: a table that takes no writes: %s".formatted(store.medium().name(), store.damage()));
    }
    long size = store.blockCount() * store.blockSize();
    BttMedium medium = new BttMedium(store, MemoryMedium.anonymous(size, size));
    try {
      medium.load();
      return medium;
    } catch (Throwable e) {
      medium.memory.close();
      throw e;
    }
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void flush(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size());
    checkOpen();
    if (length == 0) {
      return;
    }
    Blocks own = noted.get();
    // Blocks are whole lines, so those of the range are those of its lines.
    for (long block = offset / blockSize; block <= (offset + length - 1) / blockSize; block++) {
      own.add(block);
    }
  }

  @Override
  public void fence() {
    Blocks own = noted.get();
    if (own.count == 0) {
      checkNotFailed();
      return;
    }
    long round;
    synchronized (pending) {
      pending.addAll(own);
      round = openRound;
    }
    own.count = 0;
    syncing.lock();
    try {
      if (doneRound < round) {
        writePending();
      }
      checkNotFailed();
    } finally {
      syncing.unlock();
    }
  }

  private void writePending() {
    long[] blocks;
    synchronized (pending) {
      blocks = pending.take();
      doneRound = openRound++;
    }
    if (failure != null) {
      return;
    }
    checkOpen();
    try {
      for (int i = 0; i < blocks.length; i += BLOCKS_AT_A_TIME) {
        write(Arrays.copyOfRange(blocks, i, Math.min(i + BLOCKS_AT_A_TIME, blocks.length)));
      }
    } catch (Throwable e) {
      failure =
          new HeapFailedException(
              "%s: a fence of %d blocks failed: %s".formatted(name(), blocks.length, e), e);
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  private void write(long[] blocks) {
    byte[][] contents = new byte[blocks.length][blockSize];
    for (int i = 0; i < blocks.length; i++) {
      // From and to multiples of 8 bytes, so word by word: others may store there meanwhile.
      MemorySegment.copy(segment, JAVA_BYTE, blocks[i] * blockSize, contents[i], 0, blockSize);
    }
    store.writeEach(blocks, contents);
  }

  private void checkNotFailed() {
    HeapFailedException first = failure;
    if (first != null) {
      // A new one each time: it is thrown on many threads, and each wants its own trace.
      throw new HeapFailedException(String.valueOf(first.getMessage()), first);
    }
  }

  private void checkOpen() {
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(name() + ": the medium is closed");
    }
  }

  @Override
  public long size() {
    return segment.byteSize();
  }

  @Override
  public long maximumSize() {
    return segment.byteSize();
  }

  /** Does nothing: there are as many blocks as there are. */
  @Override
  public void grow(long newSize) throws IOException {
    if (newSize != size()) {
      throw new IllegalArgumentException(
          "%s: new size 0x%x, expected 0x%x".formatted(name(), newSize, size()));
    }
  }

  @Override
  public Durability durability() {
    Durability below = store.medium().durability();
    return new Durability(
        below.survives(), "blocks of a BTT, each replaced whole; below: " + below.reason());
  }

  @Override
  public String name() {
    return "BTT on " + store.medium().name();
  }

  @Override
  public @Nullable StoreObserver observer() {
    return observer;
  }

  /** Closes the store, too. What was not fenced is lost. */
  @Override
  public void close() {
    syncing.lock();
    try {
      if (segment.scope().isAlive()) {
        memory.close();
        store.close();
      }
    } finally {
      syncing.unlock();
    }
  }
}
