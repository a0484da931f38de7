package dev.cairn.allocator.spi;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;

/**
 * A run's volatile state: which of its blocks can be reserved.
 *
 * <p>A block is free here only if its bit on the medium is clear, durably, and no transaction has
 * reserved it or is about to free it. So a block is in one transaction's hands at a time.
 *
 * <p>Guarded by its own monitor, which is held for a few instructions only, never across a fence.
 */
final class Run {
  final long chunk;
  final SizeClass sizeClass;
  private final long offset;

  /** One bit a block, 1 = free. */
  private final long[] free;

  /** One bit a block, 1 = a transaction is about to free it, or it is in a magazine. */
  private final long[] leaving;

  private int freeCount;

  /** Where the next search begins: before it, no word has a free bit. */
  private int searchFrom;

  /**
   * An arena allocates from it, or a pool offers it: whoever frees a block need not tell anyone.
   */
  private boolean offered;

  /** Its chunks were given back: no longer a run. */
  private boolean dead;

  private Run(long chunk, SizeClass sizeClass) {
    this.chunk = chunk;
    this.sizeClass = sizeClass;
    this.offset = ChunkTable.chunkOffset(chunk);
    this.free = new long[sizeClass.bitmapWords()];
    this.leaving = new long[sizeClass.bitmapWords()];
  }

  /** A run whose blocks are all free. */
  static Run empty(long chunk, SizeClass sizeClass) {
    Run run = new Run(chunk, sizeClass);
    for (int word = 0; word < run.free.length; word++) {
      run.free[word] = sizeClass.wordMask(word);
    }
    run.freeCount = sizeClass.blockCount();
    return run;
  }

  /** A run as its bitmap on the medium says. No transaction may be changing it. */
  static Run load(MediumAccessor accessor, long chunk, SizeClass sizeClass) {
    Run run = new Run(chunk, sizeClass);
    for (int word = 0; word < run.free.length; word++) {
      long at = run.offset + (long) word * Long.BYTES;
      long allocated = accessor.getWord(at);
      long valid = sizeClass.wordMask(word);
      if ((allocated & ~valid) != 0) {
        throw new HeapCorruptedException(
            "run bitmap",
            at,
            "no bit beyond block " + (sizeClass.blockCount() - 1),
            "0x" + Long.toHexString(allocated));
      }
      run.free[word] = ~allocated & valid;
      run.freeCount += Long.bitCount(run.free[word]);
    }
    return run;
  }

  /** Throws if a block is free here and allocated on the medium. */
  synchronized void verify(MediumAccessor accessor) {
    for (int word = 0; word < free.length; word++) {
      long at = offset + (long) word * Long.BYTES;
      long both = accessor.getWord(at) & free[word];
      if (both != 0) {
        throw new HeapCorruptedException(
            "run bitmap",
            at,
            "no bit of a block that is known as free",
            "0x" + Long.toHexString(both));
      }
    }
  }

  /** Reserves a block; returns its offset, or 0 if none is free. */
  synchronized long take() {
    if (freeCount == 0 || dead) {
      return 0;
    }
    int word = searchFrom;
    while (free[word] == 0) {
      word++;
    }
    int bit = Long.numberOfTrailingZeros(free[word]);
    free[word] &= free[word] - 1;
    searchFrom = word;
    freeCount--;
    return blockOffset(word * Long.SIZE + bit);
  }

  /**
   * Lets a block be reserved again.
   *
   * @return whether the run now has free blocks and nobody offers it: the caller must
   */
  synchronized boolean release(long block) {
    int index = blockIndex(block);
    int word = index / Long.SIZE;
    long bit = 1L << index;
    assert (free[word] & bit) == 0 : block;
    free[word] |= bit;
    leaving[word] &= ~bit;
    searchFrom = Math.min(searchFrom, word);
    freeCount++;
    boolean mustOffer = !offered;
    offered = true;
    return mustOffer;
  }

  /** Says that someone offers this run now; false if someone did before, or if there is nothing. */
  synchronized boolean offer() {
    if (offered || dead || freeCount == 0) {
      return false;
    }
    offered = true;
    return true;
  }

  /** Says that nobody offers this run any more, if it has nothing to offer. */
  synchronized boolean retireIfFull() {
    if (freeCount > 0 && !dead) {
      return false;
    }
    offered = false;
    return true;
  }

  /** Takes all blocks at once, if all are free: the run can be given back. */
  synchronized boolean kill() {
    if (dead || freeCount < sizeClass.blockCount()) {
      return false;
    }
    dead = true;
    freeCount = 0;
    return true;
  }

  synchronized int freeCount() {
    return freeCount;
  }

  /**
   * Says that a transaction will free a block.
   *
   * @return false if the block is free, or about to be freed by this or another transaction
   */
  synchronized boolean startFree(long block) {
    int index = blockIndex(block);
    int word = index / Long.SIZE;
    long bit = 1L << index;
    if (dead || ((free[word] | leaving[word]) & bit) != 0) {
      return false;
    }
    leaving[word] |= bit;
    return true;
  }

  /** Says that the transaction that would have freed a block does not. */
  synchronized void keep(long block) {
    int index = blockIndex(block);
    leaving[index / Long.SIZE] &= ~(1L << index);
  }

  /** The word that holds a block's bit. */
  long bitmapWord(long block) {
    return offset + (long) (blockIndex(block) / Long.SIZE) * Long.BYTES;
  }

  long bitmapMask(long block) {
    return 1L << blockIndex(block);
  }

  /** Whether an offset is the first byte of a block of this run. */
  boolean isBlock(long at) {
    return sizeClass.isBlock(at - offset);
  }

  long blockOffset(int index) {
    return offset + sizeClass.blocksOffset() + (long) index * sizeClass.blockSize();
  }

  private int blockIndex(long block) {
    assert isBlock(block) : block;
    return (int) ((block - offset - sizeClass.blocksOffset()) / sizeClass.blockSize());
  }
}
