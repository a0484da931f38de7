package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;

/**
 * Where a persistent array list keeps what. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   list     header (detail = {width (55 bits) | values inline (1 bit)})
 *            | {check of the size (32 bits) | size (32 bits)} | 25 segment offsets
 *            | mark of publish records | reserved
 *   segment  16 x 2^k elements, for segment k; no header
 *   element  the value itself, if its type has a fixed size; else the offset of its block; see
 *            {@link ValueBlocks}
 * </pre>
 */
final class ListLayout {
  static final long SIZE = 8;
  static final long FIRST_SEGMENT = 16;

  /** The largest segment of words is 2 GiB: the next would not fit into a zone. */
  static final int SEGMENTS = 25;

  static final long MARK = FIRST_SEGMENT + SEGMENTS * Long.BYTES;
  static final long LIST_SIZE = 256;
  static final int FIRST_SEGMENT_ELEMENTS = 16;
  private static final int FIRST_SEGMENT_BITS =
      Integer.numberOfTrailingZeros(FIRST_SEGMENT_ELEMENTS);

  /** How many elements all segments have together. */
  static final int MAX_SIZE = (FIRST_SEGMENT_ELEMENTS << SEGMENTS) - FIRST_SEGMENT_ELEMENTS;

  private ListLayout() {}

  /** The segment in which an element lies. */
  static int segment(int index) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(index + FIRST_SEGMENT_ELEMENTS);
    return bits - 1 - FIRST_SEGMENT_BITS;
  }

  /** How many elements a segment has. */
  static int segmentElements(int segment) {
    return FIRST_SEGMENT_ELEMENTS << segment;
  }

  /** The index of a segment's first element. */
  static int firstIndex(int segment) {
    return segmentElements(segment) - FIRST_SEGMENT_ELEMENTS;
  }

  /** The word of a size: nothing else says how many elements a list has that lie in it. */
  static long sizeWord(long size) {
    return BlockHeader.check(size) << Integer.SIZE | size;
  }

  /**
   * Reads a size from its word.
   *
   * @throws HeapCorruptedException if it is not one
   */
  static int size(long word, long list) {
    long size = claimedSize(word);
    if (size > MAX_SIZE || word != sizeWord(size)) {
      throw new HeapCorruptedException(
          "list",
          list,
          "a size of 0 to %d, with its check".formatted(MAX_SIZE),
          "0x" + Long.toHexString(word));
    }
    return (int) size;
  }

  /** The size that a word names, right or not. */
  static long claimedSize(long word) {
    return word & 0xFFFF_FFFFL;
  }

  static long segmentWord(long list, int segment) {
    return list + FIRST_SEGMENT + (long) segment * Long.BYTES;
  }

  static long header(int fixedSize) {
    long inline = fixedSize == Type.VARIABLE ? 0 : 1;
    return BlockHeader.of(BlockHeader.LIST, ((long) elementWidth(fixedSize) << 1) | inline);
  }

  static long width(long header) {
    return BlockHeader.detail(header) >>> 1;
  }

  static boolean isInline(long header) {
    return (BlockHeader.detail(header) & 1) != 0;
  }

  /** What an element takes in its segment, in bytes: a multiple of 8. */
  static int elementWidth(int fixedSize) {
    return fixedSize == Type.VARIABLE ? Long.BYTES : (fixedSize + 7) & -8;
  }
}
