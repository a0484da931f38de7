package dev.cairn.bench.report;

import dev.cairn.bench.peer.Place;
import dev.cairn.bench.run.Contestant;
import dev.cairn.bench.run.Measurement;
import dev.cairn.bench.run.Operation;
import dev.cairn.bench.run.Results;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The plots that show results: one for each operation of a workload. */
final class Plots {
  private final Results results;

  Plots(Results results) {
    this.results = results;
  }

  /** Returns a plot of times, with one thread and with the most. */
  Optional<Plot> times(String workload, Operation operation) {
    int most = results.rows().stream().mapToInt(Results.Row::threads).max().orElse(1);
    return plot(
        operation.title(),
        "time per "
            + (operation == Operation.SCAN ? "entry" : "operation")
            + ":  ● 1 thread"
            + (most > 1 ? "  ○ " + most + " threads together" : ""),
        contestant -> timeLine(contestant, workload, operation, most));
  }

  private Optional<Plot.Line> timeLine(
      Contestant contestant, String workload, Operation operation, int most) {
    return results
        .row(contestant, workload, operation, 1)
        .map(
            row -> {
              List<Plot.Point> points = new ArrayList<>();
              results
                  .row(contestant, workload, operation, most)
                  .filter(other -> most > 1)
                  .ifPresent(other -> points.add(new Plot.Point(other.nanos(), Plot.Mark.HOLLOW)));
              points.add(new Plot.Point(row.nanos(), Plot.Mark.FULL));
              return line(contestant, workload, points, false, TimeFormat.of(row.nanos()));
            });
  }

  /** Returns a plot of latencies, with one thread. */
  Optional<Plot> latencies(String workload, Operation operation) {
    return plot(
        operation.title() + ", latency",
        "one call, 1 thread:  ● median, to p99, to p99.9;  at the right: median, p99.9",
        contestant -> latencyLine(contestant, workload, operation));
  }

  private Optional<Plot.Line> latencyLine(
      Contestant contestant, String workload, Operation operation) {
    return results
        .row(contestant, workload, operation, 1)
        .map(Results.Row::latency)
        .map(
            latency -> {
              String note =
                  TimeFormat.of(latency.p50Nanos()) + ", " + TimeFormat.of(latency.p999Nanos());
              return line(contestant, workload, points(latency), true, note);
            });
  }

  private static List<Plot.Point> points(Measurement.Latency latency) {
    return List.of(
        new Plot.Point(latency.p50Nanos(), Plot.Mark.FULL),
        new Plot.Point(latency.p99Nanos(), Plot.Mark.TICK),
        new Plot.Point(latency.p999Nanos(), Plot.Mark.TICK));
  }

  /** Returns a plot of openings after a kill. */
  Optional<Plot> openings(String workload) {
    return plot(
        "Open after SIGKILL, " + Tables.title(workload),
        "from open to a first get, in a new JVM",
        contestant ->
            results.files().stream()
                .filter(
                    files ->
                        files.contestant().equals(contestant) && files.workload().equals(workload))
                .findFirst()
                .map(
                    files -> {
                      double nanos = files.reopenMillis() * 1e6;
                      return line(
                          contestant,
                          workload,
                          List.of(new Plot.Point(nanos, Plot.Mark.FULL)),
                          false,
                          TimeFormat.of(nanos));
                    }));
  }

  private Plot.Line line(
      Contestant contestant,
      String workload,
      List<Plot.Point> points,
      boolean joined,
      String note) {
    String fewer = Tables.entries(results.fewerEntries(contestant, workload));
    return new Plot.Line(
        contestant.title() + fewer + " · " + contestant.promise().kind().title(),
        Palette.of(contestant.peer()),
        points,
        joined,
        note);
  }

  /** Puts lines under headings of their places. */
  private Optional<Plot> plot(
      String title, String axis, Function<Contestant, Optional<Plot.Line>> line) {
    List<Plot.Line> lines = new ArrayList<>();
    for (Place place : Place.values()) {
      List<Plot.Line> found =
          results.rows().stream()
              .map(Results.Row::contestant)
              .distinct()
              .filter(contestant -> contestant.place() == place)
              .sorted(Comparator.comparing(Contestant::peer))
              .flatMap(contestant -> line.apply(contestant).stream())
              .toList();
      if (!found.isEmpty()) {
        lines.add(Plot.Line.heading("on " + place.title() + ":"));
        lines.addAll(found);
      }
    }
    return lines.isEmpty() ? Optional.empty() : Optional.of(new Plot(title, axis, lines));
  }
}
