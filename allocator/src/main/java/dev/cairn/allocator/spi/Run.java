package dev.cairn.allocator.spi;

import dev.cairn.heap.HeapCorruptedException;

/**
 * A run's volatile state: how many of its blocks can be reserved, and who offers them.
 *
 * <p>Which blocks can be, its bitmap on the medium says, together with {@link InFlight}: those
 * whose bit is clear, durably, and that no transaction has reserved or is about to free. So a block
 * is in one transaction's hands at a time. A run that nobody uses has no bitmap in volatile memory.
 *
 * <p>Guarded by the monitor of its {@link InFlight}, which is held for a few instructions only,
 * never across a fence.
 */
final class Run {
  final long chunk;
  final SizeClass sizeClass;
  private final InFlight inFlight;

  /** How many blocks have a clear bit, and are not held. */
  private int freeCount;

  /** Where the next search begins: before it, no word has a free block. */
  private int searchFrom;

  /**
   * An arena allocates from it, or a pool offers it: whoever frees a block need not tell anyone.
   */
  private boolean offered;

  /** Its chunks were given back: no longer a run. */
  private boolean dead;

  private Run(InFlight inFlight, long chunk, SizeClass sizeClass, int freeCount) {
    this.inFlight = inFlight;
    this.chunk = chunk;
    this.sizeClass = sizeClass;
    this.freeCount = freeCount;
  }

  /** A run whose blocks are all free, as its bitmap says. */
  static Run empty(InFlight inFlight, long chunk, SizeClass sizeClass) {
    return new Run(inFlight, chunk, sizeClass, sizeClass.blockCount());
  }

  /** A run as its bitmap on the medium says. No transaction may be changing it. */
  static Run load(InFlight inFlight, long chunk, SizeClass sizeClass) {
    int freeCount = 0;
    for (int word = 0; word < sizeClass.bitmapWords(); word++) {
      long at = wordOffset(chunk, word);
      long allocated = inFlight.accessor().getWord(at);
      long valid = sizeClass.wordMask(word);
      if ((allocated & ~valid) != 0) {
        throw new HeapCorruptedException(
            "run bitmap",
            at,
            "no bit beyond block " + (sizeClass.blockCount() - 1),
            "0x" + Long.toHexString(allocated));
      }
      freeCount += Long.bitCount(~allocated & valid);
    }
    return new Run(inFlight, chunk, sizeClass, freeCount);
  }

  /** Throws if not so many blocks are free on the medium as are here. */
  void verify() {
    synchronized (inFlight) {
      int found = 0;
      for (int word = 0; word < sizeClass.bitmapWords(); word++) {
        found += Long.bitCount(inFlight.free(wordOffset(chunk, word), sizeClass.wordMask(word)));
      }
      if (found != freeCount) {
        throw wrongCount(found);
      }
    }
  }

  private HeapCorruptedException wrongCount(int found) {
    return new HeapCorruptedException(
        "run bitmap",
        wordOffset(chunk, 0),
        "%d blocks that are known as free".formatted(freeCount),
        String.valueOf(found));
  }

  /** Reserves a block; returns its offset, or 0 if none is free. */
  long take() {
    synchronized (inFlight) {
      if (freeCount == 0 || dead) {
        return 0;
      }
      for (int word = searchFrom; word < sizeClass.bitmapWords(); word++) {
        long bit = inFlight.take(wordOffset(chunk, word), sizeClass.wordMask(word));
        if (bit != 0) {
          searchFrom = word;
          freeCount--;
          return blockOffset(word * Long.SIZE + Long.numberOfTrailingZeros(bit));
        }
      }
      // Somebody has set bits behind our back: better said than searched for forever.
      throw wrongCount(0);
    }
  }

  /**
   * Lets a block be reserved again.
   *
   * @return whether the run now has free blocks and nobody offers it: the caller must
   */
  boolean release(long block) {
    synchronized (inFlight) {
      int index = blockIndex(block);
      int word = index / Long.SIZE;
      inFlight.letGo(wordOffset(chunk, word), 1L << index);
      searchFrom = Math.min(searchFrom, word);
      freeCount++;
      boolean mustOffer = !offered;
      offered = true;
      return mustOffer;
    }
  }

  /** Says that someone offers this run now; false if someone did before, or if there is nothing. */
  boolean offer() {
    synchronized (inFlight) {
      if (offered || dead || freeCount == 0) {
        return false;
      }
      offered = true;
      return true;
    }
  }

  /** Says that nobody offers this run any more, if it has nothing to offer. */
  boolean retireIfFull() {
    synchronized (inFlight) {
      if (freeCount > 0 && !dead) {
        return false;
      }
      offered = false;
      return true;
    }
  }

  /** Takes all blocks at once, if all are free, so that none is held: the run can be given back. */
  boolean kill() {
    synchronized (inFlight) {
      if (dead || freeCount < sizeClass.blockCount()) {
        return false;
      }
      dead = true;
      freeCount = 0;
      return true;
    }
  }

  /**
   * Says that a transaction will free a block.
   *
   * @return false if the block is free, or about to be freed by this or another transaction
   */
  boolean startFree(long block) {
    synchronized (inFlight) {
      return !dead && inFlight.leave(bitmapWord(block), bitmapMask(block));
    }
  }

  /** Says that the transaction that would have freed a block does not. */
  void keep(long block) {
    synchronized (inFlight) {
      inFlight.stay(bitmapWord(block), bitmapMask(block));
    }
  }

  /** The word that holds a block's bit. */
  long bitmapWord(long block) {
    return wordOffset(chunk, blockIndex(block) / Long.SIZE);
  }

  long bitmapMask(long block) {
    return 1L << blockIndex(block);
  }

  /** Whether an offset is the first byte of a block of this run. */
  boolean isBlock(long at) {
    return sizeClass.isBlock(at - ChunkTable.chunkOffset(chunk));
  }

  long blockOffset(int index) {
    return ChunkTable.chunkOffset(chunk)
        + sizeClass.blocksOffset()
        + (long) index * sizeClass.blockSize();
  }

  private static long wordOffset(long chunk, int word) {
    return ChunkTable.chunkOffset(chunk) + (long) word * Long.BYTES;
  }

  private int blockIndex(long block) {
    assert isBlock(block) : block;
    return sizeClass.blockOf(block - ChunkTable.chunkOffset(chunk));
  }
}
