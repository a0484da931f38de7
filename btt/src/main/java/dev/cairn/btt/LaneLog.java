package dev.cairn.btt;

/** What a lane remembers of its flog. Used by one thread at a time: who holds the lane. */
final class LaneLog {
  private int freeBlock;
  private long nextSlot;
  private long currentSlot;
  private int nextSequence;

  LaneLog(int freeBlock, long nextSlot, long currentSlot, int nextSequence) {
    this.freeBlock = freeBlock;
    this.nextSlot = nextSlot;
    this.currentSlot = currentSlot;
    this.nextSequence = nextSequence;
  }

  /** Returns the block that the lane may fill. */
  int freeBlock() {
    return freeBlock;
  }

  /** Returns where the next note goes, on the medium. */
  long nextSlot() {
    return nextSlot;
  }

  int nextSequence() {
    return nextSequence;
  }

  /** Goes on after a write that freed a block. */
  void advance(int freedBlock) {
    long slot = nextSlot;
    nextSlot = currentSlot;
    currentSlot = slot;
    nextSequence = FlogLayout.nextSequence(nextSequence);
    freeBlock = freedBlock;
  }
}
