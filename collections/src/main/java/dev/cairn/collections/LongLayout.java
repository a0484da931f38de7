package dev.cairn.collections;

/**
 * Where the parts of a long are.
 *
 * <pre>
 *    0  8  header (detail = {check of the offset (24 bits)})
 *    8  8  the value
 *   16  8  mark of publish records
 *   24  -  reserved to 64
 * </pre>
 *
 * All of it is one line, so that a change flushes but that, and a line that was lost has no header.
 * The header says where it lies, so that the line of another long is not taken for this one.
 */
final class LongLayout {
  static final long VALUE = 8;
  static final long MARK = 16;
  static final long LONG_SIZE = 64;

  private LongLayout() {}

  /** The header of the long that lies at an offset. */
  static long header(long offset) {
    return BlockHeader.of(BlockHeader.LONG, BlockHeader.check(offset));
  }
}
