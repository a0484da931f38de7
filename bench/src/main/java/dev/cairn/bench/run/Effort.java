package dev.cairn.bench.run;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much is done to learn a figure. Everything that could take long ends after a time, not after
 * a number of calls: a peer that waits for a disk takes as long as one that does not.
 *
 * @param entries in each store
 * @param forks processes for each peer, place and workload, one after the other
 * @param iterations for throughput, in each process
 * @param fillMillis after which a store is taken as full, with fewer entries
 * @param settleMillis for all operations together, before any is measured with a number of threads;
 *     up to four times as long if they still get faster: compiling those with much code takes long
 * @param warmupMillis for each operation and number of threads
 * @param iterationMillis for each iteration
 * @param latencyMillis for the latencies of each operation; operations that change the number of
 *     entries stop earlier, here as in each iteration, at a fifth of the entries
 * @param threads numbers of threads, one after the other
 * @param openings openings of stores of the main workload after a kill, each in two processes of
 *     its own
 * @param otherOpenings the same for the other workloads
 */
public record Effort(
    long entries,
    int forks,
    int iterations,
    int fillMillis,
    int settleMillis,
    int warmupMillis,
    int iterationMillis,
    int latencyMillis,
    List<Integer> threads,
    int openings,
    int otherOpenings) {

  /** What a full run takes. */
  public static final Effort FULL =
      new Effort(1_000_000, 3, 3, 8000, 1500, 200, 150, 150, List.of(1, 2), 3, 1);

  /** What a quick run takes: every figure is there, and none of them is exact. */
  public static final Effort QUICK =
      new Effort(100_000, 1, 2, 2000, 400, 40, 35, 40, List.of(1, 2), 1, 0);

  /** Until a JVM has started, loaded its classes and ended, with all that is deleted after it. */
  private static final long STARTING_MILLIS = 600;

  /** For an entry of a fill: a mean of all peers, which need from 1 microsecond to 25. */
  private static final long FILLING_NANOS = 4000;

  /** Returns the same with another number of entries, or of processes; null leaves it. */
  public Effort with(@Nullable Long otherEntries, @Nullable Integer otherForks) {
    return new Effort(
        otherEntries == null ? entries : otherEntries,
        otherForks == null ? forks : otherForks,
        iterations,
        fillMillis,
        settleMillis,
        warmupMillis,
        iterationMillis,
        latencyMillis,
        threads,
        openings,
        otherOpenings);
  }

  /** Returns how many entries may be added to those that are always there. */
  public long addedAtMost() {
    return Math.max(1, entries / 5);
  }

  /** Returns for how many entries a store must have room. */
  public long capacity() {
    return entries + addedAtMost() + 1;
  }

  /** Returns how long a process that measures one store will run, more or less. */
  public Duration measuring() {
    int operations = Operation.values().length;
    // Put-new and remove share their warm-up; a scan has no latency.
    long each =
        (operations - 1L) * (warmupMillis + latencyMillis)
            + (long) operations * iterations * iterationMillis;
    return filling().plusMillis(threads.size() * (settleMillis + each));
  }

  /** Returns how long a kill and an opening will take, more or less. */
  public Duration reopening() {
    return filling().plusMillis(2 * STARTING_MILLIS);
  }

  private Duration filling() {
    long millis = entries * FILLING_NANOS / 1_000_000;
    return Duration.ofMillis(STARTING_MILLIS + Math.min(millis, fillMillis));
  }

  /** Returns after which time a process is hopeless. */
  public Duration longest() {
    return measuring().multipliedBy(5).plusSeconds(30);
  }
}
