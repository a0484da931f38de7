package dev.cairn.examples.index;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * When to kill: moments drawn at random, one from each of as many equal parts of the work, so that
 * they are spread over it. The same seed draws the same moments, as far as a moment can be drawn:
 * it is a file, and a delay that falls somewhere in the work on it or on the next one.
 */
final class KillPlan {

  /**
   * One moment.
   *
   * @param afterFiles how many files have been added
   * @param delay how long to wait then, 0 to 1, in units of what two files take on average
   */
  record Kill(int afterFiles, double delay) {}

  private final Deque<Kill> kills = new ArrayDeque<>();

  KillPlan(long seed, int count, int files) {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) files * i / count);
      int to = (int) ((long) files * (i + 1) / count);
      int afterFiles = from == to ? from : random.nextInt(from, to);
      kills.add(new Kill(afterFiles, random.nextDouble()));
    }
  }

  /** Returns the next kill, or null if there is none left. It stays the next one until taken. */
  @Nullable Kill next() {
    return kills.peek();
  }

  /** Takes the next kill off the plan. */
  void taken() {
    kills.remove();
  }
}
