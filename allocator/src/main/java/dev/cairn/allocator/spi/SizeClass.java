package dev.cairn.allocator.spi;

import dev.cairn.heap.spi.HeapLayout;

/**
 * A block size and the geometry of the runs that serve it.
 *
 * <pre>
 *   run:  bitmap, one bit a block, 1 = allocated   from the run's first byte, in words
 *         padding                                  to the next cache line
 *         blocks                                   blockCount x blockSize
 * </pre>
 *
 * @param index its place among the size classes, which chunk headers name
 * @param blockSize in bytes, a multiple of 16
 * @param chunks how many chunks a run takes
 * @param blockCount how many blocks a run has
 * @param bitmapWords how many words its bitmap has
 * @param blocksOffset where its first block lies, in bytes from the start of the run
 */
record SizeClass(
    int index, int blockSize, int chunks, int blockCount, int bitmapWords, int blocksOffset) {

  static SizeClass of(int index, int blockSize, int chunks) {
    long runSize = chunks * HeapLayout.CHUNK_SIZE;
    int count = (int) (runSize / blockSize);
    while (blocksOffset(count) + (long) count * blockSize > runSize) {
      count--;
    }
    return new SizeClass(index, blockSize, chunks, count, bitmapWords(count), blocksOffset(count));
  }

  private static int bitmapWords(int blockCount) {
    return (blockCount + Long.SIZE - 1) / Long.SIZE;
  }

  private static int blocksOffset(int blockCount) {
    int bitmapSize = bitmapWords(blockCount) * Long.BYTES;
    return (bitmapSize + HeapLayout.LINE_SIZE - 1) & -HeapLayout.LINE_SIZE;
  }

  /** The valid bits of a bitmap word: all, but for the last word's tail. */
  long wordMask(int word) {
    int tail = blockCount - word * Long.SIZE;
    return tail >= Long.SIZE ? -1L : (1L << tail) - 1;
  }
}
