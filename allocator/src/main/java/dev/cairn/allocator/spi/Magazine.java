package dev.cairn.allocator.spi;

/**
 * The blocks of one size that an arena's threads released last. They are handed out again first,
 * newest first: their lines are most likely still in the CPU's cache, where a block that was free
 * for long costs a memory access for each line.
 *
 * <p>To its run, a block in here is taken and on its way to be freed: freeing it once more is
 * refused. The idea is that of Bonwick and Adams, "Magazines and Vmem" (USENIX 2001).
 */
final class Magazine {
  private static final int CAPACITY = 16;

  private final long[] blocks = new long[CAPACITY];
  private int size;

  /** Takes the newest block; 0 if there is none. */
  synchronized long take() {
    return size == 0 ? 0 : blocks[--size];
  }

  /** Adds a block; false if there is no room. */
  synchronized boolean offer(long block) {
    if (size == CAPACITY) {
      return false;
    }
    blocks[size++] = block;
    return true;
  }
}
