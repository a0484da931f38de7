package dev.cairn.btt;

import static dev.cairn.btt.InfoLayout.ALIGNMENT;
import static dev.cairn.btt.InfoLayout.INFO_SIZE;

/**
 * Where the areas of an arena lie, in bytes from its first one: info block, data blocks, map, flog,
 * backup of the info block.
 *
 * @param externalBlockSize what users see, in bytes
 * @param externalBlocks how many blocks users see, which is also the number of map entries
 * @param internalBlockSize the distance of two blocks on the medium
 * @param internalBlocks how many blocks there are, free ones included
 * @param freeBlocks blocks that are never in the map, one for each lane
 * @param nextOffset the next arena, or 0 if this is the last one
 * @param dataOffset of block 0
 * @param mapOffset of the first map entry
 * @param flogOffset of the first lane's flog
 * @param backupOffset of the second info block, which ends the arena
 */
record ArenaGeometry(
    int externalBlockSize,
    int externalBlocks,
    int internalBlockSize,
    int internalBlocks,
    int freeBlocks,
    long nextOffset,
    long dataOffset,
    long mapOffset,
    long flogOffset,
    long backupOffset) {

  /** Block numbers have 30 bits. */
  static final int MOST_BLOCKS = 1 << 30;

  /**
   * Lays an arena out.
   *
   * @param arenaSize a multiple of 4096
   * @param hasNext whether another arena follows
   * @throws IllegalArgumentException if the arena cannot hold twice as many blocks as are kept
   *     free, or would hold more than 2^30
   */
  static ArenaGeometry of(
      BttFlavour flavour, long arenaSize, int blockSize, int freeBlocks, boolean hasNext) {
    assert arenaSize % ALIGNMENT == 0 : arenaSize;
    long internalBlockSize = flavour.internalBlockSize(blockSize);
    long flogSize = aligned((long) freeBlocks * FlogLayout.GROUP_SIZE);
    long available = arenaSize - 2L * INFO_SIZE - flogSize;
    // The map is rounded up to whole pages: one page is set aside for that.
    long internalBlocks = Math.floorDiv(available - ALIGNMENT, internalBlockSize + MapEntry.SIZE);
    if (internalBlocks < 2L * freeBlocks || internalBlocks >= MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "arena of %,d bytes has room for %,d blocks of %,d: expected %,d (twice the free ones) to %,d"
              .formatted(
                  arenaSize,
                  Math.max(0, internalBlocks),
                  internalBlockSize,
                  2L * freeBlocks,
                  MOST_BLOCKS - 1));
    }
    long externalBlocks = internalBlocks - freeBlocks;
    long backupOffset = arenaSize - INFO_SIZE;
    long flogOffset = backupOffset - flogSize;
    return new ArenaGeometry(
        blockSize,
        (int) externalBlocks,
        Math.toIntExact(internalBlockSize),
        (int) internalBlocks,
        freeBlocks,
        hasNext ? arenaSize : 0,
        INFO_SIZE,
        flogOffset - aligned(externalBlocks * MapEntry.SIZE),
        flogOffset,
        backupOffset);
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Returns the size of the arena. */
  long size() {
    return backupOffset + INFO_SIZE;
  }

  /** Returns where a block begins. */
  long blockOffset(int block) {
    return dataOffset + (long) block * internalBlockSize;
  }

  /** Returns where a map entry lies. */
  long entryOffset(int index) {
    return mapOffset + (long) index * MapEntry.SIZE;
  }

  /** Returns where the flog of a lane begins. */
  long groupOffset(int lane) {
    return flogOffset + (long) lane * FlogLayout.GROUP_SIZE;
  }

  /** Says what contradicts itself in numbers from a medium; empty if nothing does. */
  String contradiction() {
    if (externalBlockSize < 1 || internalBlockSize < externalBlockSize) {
      return "block size %d, internally %d".formatted(externalBlockSize, internalBlockSize);
    }
    if (externalBlocks < 1
        || freeBlocks < 1
        || internalBlocks >= MOST_BLOCKS
        || internalBlocks < 1
        || internalBlocks != (long) externalBlocks + freeBlocks) {
      return "%d blocks, internally %d, of which free %d"
          .formatted(externalBlocks, internalBlocks, freeBlocks);
    }
    if (!isArea(INFO_SIZE, dataOffset, 0)
        || !isArea(dataOffset, mapOffset, (long) internalBlocks * internalBlockSize)
        || !isArea(mapOffset, flogOffset, (long) externalBlocks * MapEntry.SIZE)
        || !isArea(flogOffset, backupOffset, (long) freeBlocks * FlogLayout.GROUP_SIZE)) {
      return "data at 0x%x, map at 0x%x, flog at 0x%x, backup at 0x%x"
          .formatted(dataOffset, mapOffset, flogOffset, backupOffset);
    }
    if (nextOffset != 0 && nextOffset != size()) {
      return "next arena at 0x%x, end of this one at 0x%x".formatted(nextOffset, size());
    }
    return "";
  }

  private static boolean isArea(long start, long end, long used) {
    return start >= INFO_SIZE
        && end >= start
        && end <= Long.MAX_VALUE - INFO_SIZE
        && end % ALIGNMENT == 0
        && used <= end - start;
  }
}
