package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;

/**
 * A search for the structure that owns a block, over words that may be damaged: it reads so many
 * and no more.
 */
final class BlockSearch {
  private final OpenHeap heap;
  private final long block;
  private final long at;

  /** Words still to be read before it gives up: damage can make a walk endless. */
  private long budget;

  /**
   * Creates a search.
   *
   * @param block where the block begins
   * @param at the byte of it that is to be named
   */
  BlockSearch(OpenHeap heap, long block, long at) {
    this.heap = heap;
    this.block = block;
    this.at = at;
    this.budget = 4 * heap.accessor().size() / Long.BYTES;
  }

  long block() {
    return block;
  }

  long at() {
    return at;
  }

  MediumAccessor accessor() {
    return heap.accessor();
  }

  long blockSize(long other) {
    return heap.allocator().blockSize(other);
  }

  /** Reads a word on the way. */
  long read(long offset) {
    if (--budget < 0) {
      throw new IllegalArgumentException("a walk without end");
    }
    return heap.accessor().getWord(offset);
  }
}
