package dev.cairn.btt;

import java.util.UUID;

/**
 * How a table is to be formatted. Immutable.
 *
 * @param placement where it begins
 * @param blockSize of the blocks that users see, in bytes; in a pool, what its header says
 * @param freeBlocks how many blocks each arena keeps free, which bounds concurrent writers; tools
 *     expect 256
 * @param uuid of the table
 * @param parent of what it lies in: the namespace; in a pool, what its header says
 * @param largestCommit how many blocks can be written together, all or none; that many blocks and
 *     one more are kept for it, the last ones, which other readers of the table see as blocks like
 *     the others
 */
public record BttOptions(
    BttPlacement placement,
    int blockSize,
    int freeBlocks,
    UUID uuid,
    UUID parent,
    int largestCommit) {
  private static final int USUAL_FREE_BLOCKS = 256;

  /**
   * Checks the numbers.
   *
   * @param placement where it begins
   * @param blockSize in bytes, at least 1
   * @param freeBlocks 1 to 256
   * @param uuid of the table
   * @param parent of what it lies in
   * @param largestCommit 0, or up to a sixteenth of the block size less 3
   */
  public BttOptions {
    if (blockSize < 1) {
      throw new IllegalArgumentException("block size %d: expected at least 1".formatted(blockSize));
    }
    if (freeBlocks < 1 || freeBlocks > USUAL_FREE_BLOCKS) {
      throw new IllegalArgumentException(
          "%d free blocks: expected 1 to %d".formatted(freeBlocks, USUAL_FREE_BLOCKS));
    }
    int most = Math.max(0, IntentBlock.mostBlocks(blockSize));
    if (largestCommit < 0 || largestCommit > most) {
      throw new IllegalArgumentException(
          "commits of %d blocks of %d bytes: expected 0 to %d"
              .formatted(largestCommit, blockSize, most));
    }
  }

  /**
   * Returns the usual options: 256 free blocks, a random UUID, no parent, blocks that are written
   * one by one.
   *
   * @param placement where the table begins
   * @param blockSize in bytes
   * @return the options
   */
  public static BttOptions of(BttPlacement placement, int blockSize) {
    return new BttOptions(
        placement, blockSize, USUAL_FREE_BLOCKS, UUID.randomUUID(), new UUID(0, 0), 0);
  }

  /**
   * Names what the table lies in.
   *
   * @param newParent compared when the table is opened
   * @return the changed options
   */
  public BttOptions withParent(UUID newParent) {
    return new BttOptions(placement, blockSize, freeBlocks, uuid, newParent, largestCommit);
  }

  /**
   * Lets several blocks be written together, all or none.
   *
   * @param blocks how many at most; that many and one more are kept for it
   * @return the changed options
   */
  public BttOptions withLargestCommit(int blocks) {
    return new BttOptions(placement, blockSize, freeBlocks, uuid, parent, blocks);
  }
}
