package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.TransactionConflictException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which lanes are taken. Threads that do not outnumber the lanes each keep their own and share
 * nothing that is written.
 */
final class LaneTable {
  /** One flag a cache line, so that lanes do not share any. */
  private static final int STRIDE = HeapLayout.LINE_SIZE / Integer.BYTES;

  private static final int FREE = 0;
  private static final int TAKEN = 1;
  private static final long SLICE_MILLIS = 5;

  private final HeapFile file;

  /** Then threads begin at the lane of their number, whatever they did in other heaps. */
  private final boolean observed;

  /** Made when a lane is first taken, by the thread that has it. */
  private final @Nullable Transaction[] transactions = new Transaction[HeapLayout.LANE_COUNT];

  private final IntFunction<Transaction> factory;
  private final AtomicIntegerArray flags =
      new AtomicIntegerArray((HeapLayout.LANE_COUNT + 1) * STRIDE);

  private volatile boolean closed;

  /** Whether a thread is inside {@link #close}; guarded by the monitor. */
  private boolean closing;

  /** Threads in {@code wait}; changed under the monitor. */
  private volatile int waiters;

  LaneTable(HeapFile file, IntFunction<Transaction> factory) {
    this.file = file;
    this.observed = file.accessor().isObserved();
    this.factory = factory;
  }

  /** Takes a lane: the thread's last one if it is free, else any, else the first to become free. */
  Transaction acquire(ThreadContext context) {
    int lane = tryAcquire(firstLane(context));
    if (lane < 0) {
      lane = await(context);
    }
    if (closed) {
      flags.set(index(lane), FREE);
      throw new IllegalStateException(file.name() + ": the heap is closed");
    }
    try {
      file.checkUsable();
      Transaction transaction = transactions[lane];
      if (transaction == null) {
        transaction = factory.apply(lane);
        transactions[lane] = transaction;
      }
      context.lastLane = lane;
      return transaction;
    } catch (Throwable t) {
      release(lane);
      throw t;
    }
  }

  void release(Transaction transaction) {
    release(transaction.lane());
  }

  private void release(int lane) {
    // Not volatile, as in VersionedLock: who begins to wait just now looks again by itself.
    flags.setRelease(index(lane), FREE);
    if (waiters > 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  long commits() {
    long sum = 0;
    for (Transaction transaction : transactions) {
      if (transaction != null) {
        sum += transaction.commits();
      }
    }
    return sum;
  }

  /**
   * Takes the lanes that are free and were used before, but for those that a test leaves out.
   *
   * @return what runs in them, for the caller to release
   */
  List<Transaction> takeIdle(Predicate<Transaction> wanted) {
    List<Transaction> taken = new ArrayList<>();
    for (int lane = 0; lane < transactions.length; lane++) {
      if (flags.get(index(lane)) == FREE && flags.compareAndSet(index(lane), FREE, TAKEN)) {
        Transaction transaction = transactions[lane];
        if (transaction != null && wanted.test(transaction)) {
          taken.add(transaction);
        } else {
          release(lane);
        }
      }
    }
    return taken;
  }

  /** Returns all transactions that were ever made; after {@link #close}. */
  List<Transaction> all() {
    List<Transaction> all = new ArrayList<>();
    for (Transaction transaction : transactions) {
      if (transaction != null) {
        all.add(transaction);
      }
    }
    return all;
  }

  /**
   * Takes every lane, so that none runs and none will.
   *
   * @return false if that was done before
   */
  synchronized boolean close() {
    boolean interrupted = false;
    waiters++;
    try {
      while (closing) { // another thread's close: done, or given up, before its deadline
        interrupted |= waitSlice();
      }
      if (closed) {
        return false;
      }
      long deadline = deadline();
      closing = true;
      closed = true;
      for (int lane = 0; lane < transactions.length; ) {
        if (flags.compareAndSet(index(lane), FREE, TAKEN)) {
          lane++;
        } else if (System.nanoTime() - deadline >= 0) {
          reopen(lane);
          throw new IllegalStateException(
              "%s: a transaction is still running after %d ms, the heap stays open"
                  .formatted(file.name(), file.options().lockTimeout().toMillis()));
        } else {
          interrupted |= waitSlice();
        }
      }
      closing = false;
      return true;
    } finally {
      waiters--;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void reopen(int takenLanes) {
    for (int lane = 0; lane < takenLanes; lane++) {
      flags.set(index(lane), FREE);
    }
    closed = false;
    closing = false;
    notifyAll();
  }

  private int firstLane(ThreadContext context) {
    return observed ? file.threadNumber() : context.lastLane;
  }

  private int tryAcquire(int first) {
    for (int i = 0; i < transactions.length; i++) {
      int lane = (first + i) & (transactions.length - 1);
      if (flags.get(index(lane)) == FREE && flags.compareAndSet(index(lane), FREE, TAKEN)) {
        return lane;
      }
    }
    return -1;
  }

  private int await(ThreadContext context) {
    long deadline = deadline();
    boolean interrupted = false;
    try {
      for (int lane = tryAcquire(firstLane(context)); ; lane = tryAcquire(firstLane(context))) {
        if (lane >= 0) {
          return lane;
        }
        if (closed) {
          throw new IllegalStateException(file.name() + ": the heap is closed");
        }
        file.checkUsable();
        if (System.nanoTime() - deadline >= 0) {
          throw new TransactionConflictException(
              "%s: all %d lanes were taken for %d ms"
                  .formatted(
                      file.name(), transactions.length, file.options().lockTimeout().toMillis()));
        }
        if (!file.accessor().waiting()) {
          interrupted |= waitForRelease();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Waits a slice, unless a lane is free already; says whether it was interrupted. Who releases a
   * lane may miss a waiter who comes just then: that one looks again after the slice.
   */
  private synchronized boolean waitForRelease() {
    waiters++;
    try {
      // Who releases a lane sets its flag first, then looks for waiters.
      return !isAnyFree() && waitSlice();
    } finally {
      waiters--;
    }
  }

  private boolean isAnyFree() {
    for (int lane = 0; lane < transactions.length; lane++) {
      if (flags.get(index(lane)) == FREE) {
        return true;
      }
    }
    return false;
  }

  /** Waits for a lane to become free, for a while; says whether it was interrupted. */
  private boolean waitSlice() {
    assert Thread.holdsLock(this);
    try {
      TimeUnit.MILLISECONDS.timedWait(this, SLICE_MILLIS);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private long deadline() {
    return System.nanoTime() + file.options().lockTimeout().toNanos();
  }

  private static int index(int lane) {
    return (lane + 1) * STRIDE;
  }
}
