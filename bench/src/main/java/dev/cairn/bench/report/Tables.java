package dev.cairn.bench.report;

import dev.cairn.bench.run.Contestant;
import dev.cairn.bench.run.Measurement;
import dev.cairn.bench.run.Operation;
import dev.cairn.bench.run.Results;
import dev.cairn.bench.workload.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** The tables that show results. */
final class Tables {
  /** For what was not measured. */
  private static final String NONE = "-";

  /** After the time of a transfer that is not one atomic change. */
  private static final String NOT_ATOMIC = " †";

  private static final List<String> WHO = List.of("peer", "on", "after a crash");

  private final Results results;

  Tables(Results results) {
    this.results = results;
  }

  /** Returns the times of a workload, with ratios. */
  Table times(String workload, int threads) {
    String who = threads == 1 ? "1 thread" : threads + " threads together";
    return byOperation(
        title(workload) + ", " + who + ": ns per operation, and how many times Cairn's",
        "Ratios above 1: Cairn is faster. They compare with Cairn on the same place, DRAM with tmpfs. "
            + "Only rows that promise the same after a crash do the same work."
            + (NOT_ATOMIC + ": two changes, not one atomic transfer."),
        workload,
        threads,
        List.of(Operation.values()),
        this::timeAndRatio);
  }

  private String timeAndRatio(Results.Row row) {
    String mark =
        row.operation() == Operation.TRANSFER && !row.contestant().peer().transfersAtomically()
            ? NOT_ATOMIC
            : "";
    return results
        .reference(row)
        .map(reference -> nanos(row.nanos()) + " (" + ratio(row, reference) + ")" + mark)
        .orElse(nanos(row.nanos()) + mark);
  }

  private static String ratio(Results.Row row, Results.Row reference) {
    double ratio = row.nanos() / reference.nanos();
    return format(ratio >= 10 ? "%,.0f×" : ratio >= 0.1 ? "%.1f×" : "%.2f×", ratio);
  }

  /** Returns the latencies of a workload. */
  Table latencies(String workload, int threads) {
    List<Operation> single =
        Arrays.stream(Operation.values()).filter(o -> o != Operation.SCAN).toList();
    return byOperation(
        title(workload)
            + ", "
            + threads
            + (threads == 1 ? " thread" : " threads")
            + ": latency, p50 / p99 / p99.9 (n = ns, µ = µs, m = ms)",
        "Each call timed by itself: one reading of the clock is in each figure.",
        workload,
        threads,
        single,
        Tables::latency);
  }

  private static String latency(Results.Row row) {
    Measurement.Latency latency = row.latency();
    return latency == null
        ? NONE
        : TimeFormat.compact(latency.p50Nanos())
            + " / "
            + TimeFormat.compact(latency.p99Nanos())
            + " / "
            + TimeFormat.compact(latency.p999Nanos());
  }

  /** Returns what each operation leaves for the garbage collector. */
  Table allocation(String workload) {
    return byOperation(
        title(workload) + ", 1 thread: bytes of the Java heap allocated per operation",
        "The key and the value that are put are among them: see the row without a store.",
        workload,
        1,
        List.of(Operation.values()),
        row -> format("%,.0f", row.allocatedBytes()));
  }

  private Table byOperation(
      String title,
      String note,
      String workload,
      int threads,
      List<Operation> operations,
      Function<Results.Row, String> cell) {
    List<String> columns = new ArrayList<>(WHO);
    operations.forEach(operation -> columns.add(operation.title()));
    List<List<String>> rows = new ArrayList<>();
    for (Contestant contestant : results.contestants(workload)) {
      List<String> row = who(contestant);
      row.set(0, name(contestant, workload));
      for (Operation operation : operations) {
        row.add(results.row(contestant, workload, operation, threads).map(cell).orElse(NONE));
      }
      rows.add(row);
    }
    return new Table(title, note, WHO.size(), columns, rows);
  }

  /** Returns the title of a contestant, and how many entries it had if it had fewer than others. */
  private String name(Contestant contestant, String workload) {
    return contestant.title() + entries(results.fewerEntries(contestant, workload));
  }

  /** Says how many entries there were, if there were fewer than there should be. */
  static String entries(OptionalLong fewer) {
    return fewer.isPresent() ? format(" (%,d entries)", fewer.getAsLong()) : "";
  }

  private static List<String> who(Contestant contestant) {
    return new ArrayList<>(
        List.of(
            contestant.title(), contestant.place().title(), contestant.promise().kind().title()));
  }

  /** Returns what is part of each time without being the peer's. */
  Table driver() {
    List<String> columns = new ArrayList<>(List.of("workload", "threads"));
    List<Operation> operations =
        Arrays.stream(Operation.values()).filter(o -> o != Operation.SCAN).toList();
    operations.forEach(operation -> columns.add(operation.title()));
    List<List<String>> rows = new ArrayList<>();
    for (String workload : results.workloads()) {
      for (int threads : results.driver().stream().map(Results.Row::threads).distinct().toList()) {
        List<String> row = new ArrayList<>(List.of(title(workload), String.valueOf(threads)));
        for (Operation operation : operations) {
          row.add(
              driverRow(workload, threads, operation)
                  .map(
                      found ->
                          nanos(found.nanos()) + " ns, " + nanos(found.allocatedBytes()) + " B")
                  .orElse(NONE));
        }
        rows.add(row);
      }
    }
    return new Table(
        "Without a store: time and allocation that are part of every figure",
        "Random numbers, keys, values and loops; stores add theirs.",
        1,
        columns,
        rows);
  }

  private Optional<Results.Row> driverRow(String workload, int threads, Operation operation) {
    return results.driver().stream()
        .filter(
            row ->
                row.workload().equals(workload)
                    && row.threads() == threads
                    && row.operation() == operation)
        .findFirst();
  }

  /** Returns sizes of files, and the time to open them. */
  Table files() {
    List<String> columns = new ArrayList<>(WHO);
    List<String> workloads =
        results.files().stream().map(Results.Files::workload).distinct().toList();
    workloads.forEach(workload -> columns.add("bytes, " + workload));
    workloads.forEach(workload -> columns.add("ms, " + workload));
    List<List<String>> rows = new ArrayList<>();
    for (Contestant contestant :
        results.files().stream()
            .map(Results.Files::contestant)
            .distinct()
            .sorted(Contestant.ORDER)
            .toList()) {
      List<String> row = who(contestant);
      workloads.forEach(w -> row.add(file(contestant, w, f -> format("%,.0f", f.bytesPerEntry()))));
      workloads.forEach(w -> row.add(file(contestant, w, f -> format("%,.1f", f.reopenMillis()))));
      rows.add(row);
    }
    return new Table(
        "After SIGKILL: bytes of storage per entry, and ms from open to a first get in a new JVM",
        "Payload of an entry: "
            + String.join(
                ", ", workloads.stream().map(w -> w + " " + payload(w) + " bytes").toList())
            + ". Fixed costs are in: they weigh less with more entries. LLPL's pool has one size from"
            + " the start. Classes and native code are loaded in the time of opening.",
        WHO.size(),
        columns,
        rows);
  }

  private String file(
      Contestant contestant, String workload, Function<Results.Files, String> figure) {
    return results.files().stream()
        .filter(f -> f.contestant().equals(contestant) && f.workload().equals(workload))
        .findFirst()
        .map(file -> figure.apply(file) + entries(results.fewerEntries(contestant, workload)))
        .orElse(NONE);
  }

  private static int payload(String workload) {
    return Workload.named(workload).payloadBytes();
  }

  /** Returns what Cairn asks of the medium. */
  Table fences() {
    List<List<String>> rows = new ArrayList<>();
    for (Results.Fences fences : results.fences()) {
      rows.add(
          List.of(
              title(fences.workload()),
              fences.count().operation().title(),
              format("%.2f", fences.count().fences()),
              format("%.2f", fences.count().lines())));
    }
    return new Table(
        "Cairn: fences and flushed lines of 64 bytes per operation",
        "Counted in a pass of its own, by a medium in front of the real one.",
        2,
        List.of("workload", "operation", "fences", "lines"),
        rows);
  }

  /** Returns what JMH measured. */
  Table jmh() {
    List<List<String>> rows = new ArrayList<>();
    for (Results.Jmh jmh : results.jmh()) {
      rows.add(
          List.of(
              jmh.name(),
              format("%,.1f", jmh.nanos()),
              Double.isNaN(jmh.errorNanos()) ? NONE : format("± %,.1f", jmh.errorNanos()),
              Double.isNaN(jmh.allocatedBytes()) ? NONE : format("%,.0f", jmh.allocatedBytes())));
    }
    return new Table(
        "By JMH, one thread: the ceiling of the hardware, and a second opinion on the maps",
        "Average ns with the 99.9 % confidence interval; bytes per operation by the gc profiler.",
        1,
        List.of("benchmark", "ns", "error", "bytes allocated"),
        rows);
  }

  /** Returns what each contestant promises. */
  Table promises() {
    List<List<String>> rows = new ArrayList<>();
    results.rows().stream()
        .map(Results.Row::contestant)
        .distinct()
        .sorted(Contestant.ORDER)
        .forEach(
            contestant -> {
              List<String> row = who(contestant);
              row.add(contestant.promise().words());
              rows.add(row);
            });
    List<String> columns = new ArrayList<>(WHO);
    columns.add("in words");
    return new Table(
        "What is left of a put that returned",
        "On tmpfs nothing survives a power failure, and fsync has nothing to do.",
        columns.size(),
        columns,
        rows);
  }

  /** Returns who was not measured. */
  Table missing() {
    List<List<String>> rows = new ArrayList<>();
    for (Results.Missing missing : results.missing()) {
      rows.add(
          List.of(
              missing.contestant().toString(),
              missing.workload().isEmpty() ? "all" : missing.workload(),
              missing.reason()));
    }
    return new Table("Not measured", "", 3, List.of("peer", "workload", "why"), rows);
  }

  static String title(String workload) {
    return Workload.named(workload).title();
  }

  static String nanos(double nanos) {
    return format(nanos < 10 ? "%.1f" : "%,.0f", nanos);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would cost a dependency
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
