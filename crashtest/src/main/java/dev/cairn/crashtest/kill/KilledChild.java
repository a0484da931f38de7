package dev.cairn.crashtest.kill;

import java.time.Duration;
import java.util.List;

/**
 * A program that was killed.
 *
 * @param round counts the kills from 0
 * @param moment at which it was killed
 * @param lived from its start to its end
 * @param lines all that it said on standard output, up to its end; the last line may be cut short
 *     if the program writes lines in pieces
 */
public record KilledChild(int round, KillMoment moment, Duration lived, List<String> lines) {
  /** Copies the lines. */
  public KilledChild {
    lines = List.copyOf(lines);
  }
}
