package dev.cairn.allocator.spi;

import dev.cairn.heap.spi.HeapLayout;

/**
 * A block size and the geometry of the runs that serve it.
 *
 * <pre>
 *   run:  bitmap, one bit a block, 1 = allocated   from the run's first byte, in words
 *         padding                                  to the next cache line, or one behind it so
 *                                                  that no block begins where a chunk begins
 *         blocks                                   blockCount x blockSize
 * </pre>
 *
 * @param index its place among the size classes, which chunk headers name
 * @param blockSize in bytes, a multiple of 16
 * @param chunks how many chunks a run takes
 * @param blockCount how many blocks a run has
 * @param bitmapWords how many words its bitmap has
 * @param blocksOffset where its first block lies, in bytes from the start of the run
 * @param reciprocal 2^40 / blockSize, rounded up, with which no block is looked for by a division
 */
record SizeClass(
    int index,
    int blockSize,
    int chunks,
    int blockCount,
    int bitmapWords,
    int blocksOffset,
    long reciprocal) {
  private static final int RECIPROCAL_SHIFT = 40;

  SizeClass(
      int index, int blockSize, int chunks, int blockCount, int bitmapWords, int blocksOffset) {
    this(
        index,
        blockSize,
        chunks,
        blockCount,
        bitmapWords,
        blocksOffset,
        (1L << RECIPROCAL_SHIFT) / blockSize + 1);
  }

  static SizeClass of(int index, int blockSize, int chunks) {
    long runSize = chunks * HeapLayout.CHUNK_SIZE;
    for (int count = (int) (runSize / blockSize); ; count--) {
      long room = runSize - (long) count * blockSize;
      for (int at = blocksOffset(count); at <= room; at += HeapLayout.LINE_SIZE) {
        if (!beginsAChunk(at, blockSize, count)) {
          return new SizeClass(index, blockSize, chunks, count, bitmapWords(count), at);
        }
      }
    }
  }

  /** Whether a block would begin where a chunk begins: the allocator would take it for a span. */
  private static boolean beginsAChunk(long blocksOffset, int blockSize, int blockCount) {
    for (int block = 0; block < blockCount; block++) {
      if ((blocksOffset + (long) block * blockSize) % HeapLayout.CHUNK_SIZE == 0) {
        return true;
      }
    }
    return false;
  }

  private static int bitmapWords(int blockCount) {
    return (blockCount + Long.SIZE - 1) / Long.SIZE;
  }

  private static int blocksOffset(int blockCount) {
    int bitmapSize = bitmapWords(blockCount) * Long.BYTES;
    return (bitmapSize + HeapLayout.LINE_SIZE - 1) & -HeapLayout.LINE_SIZE;
  }

  /** Whether a block begins at a distance, in bytes, from the start of a run. */
  boolean isBlock(long inRun) {
    long block = blockOf(inRun);
    return inRun >= blocksOffset && block < blockCount && block * blockSize == inRun - blocksOffset;
  }

  /**
   * The index of the block in which a byte lies, for a distance from {@link #blocksOffset} to the
   * end of the run. Exact: the reciprocal is too large by less than 1, the distance is below 2^20
   * and the block's size below 2^19, so the product is too large by less than one block's share.
   */
  int blockOf(long inRun) {
    return (int) (((inRun - blocksOffset) * reciprocal) >>> RECIPROCAL_SHIFT);
  }

  /** The valid bits of a bitmap word: all, but for the last word's tail. */
  long wordMask(int word) {
    int tail = blockCount - word * Long.SIZE;
    return tail >= Long.SIZE ? -1L : (1L << tail) - 1;
  }
}
