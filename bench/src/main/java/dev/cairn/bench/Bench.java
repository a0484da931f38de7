package dev.cairn.bench;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Place;
import dev.cairn.bench.report.Report;
import dev.cairn.bench.run.Campaign;
import dev.cairn.bench.run.Contestant;
import dev.cairn.bench.run.Effort;
import dev.cairn.bench.run.JmhRun;
import dev.cairn.bench.run.Machine;
import dev.cairn.bench.run.Results;
import dev.cairn.bench.run.Scratch;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code ./cairn bench}. */
@Command(
    name = "./cairn bench",
    sortOptions = false,
    description = {
      "Measures Cairn beside others, and writes a table, a page with plots and the raw results.",
      "./cairn bench jmh ARGS runs JMH benchmarks instead; ARGS are JMH's."
    })
public final class Bench implements Callable<Integer> {
  private static final int HARDWARE_BENCHMARKS = 4;
  private static final int MAP_BENCHMARKS = 6;
  private static final String LEFT_OUT =
      "left out by --quick on disk; --workload NAME measures it there, too";

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss", Locale.ROOT);

  @Parameters(
      paramLabel = "NAME",
      description = "peers to measure: those whose names contain a NAME; all if there is none")
  private List<String> names = new ArrayList<>();

  @Option(names = "--quick", description = "less than five minutes for all, and less exact")
  private boolean quick;

  @Option(names = "--entries", paramLabel = "N", description = "entries in each store")
  private @Nullable Long entries;

  @Option(names = "--forks", paramLabel = "N", description = "processes for each measurement")
  private @Nullable Integer forks;

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      description = "long-bytes, string-record, long-long, sorted; all if not given")
  private List<String> workloads = new ArrayList<>();

  @Option(
      names = "--memory",
      paramLabel = "DIR",
      defaultValue = "/dev/shm",
      description = "folder on tmpfs or persistent memory (${DEFAULT-VALUE})")
  private Path memory = Path.of("/dev/shm");

  @Option(
      names = "--disk",
      paramLabel = "DIR",
      defaultValue = "/var/tmp",
      description = "folder on a disk (${DEFAULT-VALUE})")
  private Path disk = Path.of("/var/tmp");

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "where results are written, as bench.html, bench.md and bench.json; if not given, to"
              + " bench/target/results, with the time in their names")
  private @Nullable Path output;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this text")
  @SuppressWarnings("unused") // picocli looks at the annotation alone
  private boolean help;

  private String command = "";

  private Bench() {}

  /**
   * Runs the command.
   *
   * @param args see {@code --help}
   * @throws IOException if JMH cannot read or write what it needs
   */
  public static void main(String[] args) throws IOException {
    System.setProperty("java.awt.headless", "true");
    if (args.length > 0 && args[0].equals("jmh")) {
      Main.main(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    Bench bench = new Bench();
    bench.command = ("./cairn bench " + String.join(" ", args)).strip();
    CommandLine line = new CommandLine(bench);
    line.setExecutionExceptionHandler(
        (failure, where, parsed) -> {
          System.err.println("cairn bench: " + failure);
          return CommandLine.ExitCode.SOFTWARE;
        });
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    long start = System.nanoTime();
    List<Contestant> contestants = contestants();
    if (contestants.isEmpty()) {
      System.err.println(
          "no peer has such a name; there are "
              + String.join(", ", Arrays.stream(Peer.values()).map(Peer::id).toList()));
      return CommandLine.ExitCode.USAGE;
    }
    Effort effort = effort();
    Map<String, String> conditions = conditions(effort);
    Results results = run(contestants, effort, conditions);
    conditions.put("took", Campaign.duration(Duration.ofNanos(System.nanoTime() - start)));
    conditions.put("load at the end", Machine.load());
    Report report = new Report(results);
    System.out.println();
    System.out.println(report.text());
    Path page =
        output == null
            ? report.write(
                Path.of(System.getProperty("cairn.bench.output", "target/results")), name())
            : report.write(output, "bench");
    System.out.println("page and raw results: " + page.toAbsolutePath());
    return CommandLine.ExitCode.OK;
  }

  private Results run(List<Contestant> contestants, Effort effort, Map<String, String> conditions)
      throws IOException, InterruptedException, RunnerException {
    try (Scratch scratch = Scratch.in(memory, disk)) {
      conditions.put("tmpfs", scratch.describe(Place.MEMORY));
      conditions.put("disk", scratch.describe(Place.DISK));
      Campaign campaign = plan(contestants, new Campaign(scratch, effort, System.out::println));
      int byJmh = HARDWARE_BENCHMARKS + (secondOpinion(contestants) ? MAP_BENCHMARKS : 0);
      Duration expected = campaign.expected().plus(JmhRun.expected(byJmh, effort));
      conditions.put("expected to take", "about " + (1 + expected.toMinutes()) + " min");
      conditions.forEach((what, value) -> System.out.println(what + ": " + value));
      List<Results.Jmh> jmh = jmh(contestants, effort);
      campaign.run();
      return new Results(
          effort.entries(),
          conditions,
          campaign.rows(),
          campaign.files(),
          campaign.fences(),
          jmh,
          campaign.driver(),
          campaign.missing());
    }
  }

  private List<Results.Jmh> jmh(List<Contestant> contestants, Effort effort)
      throws RunnerException {
    String[] place = {memory.toString()};
    System.out.println("JMH: the hardware ...");
    List<Results.Jmh> results =
        new ArrayList<>(JmhRun.run(HardwareBenchmark.class, Map.of("memory", place), effort));
    if (secondOpinion(contestants)) {
      System.out.println("JMH: maps, as a second opinion ...");
      Map<String, String[]> parameters =
          Map.of(
              "memory", place,
              "entries", new String[] {Long.toString(effort.entries())},
              "workload", new String[] {Workload.LONG_BYTES.name()});
      results.addAll(JmhRun.run(MapBenchmark.class, parameters, effort));
    }
    return results;
  }

  private static boolean secondOpinion(List<Contestant> contestants) {
    return contestants.stream().anyMatch(c -> c.peer() == Peer.CAIRN)
        && contestants.stream().anyMatch(c -> c.peer() == Peer.CONCURRENT_HASH_MAP);
  }

  private Effort effort() {
    return (quick ? Effort.QUICK : Effort.FULL).with(entries, forks);
  }

  /** Cairn is always among them: without it there are no ratios. */
  private List<Contestant> contestants() {
    List<Contestant> all = Contestant.all();
    if (names.isEmpty()) {
      return all;
    }
    List<Contestant> named =
        all.stream()
            .filter(c -> names.stream().anyMatch(name -> c.peer().id().contains(name)))
            .toList();
    return named.isEmpty()
        ? named
        : all.stream().filter(c -> c.peer() == Peer.CAIRN || named.contains(c)).toList();
  }

  private Campaign plan(List<Contestant> contestants, Campaign campaign) throws IOException {
    List<Workload<?, ?>> wanted =
        workloads.isEmpty()
            ? Workload.ALL
            : workloads.stream().<Workload<?, ?>>map(Workload::named).toList();
    for (Contestant contestant : contestants) {
      // A sync takes a hundred times as long as all the rest: what is stored hardly matters.
      boolean onlyFirst = quick && contestant.place() == Place.DISK;
      int most = onlyFirst ? 1 : wanted.size();
      campaign.add(contestant, wanted.subList(0, most));
      campaign.leaveOut(contestant, wanted.subList(most, wanted.size()), LEFT_OUT);
    }
    return campaign;
  }

  private Map<String, String> conditions(Effort effort) {
    Map<String, String> conditions = new LinkedHashMap<>();
    conditions.put("command", command);
    conditions.put("date", ZonedDateTime.now(ZoneOffset.UTC).withNano(0).toString());
    conditions.put("CPU", Machine.cpu());
    conditions.put("memory", Machine.memory());
    conditions.put("kernel", Machine.kernel());
    conditions.put("JDK", Machine.jdk());
    conditions.put(
        "effort",
        "%s run: %,d entries (fewer in a store that takes longer than %d s to fill), %d fork(s) of %d iterations of %d ms after %d ms of warm-up, %d opening(s)"
            .formatted(
                quick ? "quick" : "full",
                effort.entries(),
                effort.fillMillis() / 1000,
                effort.forks(),
                effort.iterations(),
                effort.iterationMillis(),
                effort.warmupMillis(),
                effort.openings()));
    if (quick) {
      conditions.put(
          "left out",
          "with --quick: on disk all workloads but the first; killed and reopened are stores of "
              + Workload.LONG_BYTES.name()
              + " only");
    }
    conditions.put(
        "figures",
        "throughput: median of the iterations of all forks, without a clock around calls;"
            + " latencies: HdrHistogram, System.nanoTime before and after each call");
    conditions.put("load at the start", Machine.load());
    return conditions;
  }

  private static String name() {
    return "bench-" + ZonedDateTime.now(ZoneOffset.UTC).format(STAMP);
  }
}
