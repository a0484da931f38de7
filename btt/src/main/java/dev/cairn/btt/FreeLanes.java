package dev.cairn.btt;

import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Lends the lanes of an arena to writers, each to one at a time, and only while nobody looks at the
 * lane's free block: a writer does not wait for a reader if any other block is free.
 */
final class FreeLanes {
  /*
   * To take another lane is all there is to exchanging a free block. On the medium each lane keeps
   * its own block and its own notes, as if it had had nothing to do; so there is no state between.
   * A lane may rest for any time: no map entry names its block meanwhile, so its last note never
   * looks unfinished.
   *
   * I1  The look at pins and announcements comes after the map store that freed the block, with a
   *     fence between: see BttArena.
   */

  /** About as long as a copy of a block takes. */
  private static final long SHORT_WAIT_NANOS = 1000;

  private final MediumAccessor medium;
  private final PinTable pins;

  /** Which block each reader copies from. */
  private final AtomicIntegerArray readers;

  private final int count;

  /** The last one given back goes first. Guarded by itself. */
  private final Deque<LaneLog> rested = new ArrayDeque<>();

  FreeLanes(MediumAccessor medium, LaneLog[] lanes, PinTable pins, AtomicIntegerArray readers) {
    this.medium = medium;
    this.pins = pins;
    this.readers = readers;
    this.count = lanes.length;
    for (LaneLog lane : lanes) {
      rested.addLast(lane);
    }
  }

  private enum Answer {
    TAKEN,
    WAIT,
    ALL_PINNED
  }

  /**
   * Takes lanes: one, for which it waits if others have them all, and as many more as rest. So
   * nobody who has a lane waits for one.
   *
   * @param most how many, at least 1
   * @throws BttPinnedException if there is none with others, and all their blocks are pinned
   */
  List<LaneLog> take(int most) {
    List<LaneLog> taken = new ArrayList<>(Math.min(most, count));
    while (true) {
      switch (tryTake(most, taken)) {
        case TAKEN -> {
          return taken;
        }
        case ALL_PINNED ->
            throw new BttPinnedException(
                "all %d free blocks of the arena are pinned: expected at most %d"
                    .formatted(count, count - 1));
        case WAIT -> {
          if (!medium.waiting()) {
            LockSupport.parkNanos(SHORT_WAIT_NANOS);
          }
        }
      }
    }
  }

  private Answer tryTake(int most, List<LaneLog> taken) {
    synchronized (rested) {
      // The map stores that freed the blocks come before the look at who reads them.
      VarHandle.fullFence();
      boolean areAllPinned = rested.size() == count;
      for (Iterator<LaneLog> lanes = rested.iterator(); lanes.hasNext() && taken.size() < most; ) {
        LaneLog lane = lanes.next();
        boolean isPinned = pins.contains(lane.freeBlock());
        areAllPinned &= isPinned;
        if (!isPinned && !isRead(lane.freeBlock())) {
          lanes.remove();
          taken.add(lane);
        }
      }
      if (!taken.isEmpty()) {
        return Answer.TAKEN;
      }
      return areAllPinned ? Answer.ALL_PINNED : Answer.WAIT;
    }
  }

  private boolean isRead(int block) {
    for (int reader = 0; reader < readers.length(); reader++) {
      if (readers.get(reader) == block) {
        return true;
      }
    }
    return false;
  }

  void giveBack(List<LaneLog> lanes) {
    synchronized (rested) {
      lanes.reversed().forEach(rested::addFirst);
    }
  }
}
