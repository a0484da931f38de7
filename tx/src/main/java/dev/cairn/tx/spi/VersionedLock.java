package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.TransactionConflictException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock that a transaction holds until its commit is durable, with a version that lets
 * readers do without it: read the version, read the data, {@linkplain #validate check} that the
 * version is the same.
 *
 * <p>The version is odd while the lock is held. A reader that sees it odd waits: so it can never
 * see what is not yet durable.
 *
 * <p>Waiting threads look for a cycle (I wait for the owner of this lock, who waits for ...). The
 * member of the cycle whose thread is the youngest gives up with {@link
 * TransactionConflictException}; all members find the same victim. The heap's lock timeout ends
 * whatever else could last for ever.
 *
 * <p>Safe for use by many threads. Holders are threads, so that a lock is reentrant within a
 * transaction.
 */
public final class VersionedLock {
  /**
   * So often a waiter looks before it sleeps, some 20 to 50 microseconds: many times what a small
   * transaction takes, and less than to be put to sleep and woken.
   */
  private static final int SPINS = 1000;

  private static final long SLICE_MILLIS = 5;

  /** How often who waits for a change looks whether the heap is still there. */
  private static final long LONG_SLICE_MILLIS = 200;

  private static final int LONGEST_CYCLE = 1000;
  private static final VarHandle VERSION;
  private static final VarHandle OWNER;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      VERSION = lookup.findVarHandle(VersionedLock.class, "version", long.class);
      OWNER = lookup.findVarHandle(VersionedLock.class, "owner", ThreadContext.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final HeapFile file;

  /** Orders the publish records of what this lock guards; null if there are none. */
  private final @Nullable StripeMark mark;

  /** Odd: held. */
  private volatile long version;

  private volatile @Nullable ThreadContext owner;

  /** Threads in {@code wait}; changed under the monitor. */
  private volatile int waiters;

  /**
   * Creates a free lock for data that are changed under an undo log only.
   *
   * @param file the heap whose data it guards: its timeout, and its failure, end a wait
   */
  public VersionedLock(HeapFile file) {
    this.file = file;
    this.mark = null;
  }

  /**
   * Creates a free lock for data that transactions may publish.
   *
   * @param file the heap whose data it guards: its timeout, and its failure, end a wait
   * @param mark offset of a word beside the data, zero at first, that belongs to the lock: it says
   *     which publish records are dead. No other lock guards any of the data.
   */
  public VersionedLock(HeapFile file, long mark) {
    this.file = file;
    this.mark = new StripeMark(mark);
  }

  /**
   * Checks the mark of a lock.
   *
   * @param accessor of the heap
   * @param mark where it is
   * @throws dev.cairn.heap.HeapCorruptedException if it makes no sense
   */
  public static void checkMark(MediumAccessor accessor, long mark) {
    StripeMark.read(accessor, mark);
  }

  @Nullable StripeMark mark() {
    return mark;
  }

  boolean isHeldBy(ThreadContext context) {
    return owner == context;
  }

  /**
   * Starts a read without the lock; waits while another thread holds it.
   *
   * @return a stamp for {@link #validate}
   * @throws TransactionConflictException after the heap's lock timeout, or if this thread holds
   *     locks that the holder waits for
   */
  public long awaitOptimisticRead() {
    long v = version;
    while ((v & 1) != 0) {
      if (!spinUntilFree()) {
        await(ThreadContext.current(), false);
      }
      v = version;
    }
    return v;
  }

  /**
   * Starts a read that may be in vain: without waiting, and without a promise.
   *
   * @return a stamp for {@link #isUnchangedSince}
   */
  public long tryOptimisticRead() {
    return version;
  }

  /**
   * Says, to who has just taken the lock, whether nobody had it since a stamp: then what was read
   * since is the state now.
   *
   * @param stamp from {@link #tryOptimisticRead}
   * @return false if somebody had the lock meanwhile, or when the stamp was taken, such as the
   *     calling thread itself
   */
  public boolean isUnchangedSince(long stamp) {
    return (stamp & 1) == 0 && version == stamp + 1;
  }

  /**
   * Says whether what was read since the stamp was taken is a committed state.
   *
   * @param stamp from {@link #awaitOptimisticRead}
   * @return whether nobody has held the lock since
   */
  public boolean validate(long stamp) {
    VarHandle.acquireFence();
    return version == stamp;
  }

  /**
   * Waits until somebody else has had the lock since a stamp: then what it guards may have changed.
   * Holds nothing meanwhile, and must not be called by who holds the lock.
   *
   * @param stamp from {@link #tryOptimisticRead}; odd while somebody has the lock
   * @param nanos for how long at most
   * @return whether somebody has got the lock since, or given it back
   * @throws InterruptedException if the thread is interrupted before or while it waits
   * @throws IllegalStateException if the heap is closed before or meanwhile
   * @throws dev.cairn.heap.HeapFailedException if it fails
   */
  public boolean awaitChange(long stamp, long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    long slice = SLICE_MILLIS; // the first time, who frees the lock may not see who waits
    while (version == stamp) {
      file.checkUsable();
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      if (!file.accessor().waiting()) {
        awaitChangeFor(stamp, Math.min(TimeUnit.NANOSECONDS.toMillis(left) + 1, slice));
      }
      slice = LONG_SLICE_MILLIS;
    }
    return true;
  }

  private synchronized void awaitChangeFor(long stamp, long millis) throws InterruptedException {
    waiters++;
    try {
      if (version == stamp) {
        TimeUnit.MILLISECONDS.timedWait(this, millis);
      }
    } finally {
      waiters--;
    }
  }

  /** Takes the lock for a thread; says whether it did not hold it before. */
  boolean lock(ThreadContext context) {
    if (owner == context) {
      return false;
    }
    if (!tryLock(context) && !spinAndLock(context)) {
      await(context, true);
    }
    return true;
  }

  private boolean spinAndLock(ThreadContext context) {
    for (int i = 0; i < SPINS; i++) {
      if ((version & 1) == 0 && tryLock(context)) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /** Frees the lock. What was changed under it becomes visible to readers. */
  void unlock(ThreadContext context) {
    assert owner == context;
    OWNER.setRelease(this, null);
    // Not volatile: a locked instruction here would wait for the fence before it. So who begins to
    // wait just now may not be seen, and looks again by itself.
    VERSION.setRelease(this, version + 1);
    if (waiters > 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  private boolean tryLock(ThreadContext context) {
    long v = version;
    if ((v & 1) == 0 && VERSION.compareAndSet(this, v, v + 1)) {
      // Or a processor might show a reader new data before the odd version.
      VarHandle.storeStoreFence();
      OWNER.setRelease(this, context);
      return true;
    }
    return false;
  }

  private boolean spinUntilFree() {
    for (int i = 0; i < SPINS; i++) {
      if ((version & 1) == 0) {
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /** Waits until the lock is free, and takes it if asked to. Slow path. */
  private void await(ThreadContext context, boolean take) {
    long deadline = System.nanoTime() + file.options().lockTimeout().toNanos();
    boolean interrupted = false;
    context.waitFor(this);
    try {
      while (take ? !tryLock(context) : (version & 1) != 0) {
        file.checkUsable();
        checkCycle(context);
        if (System.nanoTime() - deadline >= 0) {
          throw new TransactionConflictException(
              "%s: waited %d ms for a lock held by %s"
                  .formatted(
                      file.name(), file.options().lockTimeout().toMillis(), describe(owner)));
        }
        if (!file.accessor().waiting()) {
          interrupted |= waitSlice();
        }
      }
    } finally {
      context.waitFor(null);
      if (interrupted) { // an operation on memory is not interruptible: told to the caller after
        context.thread().interrupt();
      }
    }
  }

  /**
   * Waits for the lock to become free, for a while; says whether it was interrupted. Who frees the
   * lock looks for waiters without a fence in between, and may miss one who comes just then: that
   * one waits for the whole slice, and looks again.
   */
  private synchronized boolean waitSlice() {
    waiters++;
    try {
      // Who frees the lock changes the version first, then looks for waiters.
      if ((version & 1) != 0) {
        TimeUnit.MILLISECONDS.timedWait(this, SLICE_MILLIS);
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    } finally {
      waiters--;
    }
  }

  /** Throws if this thread closes a cycle of waiting threads and is the youngest in it. */
  private void checkCycle(ThreadContext self) {
    ThreadContext youngest = self;
    ThreadContext at = owner;
    for (int i = 0; i < LONGEST_CYCLE && at != null; i++) {
      if (at == self) {
        if (youngest == self) {
          throw new TransactionConflictException(
              "%s: deadlock, %s holds a lock and waits for this thread"
                  .formatted(file.name(), describe(owner)));
        }
        return;
      }
      if (at.thread().threadId() > youngest.thread().threadId()) {
        youngest = at;
      }
      VersionedLock next = at.waitingFor();
      at = next == null ? null : next.owner;
    }
  }

  private static String describe(@Nullable ThreadContext context) {
    return context == null ? "nobody now" : context.thread().toString();
  }
}
