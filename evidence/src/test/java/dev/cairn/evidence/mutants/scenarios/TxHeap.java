package dev.cairn.evidence.mutants.scenarios;

import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.PersistentMemoryException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.spi.LogSpace;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.Transactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A heap whose zones are nothing but words to change, and extents for long logs. */
final class TxHeap implements LogSpace {
  static final long SIZE = HeapOptions.MINIMUM_SIZE;

  /** Short: a mutant that never frees a lock shall not take long to find. */
  static final HeapOptions OPTIONS = HeapOptions.defaults().withLockTimeout(Duration.ofSeconds(3));

  static final long EXTENTS = HeapLayout.ZONES_OFFSET + (512 << 10);

  final HeapFile file;
  final Transactions transactions;
  final List<Long> released = new ArrayList<>();
  private final List<Long> extents = new ArrayList<>();
  private long next = EXTENTS;
  private int extentsMade;
  boolean failAtRelease;
  private int left = Integer.MAX_VALUE;

  private TxHeap(HeapFile file) {
    this.file = file;
    this.transactions = Transactions.open(file, this);
  }

  static TxHeap create(Medium medium) {
    return new TxHeap(HeapFile.create(medium, OPTIONS));
  }

  static TxHeap open(Medium medium) {
    return new TxHeap(HeapFile.open(medium, OPTIONS));
  }

  /** A word on a line of its own. */
  static long word(int index) {
    return HeapLayout.ZONES_OFFSET + (long) index * HeapLayout.LINE_SIZE;
  }

  long get(int index) {
    return file.accessor().getWord(word(index));
  }

  /** Makes a word durable without a transaction. */
  void preset(int index, long value) {
    file.accessor().putWord(word(index), value);
    file.accessor().persist(word(index), Long.BYTES);
  }

  Transaction current() {
    return Objects.requireNonNull(transactions.current());
  }

  /** Changes words as one snapshot group. */
  static void set(Transaction transaction, long value, int... indexes) {
    for (int index : indexes) {
      transaction.declareWord(word(index));
    }
    transaction.seal();
    for (int index : indexes) {
      transaction.putWord(word(index), value);
    }
  }

  /** Sets words in a transaction of its own. */
  void commit(long value, int... indexes) {
    set(transactions.enter(), value, indexes);
    current().exit();
  }

  /** Ends the running transaction as a failed one. */
  void abort() {
    try {
      throw current().exitFailed(new OnPurpose());
    } catch (OnPurpose expected) {
      // Everything is undone.
    }
  }

  /** What the allocator says with a type of its own. */
  private static final class NoRoomException extends PersistentMemoryException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
      super("no room, on purpose", null);
    }
  }

  private static final class OnPurpose extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Refuses what comes after so many more extents. */
  synchronized void allow(int count) {
    left = count;
  }

  /** What was released since the last call, in that order. */
  synchronized List<Long> takeReleased() {
    List<Long> taken = List.copyOf(released);
    released.clear();
    return taken;
  }

  int extentsMade() {
    return extentsMade;
  }

  int extentsFree() {
    return extents.size();
  }

  /** The last extent that was given back comes first, as from a real allocator. */
  @Override
  public synchronized long reserve(long size) {
    if (left-- <= 0) {
      throw new NoRoomException();
    }
    if (!extents.isEmpty() && size <= 16 << 10) {
      return extents.removeLast();
    }
    long block = next;
    next += size;
    extentsMade++;
    return block;
  }

  @Override
  public synchronized void release(long block) {
    if (block >= EXTENTS) {
      extents.add(block);
    } else if (failAtRelease) {
      throw new IllegalStateException("no release, on purpose");
    } else {
      released.add(block);
    }
  }

  @Override
  public synchronized void keep(long block) {}
}
