package dev.cairn.tx.spi;

/**
 * The undo log's records. A record is valid if its checksum is right for the lane, the lane's
 * generation, the heap's era, and its place in the sequence: nothing else says where the log ends.
 *
 * <pre>
 *    0   8  checksum     over lane, generation, era, the next word and all entries
 *    8   4  length       of the record in bytes, a multiple of 8
 *   12   4  sequence     0 for the first record of a generation, then 1, 2, ...
 *   16   -  entries      each two words {kind (8 bits) | offset (56 bits), operand}, then data
 * </pre>
 */
final class LogFormat {
  static final int CHECKSUM = 0;
  static final int LENGTH_AND_SEQUENCE = 8;
  static final int HEADER_SIZE = 16;
  static final int ENTRY_SIZE = 16;

  /** What a record that only leads on to the next extent takes. */
  static final int LINK_RECORD_SIZE = HEADER_SIZE + ENTRY_SIZE;

  /** An aligned word; the operand is its old value. */
  static final int WORD = 1;

  /** Bits that the transaction sets; the operand is the mask. Undone by clearing them. */
  static final int SET = 2;

  /** Bits that the transaction clears; the operand is the mask. Undone by setting them. */
  static final int CLEAR = 3;

  /** A range of whole words; the operand is its length in bytes, and its old bytes follow. */
  static final int RANGE = 4;

  /** The log goes on elsewhere: offset and, as operand, length of the next extent. */
  static final int LINK = 5;

  private static final int KIND_SHIFT = 56;
  private static final long OFFSET_MASK = (1L << KIND_SHIFT) - 1;
  static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private LogFormat() {}

  static long entry(int kind, long offset) {
    assert (offset & ~OFFSET_MASK) == 0 : offset;
    return ((long) kind << KIND_SHIFT) | offset;
  }

  static int kind(long entry) {
    return (int) (entry >>> KIND_SHIFT);
  }

  static long offset(long entry) {
    return entry & OFFSET_MASK;
  }

  static long lengthAndSequence(long length, int sequence) {
    return ((long) sequence << 32) | length;
  }

  /** Where a record's checksum starts: those of another lane, generation or era do not match. */
  static long seed(int lane, long generation, long era) {
    return mix(mix(mix(MULTIPLIER, lane), generation), era);
  }

  /**
   * Adds a word to a checksum. A bijection of either argument while the other is fixed, so that a
   * single wrong word is always noticed, and several with all but a chance of 2^-64.
   */
  static long mix(long hash, long word) {
    long h = (hash ^ word) * MULTIPLIER;
    return h ^ (h >>> 32);
  }
}
