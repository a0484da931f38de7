package dev.cairn.btt;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * Lends the numbers under which readers announce what they copy, each to one thread at a time; the
 * one given back last goes first.
 */
final class ReaderPool {
  private final Semaphore available;
  private final ConcurrentLinkedDeque<Integer> numbers = new ConcurrentLinkedDeque<>();

  ReaderPool(int count) {
    available = new Semaphore(count);
    for (int number = 0; number < count; number++) {
      numbers.addLast(number);
    }
  }

  /** Takes a number, and waits for one if need be. */
  int take() {
    available.acquireUninterruptibly();
    Integer number = numbers.pollFirst();
    assert number != null : "fewer numbers than permits";
    return number;
  }

  void giveBack(int number) {
    numbers.addFirst(number);
    available.release();
  }
}
