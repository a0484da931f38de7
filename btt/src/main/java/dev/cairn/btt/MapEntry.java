package dev.cairn.btt;

/**
 * Entries of the map: 30 bits of block number, and two flags.
 *
 * <p>Beware: the table in the kernel's {@code btt.rst} names the flags the other way round; every
 * implementation has them as here.
 */
final class MapEntry {
  static final int SIZE = Integer.BYTES;
  static final int ZERO = 0x8000_0000;
  static final int ERROR = 0x4000_0000;

  /** Both flags: the block holds data. */
  static final int NORMAL = ZERO | ERROR;

  private static final int BLOCK_MASK = ~NORMAL;

  private MapEntry() {}

  /** Says whether the entry was never written: it owns the block of its own number, unread. */
  static boolean isInitial(int entry) {
    return (entry & NORMAL) == 0;
  }

  static boolean isZero(int entry) {
    return (entry & NORMAL) == ZERO;
  }

  static boolean isError(int entry) {
    return (entry & NORMAL) == ERROR;
  }

  /** Returns the block number of any entry, in map or flog, without flags. */
  static int block(int entry) {
    return entry & BLOCK_MASK;
  }

  /** Returns the block that an entry keeps from being used by others. */
  static int ownedBlock(int entry, int index) {
    return isInitial(entry) ? index : block(entry);
  }
}
