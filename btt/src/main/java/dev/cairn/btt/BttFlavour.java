package dev.cairn.btt;

/**
 * Whose habits the store follows where the format leaves a choice. Both read the same way here;
 * what is written must be what the other reader of the medium expects.
 */
enum BttFlavour {
  /** The kernel's: blocks at multiples of 64 bytes, bare block numbers in the flog. */
  LINUX(64, 1, 0, 0),
  /** PMDK's: blocks at multiples of 256 bytes and at least 512, map flags in the flog. */
  PMDK(256, 512, MapEntry.ZERO, MapEntry.NORMAL);

  private final int blockAlignment;
  private final int smallestBlock;
  private final int virginFlags;
  private final int newFlags;

  BttFlavour(int blockAlignment, int smallestBlock, int virginFlags, int newFlags) {
    this.blockAlignment = blockAlignment;
    this.smallestBlock = smallestBlock;
    this.virginFlags = virginFlags;
    this.newFlags = newFlags;
  }

  /** Returns the distance of two blocks on the medium, for blocks of a size that users see. */
  long internalBlockSize(int blockSize) {
    long size = Math.max(blockSize, smallestBlock);
    return (size + blockAlignment - 1) / blockAlignment * blockAlignment;
  }

  /** Returns how the flog of a lane that never wrote names its free block. */
  int virginFlogEntry(int block) {
    return block | virginFlags;
  }

  /** Returns how the flog names the block that a write fills. */
  int newFlogEntry(int block) {
    return block | newFlags;
  }

  /**
   * Returns how the flog names the block that a write frees.
   *
   * @param entry the map entry that the write replaces
   * @param block the block that the entry owns
   */
  int oldFlogEntry(int entry, int block) {
    if (this == LINUX) {
      return block | (MapEntry.isError(entry) ? MapEntry.ERROR : 0);
    }
    // PMDK's recovery compares with flags: the note must be what the map holds, bit by bit. A map
    // entry in the initial state counts as normal.
    return MapEntry.isInitial(entry) ? block | MapEntry.NORMAL : entry;
  }
}
