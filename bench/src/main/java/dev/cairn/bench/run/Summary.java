package dev.cairn.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Makes one figure of what several processes and iterations found: the median. */
final class Summary {
  private Summary() {}

  static List<Results.Row> rows(Contestant contestant, String workload, List<Measurement> found) {
    List<Results.Row> rows = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      found.stream()
          .filter(measurement -> measurement.operation() == operation)
          .map(Measurement::threads)
          .distinct()
          .forEach(
              threads ->
                  rows.add(
                      row(
                          contestant,
                          workload,
                          found.stream()
                              .filter(m -> m.operation() == operation && m.threads() == threads)
                              .toList())));
    }
    return rows;
  }

  /** Summarizes one operation with one number of threads. */
  private static Results.Row row(Contestant contestant, String workload, List<Measurement> forks) {
    List<Double> nanos =
        forks.stream()
            .flatMap(measurement -> measurement.perSecond().stream())
            .map(perSecond -> 1e9 / perSecond)
            .sorted()
            .toList();
    Measurement first = forks.getFirst();
    return new Results.Row(
        contestant,
        workload,
        first.operation(),
        first.threads(),
        forks.stream().mapToLong(Measurement::entries).min().orElseThrow(),
        median(nanos),
        nanos.getFirst(),
        nanos.getLast(),
        latency(forks),
        median(forks.stream().map(Measurement::allocatedBytes).toList()),
        forks.stream().mapToLong(Measurement::operations).sum());
  }

  private static Measurement.@Nullable Latency latency(List<Measurement> forks) {
    List<Measurement.Latency> latencies =
        forks.stream().map(Measurement::latency).filter(Objects::nonNull).toList();
    if (latencies.isEmpty()) {
      return null;
    }
    return new Measurement.Latency(
        median(latencies, Measurement.Latency::p50Nanos),
        median(latencies, Measurement.Latency::p99Nanos),
        median(latencies, Measurement.Latency::p999Nanos),
        latencies.stream().mapToLong(Measurement.Latency::samples).sum());
  }

  static Optional<Results.Files> files(
      Contestant contestant, String workload, List<Reply> replies) {
    List<Double> bytes =
        replies.stream().map(Reply::bytesPerEntry).filter(Objects::nonNull).toList();
    List<Double> millis =
        replies.stream()
            .map(Reply::openNanos)
            .filter(Objects::nonNull)
            .map(nanos -> nanos / 1e6)
            .toList();
    long entries =
        replies.stream().map(Reply::filled).filter(Objects::nonNull).min(Long::compare).orElse(0L);
    return bytes.isEmpty() || millis.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Results.Files(
                contestant, workload, entries, median(bytes), median(millis), millis.size()));
  }

  private static <T> double median(List<T> values, ToDoubleFunction<T> figure) {
    return median(values.stream().map(figure::applyAsDouble).toList());
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** Returns the figures of one thread in a line, for the terminal. */
  static String line(List<Measurement> found) {
    StringJoiner line = new StringJoiner(", ", "", " ns");
    line.setEmptyValue("no figures");
    for (Measurement measurement : found) {
      if (measurement.threads() == 1) {
        double nanos = 1e9 / median(measurement.perSecond());
        line.add(String.format(Locale.ROOT, "%s %,.0f", measurement.operation().title(), nanos));
      }
    }
    return line.toString();
  }
}
