package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFailedException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An ordinary file, mapped through the kernel's page cache. A flush notes what it was asked for;
 * the fence has the kernel write it.
 */
final class PageCacheMedium extends MappedMedium {
  /*
   * One msync costs a commit of the file system's journal and a flush of the drive, whatever the
   * length, and walks over clean pages for nothing. So a thread notes one range, from the first
   * page to the last, and threads that fence at the same time share one msync: the first one in
   * syncs for all that have handed in their range by then.
   *
   * I1  A round is synced once. A thread returns when the round it handed its range to is done.
   * I2  An error is reported once by the kernel, to whichever msync comes first. Under the lock that
   *     one marks the medium as failed before any other thread can believe that all is well.
   * Lock order: syncing, then the monitor of pending.
   */
  private static final long PAGE_SIZE = 4096;

  private final long address;
  private final boolean syncs;
  private final ThreadLocal<Range> noted = ThreadLocal.withInitial(Range::new);
  private final ReentrantLock syncing = new ReentrantLock();
  private final Range pending = new Range();

  /** The round that collects ranges now. Guarded by the monitor of pending. */
  private long openRound = 1;

  /** The last round that was synced. Guarded by syncing. */
  private long doneRound;

  /** Set once, under syncing. */
  private volatile @Nullable HeapFailedException failure;

  private PageCacheMedium(Mapping mapping, long size, Durability durability) {
    super(mapping, size, durability);
    this.address = mapping.segment().address();
    this.syncs = durability.survives() == Durability.Level.OS_CRASH;
  }

  /** Pages from a first to an end, as offsets; empty if they are equal. */
  private static final class Range {
    private long first;
    private long end;

    private void add(long otherFirst, long otherEnd) {
      first = isEmpty() ? otherFirst : Math.min(first, otherFirst);
      end = Math.max(end, otherEnd);
    }

    private boolean isEmpty() {
      return end == 0;
    }

    private void clear() {
      first = 0;
      end = 0;
    }
  }

  /**
   * Makes a medium of a mapped file.
   *
   * @param level what the user asked for
   * @param inMemory whether the file system has no storage of its own
   */
  static PageCacheMedium of(Mapping mapping, long size, Durability.Level level, boolean inMemory) {
    Durability durability;
    if (inMemory) {
      durability =
          new Durability(
              Durability.Level.PROCESS_CRASH,
              "page cache of a file system in memory: there is no storage to write to");
    } else if (level == Durability.Level.OS_CRASH) {
      durability =
          new Durability(
              level,
              "page cache, written to the drive by msync at each fence; "
                  + "a power failure may take what the drive only caches");
    } else {
      durability =
          new Durability(
              level, "page cache, never synced: a crash of the system may damage the heap");
    }
    return new PageCacheMedium(mapping, size, durability);
  }

  @Override
  public void flush(long offset, long length) {
    checkRange(offset, length);
    if (syncs && length > 0) {
      noted.get().add(offset & -PAGE_SIZE, (offset + length + PAGE_SIZE - 1) & -PAGE_SIZE);
    }
  }

  @Override
  public void fence() {
    if (!syncs) {
      return;
    }
    Range own = noted.get();
    if (own.isEmpty()) {
      checkNotFailed();
      return;
    }
    long round;
    synchronized (pending) {
      pending.add(own.first, own.end);
      round = openRound;
    }
    own.clear();
    syncing.lock();
    try {
      if (doneRound < round) {
        syncPending();
      }
      checkNotFailed();
    } finally {
      syncing.unlock();
    }
  }

  private void syncPending() {
    long first;
    long end;
    synchronized (pending) {
      first = pending.first;
      end = pending.end;
      pending.clear();
      doneRound = openRound++;
    }
    if (failure != null) {
      return;
    }
    if (!segment().scope().isAlive()) {
      throw new IllegalStateException(name() + ": the medium is closed");
    }
    try {
      SystemCalls.syncMapped(address + first, end - first);
    } catch (SystemCallException e) {
      failure =
          new HeapFailedException(
              "%s: write-back of offset 0x%x to 0x%x failed: %s"
                  .formatted(name(), first, end, e.getMessage()),
              e);
    }
  }

  private void checkNotFailed() {
    HeapFailedException first = failure;
    if (first != null) {
      // A new one each time: it is thrown on many threads, and each wants its own trace.
      throw new HeapFailedException(String.valueOf(first.getMessage()), first);
    }
  }

  @Override
  public void close() {
    syncing.lock();
    try {
      super.close();
    } finally {
      syncing.unlock();
    }
  }
}
