package dev.cairn.collections;

/**
 * Where the parts of a cell are: of what keeps a single word.
 *
 * <pre>
 *    0  8  header (detail = {check of the offset (24 bits)})
 *    8  8  the word
 *   16  8  mark of publish records
 *   24  -  reserved to 64
 * </pre>
 *
 * All of it is one line, so that a change flushes but that, and a line that was lost has no header.
 * The header says where it lies, so that the line of another cell is not taken for this one.
 */
final class CellLayout {
  static final long WORD = 8;
  static final long MARK = 16;
  static final long CELL_SIZE = 64;

  private CellLayout() {}

  /** The header of the cell of a kind that lies at an offset. */
  static long header(int kind, long offset) {
    return BlockHeader.of(kind, BlockHeader.check(offset));
  }

  /**
   * Names a byte of a cell.
   *
   * @param at bytes from its start
   * @param word what its word is called
   */
  static String field(long at, String word) {
    if (at < WORD) {
      return "header";
    } else if (at < MARK) {
      return word;
    } else if (at < MARK + Long.BYTES) {
      return "mark";
    }
    return at < CELL_SIZE ? "reserved" : "behind its end";
  }
}
