package dev.cairn.bench.run;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * All that a run has found out: what the reports are made of, and what the file of raw results
 * holds.
 *
 * @param entries that each store should have; a row may have fewer, and then says so
 * @param conditions under which it was found, in words: what, and its value
 * @param rows one for each operation that was measured
 * @param files one for each peer, place and workload that keeps files
 * @param fences of Cairn
 * @param jmh what JMH measured
 * @param driver what keys, values and loops cost without a store; part of every row
 * @param missing who was not measured, and why
 */
public record Results(
    long entries,
    Map<String, String> conditions,
    List<Row> rows,
    List<Files> files,
    List<Fences> fences,
    List<Jmh> jmh,
    List<Row> driver,
    List<Missing> missing) {

  /**
   * One operation of one contestant.
   *
   * @param contestant whose
   * @param workload name of the entries
   * @param operation which
   * @param threads how many at once
   * @param entries in the store
   * @param nanos for each operation of all threads together: the median of all iterations
   * @param lowNanos of the fastest iteration
   * @param highNanos of the slowest
   * @param latency the median of the processes, each figure by itself; may be null
   * @param allocatedBytes of the Java heap for each operation
   * @param operations how many were measured
   */
  public record Row(
      Contestant contestant,
      String workload,
      Operation operation,
      int threads,
      long entries,
      double nanos,
      double lowNanos,
      double highNanos,
      Measurement.@Nullable Latency latency,
      double allocatedBytes,
      long operations) {}

  /**
   * What is left after a kill.
   *
   * @param contestant whose
   * @param workload name of the entries
   * @param entries in the store
   * @param bytesPerEntry of storage, after the fill
   * @param reopenMillis from the call of open in a new JVM until a value was there; the median
   * @param openings how many
   */
  public record Files(
      Contestant contestant,
      String workload,
      long entries,
      double bytesPerEntry,
      double reopenMillis,
      int openings) {}

  /**
   * What Cairn asks of the medium.
   *
   * @param workload name of the entries
   * @param count on average
   */
  public record Fences(String workload, FenceCount count) {}

  /**
   * A result of JMH's.
   *
   * @param name of the benchmark, with its parameters
   * @param nanos average time
   * @param errorNanos half of the 99.9 % confidence interval; NaN if there are too few iterations
   * @param allocatedBytes for each operation, by the gc profiler; NaN if it did not run
   */
  public record Jmh(String name, double nanos, double errorNanos, double allocatedBytes) {}

  /**
   * Somebody who was not measured.
   *
   * @param contestant who
   * @param workload name of the entries; empty if it is all of them
   * @param reason for people
   */
  public record Missing(Contestant contestant, String workload, String reason) {}

  /** Finds a row. */
  public Optional<Row> row(
      Contestant contestant, String workload, Operation operation, int threads) {
    return rows.stream()
        .filter(
            row ->
                row.contestant().equals(contestant)
                    && row.workload().equals(workload)
                    && row.operation() == operation
                    && row.threads() == threads)
        .findFirst();
  }

  /** Finds the row that ratios of another one compare with: Cairn's, on the same place. */
  public Optional<Row> reference(Row row) {
    return row(row.contestant().reference(), row.workload(), row.operation(), row.threads());
  }

  /** Returns how many entries a store had, if it had not the time to take all. */
  public OptionalLong fewerEntries(Contestant contestant, String workload) {
    LongStream measured =
        rows.stream()
            .filter(row -> row.contestant().equals(contestant) && row.workload().equals(workload))
            .mapToLong(Row::entries);
    LongStream reopened =
        files.stream()
            .filter(file -> file.contestant().equals(contestant))
            .filter(file -> file.workload().equals(workload))
            .mapToLong(Files::entries);
    return LongStream.concat(measured, reopened).filter(had -> had < entries).min();
  }

  /** Returns who was measured with a workload, in the order of the reports. */
  public List<Contestant> contestants(String workload) {
    return rows.stream()
        .filter(row -> row.workload().equals(workload))
        .map(Row::contestant)
        .distinct()
        .sorted(Contestant.ORDER)
        .toList();
  }

  /** Returns the workloads that were measured. */
  public List<String> workloads() {
    return rows.stream().map(Row::workload).distinct().toList();
  }
}
