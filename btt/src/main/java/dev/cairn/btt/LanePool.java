package dev.cairn.btt;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/** Lends lanes, each to one thread at a time; the one given back last goes first. */
final class LanePool {
  private final Semaphore available;
  private final ConcurrentLinkedDeque<Integer> lanes = new ConcurrentLinkedDeque<>();

  LanePool(int count) {
    available = new Semaphore(count);
    for (int lane = 0; lane < count; lane++) {
      lanes.addLast(lane);
    }
  }

  /** Takes a lane, and waits for one if need be. */
  int take() {
    available.acquireUninterruptibly();
    Integer lane = lanes.pollFirst();
    assert lane != null : "fewer lanes than permits";
    return lane;
  }

  void giveBack(int lane) {
    lanes.addFirst(lane);
    available.release();
  }
}
