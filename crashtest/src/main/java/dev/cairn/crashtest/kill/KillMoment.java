package dev.cairn.crashtest.kill;

import java.time.Duration;
import java.util.regex.Pattern;

/** When to kill a program. A {@link KillPlan} draws one for each round. */
public sealed interface KillMoment {

  /**
   * So long after the start of its JVM, whatever it does then.
   *
   * @param delay from the start
   */
  record AfterStart(Duration delay) implements KillMoment {
    /** Says it for people. */
    @Override
    public String toString() {
      return millis(delay) + " after the start";
    }
  }

  /**
   * After a line on its standard output.
   *
   * @param line found in the line, somewhere
   * @param delay from when the line was read
   */
  record AfterLine(Pattern line, Duration delay) implements KillMoment {
    /** Says it for people. */
    @Override
    public String toString() {
      return "%s after \"%s\"".formatted(millis(delay), line);
    }
  }

  /**
   * At a place in the work on a heap that was opened with {@link KillPoint#arm}. No thread of the
   * program gets further than to its next flush, fence or growth.
   *
   * @param place at which event of the medium
   * @param count which of them, from 1, counted over all threads and heaps since the JVM started
   */
  record AtEvent(Place place, long count) implements KillMoment {
    /** Checks the count. */
    public AtEvent {
      if (count < 1) {
        throw new IllegalArgumentException("count %d: expected at least 1".formatted(count));
      }
    }

    /** Says it for people. */
    @Override
    public String toString() {
      return place.words + ' ' + count;
    }
  }

  /** A side of an event. */
  enum Place {
    /** Stores were made and flushed; the fence has not begun. */
    BEFORE_FENCE("before fence"),
    /** The fence has returned; whoever waits for it has not gone on. */
    AFTER_FENCE("after fence"),
    /** Stores were made; the flush has not begun. */
    BEFORE_FLUSH("before flush");

    private final String words;

    Place(String words) {
      this.words = words;
    }

    /**
     * Says it for people.
     *
     * @return such as {@code before fence}
     */
    public String words() {
      return words;
    }
  }

  private static String millis(Duration delay) {
    return "%.1f ms".formatted(delay.toNanos() / 1e6);
  }
}
