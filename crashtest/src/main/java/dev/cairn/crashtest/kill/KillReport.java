package dev.cairn.crashtest.kill;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link KillHarness} did.
 *
 * @param seed that the moments were drawn by
 * @param survivals the kills after which the check was content, in order
 * @param failure what ended the run early, or null if nothing did
 */
public record KillReport(long seed, List<Survival> survivals, @Nullable KillFailure failure) {

  /**
   * A kill, and what was found after it.
   *
   * @param moment when it was
   * @param lived how long the program had run
   * @param finding of the check
   */
  public record Survival(KillMoment moment, Duration lived, KillFinding finding) {}

  /** Copies the list. */
  public KillReport {
    survivals = List.copyOf(survivals);
  }

  /**
   * Counts what the killed programs had acknowledged.
   *
   * @return the sum over all kills
   */
  public long acknowledged() {
    return survivals.stream().mapToLong(survival -> survival.finding.acknowledged()).sum();
  }

  /**
   * Returns how long it takes to open what a kill has left.
   *
   * @return the median over all kills; zero if there was none
   */
  public Duration medianReopening() {
    return sortedReopenings().stream().skip(survivals.size() / 2).findFirst().orElse(Duration.ZERO);
  }

  /**
   * Returns how long it took at most to open what a kill has left.
   *
   * @return the maximum over all kills; zero if there was none
   */
  public Duration longestReopening() {
    return sortedReopenings().stream().max(Comparator.naturalOrder()).orElse(Duration.ZERO);
  }

  private List<Duration> sortedReopenings() {
    return survivals.stream().map(survival -> survival.finding.reopening()).sorted().toList();
  }

  /**
   * Throws if anything went wrong: for tests.
   *
   * @return this report
   * @throws AssertionError if there is a failure; its message tells all, with the seed
   */
  public KillReport orThrow() {
    if (failure != null) {
      throw new AssertionError("%s%nseed %d".formatted(failure, seed), failure.cause());
    }
    return this;
  }

  /** Sums up the run in a line, and tells the failure if there is one. */
  @Override
  public String toString() {
    return "%,d kills survived, %,d acknowledged operations, reopening %.1f ms (median) to %.1f ms, seed %d%s"
        .formatted(
            survivals.size(),
            acknowledged(),
            medianReopening().toNanos() / 1e6,
            longestReopening().toNanos() / 1e6,
            seed,
            failure == null ? "" : System.lineSeparator() + "FAILED at " + failure);
  }
}
