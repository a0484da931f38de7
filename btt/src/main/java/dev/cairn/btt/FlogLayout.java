package dev.cairn.btt;

/**
 * The flog (free list and log) of a lane: four slots of 16 bytes in one line, of which two are
 * used. Each slot is two words, stored one after the other: the logical block with the block it
 * had, then the block it gets with a sequence number. The second word makes the slot count.
 */
final class FlogLayout {
  static final int GROUP_SIZE = 64;
  static final int SLOT_SIZE = 16;
  static final int SLOTS = 4;

  /** Within a slot: the logical block, and above it the old block. */
  static final int BEFORE_OFFSET = 0;

  /** Within a slot: the new block, and above it the sequence number. */
  static final int AFTER_OFFSET = 8;

  private FlogLayout() {}

  /** Packs two 32-bit fields as they lie in little-endian memory. */
  static long word(int first, int second) {
    return Integer.toUnsignedLong(first) | ((long) second << 32);
  }

  static int first(long word) {
    return (int) word;
  }

  static int second(long word) {
    return (int) (word >>> 32);
  }

  /** Returns the sequence number after another one: 1, 2, 3, and 1 again; 0 means never used. */
  static int nextSequence(int sequence) {
    return sequence == 3 ? 1 : sequence + 1;
  }

  /**
   * Chooses the newer of two slots by their sequence numbers.
   *
   * @return 0 or 1, or -1 if no store of ours leads to such numbers
   */
  static int current(int sequence0, int sequence1) {
    boolean inRange = sequence0 >= 0 && sequence0 <= 3 && sequence1 >= 0 && sequence1 <= 3;
    if (!inRange || sequence0 == sequence1) {
      return -1;
    }
    if (sequence0 == 0 || sequence1 == 0) {
      return sequence0 == 0 ? 1 : 0;
    }
    return nextSequence(sequence0) == sequence1 ? 1 : 0;
  }
}
