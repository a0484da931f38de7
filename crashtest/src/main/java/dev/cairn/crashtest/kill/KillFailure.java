package dev.cairn.crashtest.kill;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ended a run before its time: the check refused what a kill left, or the program did not live
 * until it was killed, or did not come to the moment of its kill in time.
 *
 * @param round counts the kills from 0
 * @param moment of the kill
 * @param what went wrong
 * @param cause what the check threw; null if it is the program that failed
 * @param output the last lines of what the program wrote, standard error after standard output
 */
public record KillFailure(
    int round, KillMoment moment, String what, @Nullable Throwable cause, List<String> output) {
  /** Copies the lines. */
  public KillFailure {
    output = List.copyOf(output);
  }

  /** Tells everything but the stack trace of the cause. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("kill %d, %s: %s".formatted(round + 1, moment, what));
    for (String line : output) {
      text.append(System.lineSeparator()).append("  | ").append(line);
    }
    return text.toString();
  }
}
