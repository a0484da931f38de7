package dev.cairn.tx.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a thread does with heaps: its running transactions, at most one a heap, and the lock it
 * waits for. Owner of locks, so that a cycle of waiting threads is seen across heaps.
 */
final class ThreadContext {
  private static final ThreadLocal<ThreadContext> CURRENT =
      ThreadLocal.withInitial(() -> new ThreadContext(Thread.currentThread()));

  private final Thread thread;
  private Transaction[] running = new Transaction[1];
  private int runningCount;

  /** The lock this thread waits for; read by other threads that look for a cycle. */
  private volatile @Nullable VersionedLock waitingFor;

  /** The lane this thread had last: most likely free, and in this core's cache. */
  int lastLane;

  private ThreadContext(Thread thread) {
    this.thread = thread;
    this.lastLane = (int) thread.threadId();
  }

  static ThreadContext current() {
    return CURRENT.get();
  }

  Thread thread() {
    return thread;
  }

  @Nullable Transaction running(Transactions transactions) {
    for (int i = 0; i < runningCount; i++) {
      if (running[i].belongsTo(transactions)) {
        return running[i];
      }
    }
    return null;
  }

  void started(Transaction transaction) {
    if (runningCount == running.length) {
      running = Arrays.copyOf(running, 2 * runningCount);
    }
    running[runningCount++] = transaction;
  }

  void ended(Transaction transaction) {
    for (int i = 0; i < runningCount; i++) {
      if (running[i] == transaction) {
        running[i] = running[--runningCount];
        Arrays.fill(running, runningCount, runningCount + 1, null); // else a closed heap lives on
        return;
      }
    }
    throw new AssertionError("not running on " + thread);
  }

  @Nullable VersionedLock waitingFor() {
    return waitingFor;
  }

  void waitFor(@Nullable VersionedLock lock) {
    waitingFor = lock;
  }
}
