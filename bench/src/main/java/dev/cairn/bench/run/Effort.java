package dev.cairn.bench.run;

import java.util.List;

/**
 * How much is done to learn a figure.
 *
 * @param entries in each store
 * @param forks processes for each peer, place and workload, one after the other
 * @param iterations for throughput, in each process
 * @param settleMillis for all operations together, before any is measured: so that the compiler is
 *     done with those that have much code, too
 * @param warmupMillis for each operation and number of threads
 * @param iterationMillis for each iteration, and twice that for latencies; operations that change
 *     the number of entries stop earlier, at a fifth of the entries
 * @param threads numbers of threads, one after the other
 * @param openings openings after a kill, each in two processes of its own
 * @param reopenAll whether stores of all workloads are killed and reopened, not the main one's
 *     alone
 */
public record Effort(
    long entries,
    int forks,
    int iterations,
    int settleMillis,
    int warmupMillis,
    int iterationMillis,
    List<Integer> threads,
    int openings,
    boolean reopenAll) {

  /** What a full run takes. */
  public static final Effort FULL =
      new Effort(1_000_000, 3, 3, 3000, 500, 300, List.of(1, 2), 3, true);

  /** What a quick run takes: every figure is there, and none of them is exact. */
  public static final Effort QUICK =
      new Effort(100_000, 1, 2, 1000, 60, 50, List.of(1, 2), 1, false);

  /** Returns the same with another number of entries. */
  public Effort withEntries(long number) {
    return new Effort(
        number,
        forks,
        iterations,
        settleMillis,
        warmupMillis,
        iterationMillis,
        threads,
        openings,
        reopenAll);
  }

  /** Returns the same with another number of processes. */
  public Effort withForks(int number) {
    return new Effort(
        entries,
        number,
        iterations,
        settleMillis,
        warmupMillis,
        iterationMillis,
        threads,
        openings,
        reopenAll);
  }

  /** Returns how many entries may be added to those that are always there. */
  public long addedAtMost() {
    return Math.max(1, entries / 5);
  }

  /** Returns for how many entries a store must have room. */
  public long capacity() {
    return entries + addedAtMost() + 1;
  }
}
