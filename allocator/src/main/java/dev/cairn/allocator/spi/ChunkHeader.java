package dev.cairn.allocator.spi;

import dev.cairn.heap.HeapCorruptedException;

/**
 * The one word that says what a chunk is. Zero for a free chunk, and for every chunk of a run or
 * span but its first. One aligned word cannot tear, so a crash leaves the old use or the new one.
 *
 * <pre>
 *   bits  0- 7  type        1 run, 2 span
 *   bits  8-15  size class  of a run; 0 for a span
 *   bits 16-31  chunks      that the run or span takes, at least 1
 *   bits 32-63  guard       a hash of bits 0-31 and the chunk's index
 * </pre>
 */
final class ChunkHeader {
  static final long FREE = 0;
  private static final int RUN = 1;
  private static final int SPAN = 2;
  private static final String STRUCTURE = "chunk header";

  private ChunkHeader() {}

  static long run(SizeClass sizeClass, long chunk) {
    return guarded(RUN | (sizeClass.index() << 8) | (sizeClass.chunks() << 16), chunk);
  }

  static long span(int chunks, long chunk) {
    assert chunks > 0 : chunks;
    assert chunks < ChunkTable.CHUNKS_PER_ZONE : chunks;
    return guarded(SPAN | (chunks << 16), chunk);
  }

  static boolean isRun(long header) {
    return ((int) header & 0xFF) == RUN;
  }

  static boolean isSpan(long header) {
    return ((int) header & 0xFF) == SPAN;
  }

  static int chunks(long header) {
    return (int) header >>> 16;
  }

  static SizeClass sizeClass(long header) {
    return SizeClasses.get(((int) header >>> 8) & 0xFF);
  }

  /** Throws unless a header that is not zero is one that this allocator wrote for this chunk. */
  static void check(long header, long chunk, long offset) {
    if (header != guarded((int) header, chunk)) {
      throw corrupted(header, offset, "a header with its guard");
    }
    if (isRun(header)) {
      int index = ((int) header >>> 8) & 0xFF;
      if (index >= SizeClasses.count() || chunks(header) != SizeClasses.get(index).chunks()) {
        throw corrupted(header, offset, "a size class of 0 to " + (SizeClasses.count() - 1));
      }
    } else if (!isSpan(header) || chunks(header) == 0 || (((int) header >>> 8) & 0xFF) != 0) {
      throw corrupted(header, offset, "a run or a span");
    }
  }

  private static HeapCorruptedException corrupted(long header, long offset, String expected) {
    return new HeapCorruptedException(STRUCTURE, offset, expected, "0x" + Long.toHexString(header));
  }

  private static long guarded(int content, long chunk) {
    long h = ((content & 0xFFFF_FFFFL) ^ (chunk << 32)) * 0x9E3779B97F4A7C15L;
    h = (h ^ (h >>> 29)) * 0xBF58476D1CE4E5B9L;
    return (h & 0xFFFF_FFFF_0000_0000L) | (content & 0xFFFF_FFFFL);
  }
}
