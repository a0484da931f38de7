package dev.cairn.bench.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one process learned about one operation.
 *
 * @param operation which
 * @param threads how many at once
 * @param entries in the store, but for those that put-new adds
 * @param perSecond operations of all threads, for each iteration
 * @param operations how many were measured in all iterations
 * @param allocatedBytes of the Java heap, for each operation; negative if the JVM does not tell
 * @param latency of single operations; none for scans
 */
public record Measurement(
    Operation operation,
    int threads,
    long entries,
    List<Double> perSecond,
    long operations,
    double allocatedBytes,
    @Nullable Latency latency) {

  /**
   * Times of single calls, each with the time of one reading of the clock in it.
   *
   * @param p50Nanos half of the calls took no longer
   * @param p99Nanos 99 of 100 took no longer
   * @param p999Nanos 999 of 1,000 took no longer
   * @param samples how many calls
   */
  public record Latency(double p50Nanos, double p99Nanos, double p999Nanos, long samples) {}
}
