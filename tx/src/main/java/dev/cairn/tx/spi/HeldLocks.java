package dev.cairn.tx.spi;

import java.util.Arrays;

/** The locks that a transaction holds until it has ended. Reused by one lane. */
final class HeldLocks {
  private VersionedLock[] locks = new VersionedLock[8];
  private int count;

  void add(VersionedLock lock) {
    if (count == locks.length) {
      locks = Arrays.copyOf(locks, 2 * count);
    }
    locks[count++] = lock;
  }

  /** Frees them, the last one first. */
  void unlockAll(ThreadContext owner) {
    for (int i = count - 1; i >= 0; i--) {
      locks[i].unlock(owner);
    }
    abandon();
  }

  /** Forgets them, and leaves them held for ever. */
  void abandon() {
    Arrays.fill(locks, 0, count, null);
    count = 0;
  }
}
