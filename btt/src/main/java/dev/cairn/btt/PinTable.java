package dev.cairn.btt;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How often each block of an arena is pinned. Volatile: a crash unpins all, and nothing is lost by
 * that, since the medium always says which lane owns what is no longer in the map.
 */
final class PinTable {
  /*
   * I1  Who pins adds to the sums before the counts, and takes from the counts before the sums. So a
   *     sum of 0 means that no block which shares it is pinned: what almost every write finds.
   */
  private static final int SUMS = 1024;

  private final AtomicIntegerArray sums = new AtomicIntegerArray(SUMS);

  /** By block. Guarded by itself. */
  private final Map<Integer, Integer> counts = new HashMap<>();

  void add(int block) {
    sums.getAndIncrement(block % SUMS);
    synchronized (counts) {
      counts.merge(block, 1, Integer::sum);
    }
  }

  /** Takes one back. What this thread read from the block, it read before anybody reuses it. */
  void remove(int block) {
    synchronized (counts) {
      counts.computeIfPresent(block, (b, count) -> count == 1 ? null : count - 1);
    }
    sums.getAndDecrement(block % SUMS);
  }

  boolean contains(int block) {
    if (sums.get(block % SUMS) == 0) {
      return false;
    }
    synchronized (counts) {
      return counts.containsKey(block);
    }
  }
}
