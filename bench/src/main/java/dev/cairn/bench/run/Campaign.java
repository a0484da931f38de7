package dev.cairn.bench.run;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Place;
import dev.cairn.bench.run.Workers.FailedException;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A run of the suite: every contestant with every workload, each in processes of its own. Forks go
 * round by round, so that a machine that is slow for a while is slow for all.
 */
public final class Campaign {
  /** How long a worker writes, after the fill, before it is killed. */
  private static final Duration WRITING = Duration.ofMillis(200);

  private static final Contestant CAIRN = new Contestant(Peer.CAIRN, Place.MEMORY);

  private final Scratch scratch;
  private final Effort effort;
  private final Consumer<String> progress;
  private final List<Pairing> pairings = new ArrayList<>();
  private final List<Results.Row> driver = new ArrayList<>();
  private final List<Results.Fences> fences = new ArrayList<>();
  private final List<Results.Missing> missing = new ArrayList<>();
  private long start;
  private int step;
  private int steps;

  /** A contestant with a workload, and what its processes said. */
  private record Pairing(
      Contestant contestant, Workload<?, ?> workload, List<Measurement> found, List<Reply> files) {
    @Override
    public String toString() {
      return contestant + ", " + workload.title();
    }
  }

  /**
   * Plans a run.
   *
   * @param scratch where files go
   * @param effort how much is done
   * @param progress is told, line by line
   */
  public Campaign(Scratch scratch, Effort effort, Consumer<String> progress) {
    this.scratch = scratch;
    this.effort = effort;
    this.progress = progress;
  }

  /** Adds a contestant, unless it cannot be measured here; then that is noted. */
  public void add(Contestant contestant, List<Workload<?, ?>> workloads) throws IOException {
    Optional<String> reason = contestant.peer().missing();
    if (contestant.place() == Place.DISK && !scratch.hasDisk()) {
      reason = Optional.of("no disk: " + scratch.describe(Place.DISK) + "; --disk names another");
    }
    if (reason.isPresent()) {
      missing.add(new Results.Missing(contestant, "", reason.get()));
      progress.accept("skipped: " + contestant + ": " + reason.get());
      return;
    }
    for (Workload<?, ?> workload : workloads.stream().filter(contestant::measures).toList()) {
      pairings.add(new Pairing(contestant, workload, new ArrayList<>(), new ArrayList<>()));
    }
  }

  /** Notes that a contestant is not measured with some workloads. */
  public void leaveOut(Contestant contestant, List<Workload<?, ?>> workloads, String reason) {
    if (!workloads.isEmpty()) {
      String names = String.join(", ", workloads.stream().map(Workload::name).toList());
      missing.add(new Results.Missing(contestant, names, reason));
    }
  }

  /** Returns how long the run will take, more or less. */
  public Duration expected() {
    return effort
        .measuring()
        .multipliedBy(processes() + 2L * workloads().size())
        .plus(effort.reopening().multipliedBy(openings()));
  }

  private int processes() {
    return pairings.size() * effort.forks();
  }

  private int openings() {
    return pairings.stream().mapToInt(this::openings).sum();
  }

  private int openings(Pairing pairing) {
    if (!pairing.contestant().peer().keepsFiles()) {
      return 0;
    }
    return pairing.workload().equals(Workload.LONG_BYTES)
        ? effort.openings()
        : effort.otherOpenings();
  }

  private List<Workload<?, ?>> workloads() {
    return pairings.stream().<Workload<?, ?>>map(Pairing::workload).distinct().toList();
  }

  /** Runs all that was added. */
  public void run() throws IOException, InterruptedException {
    start = System.nanoTime();
    steps = processes() + openings() + 2 * workloads().size();
    for (Workload<?, ?> workload : workloads()) {
      measureDriver(workload);
      countFences(workload);
    }
    for (int fork = 0; fork < effort.forks(); fork++) {
      for (Pairing pairing : pairings) {
        measure(pairing);
      }
    }
    for (int opening = 0; opening < effort.openings(); opening++) {
      for (Pairing pairing : pairings) {
        if (opening < openings(pairing)) {
          killAndReopen(pairing);
        }
      }
    }
  }

  private Order order(Order.Task task, Pairing pairing, Path folder, long filled) {
    return new Order(
        task,
        pairing.contestant().peer(),
        pairing.workload().name(),
        folder.toString(),
        effort,
        filled);
  }

  private void measureDriver(Workload<?, ?> workload) throws IOException, InterruptedException {
    Pairing pairing = new Pairing(CAIRN, workload, new ArrayList<>(), new ArrayList<>());
    attempt(
        pairing,
        "keys and values without a store",
        folder ->
            Workers.run(
                order(Order.Task.MEASURE_DRIVER, pairing, folder, 0),
                reply -> note(reply, pairing)));
    driver.addAll(Summary.rows(CAIRN, workload.name(), pairing.found()));
  }

  private void countFences(Workload<?, ?> workload) throws IOException, InterruptedException {
    Pairing pairing = new Pairing(CAIRN, workload, new ArrayList<>(), new ArrayList<>());
    attempt(
        pairing,
        "fences of Cairn",
        folder ->
            Workers.run(
                order(Order.Task.COUNT_FENCES, pairing, folder, 0),
                reply -> {
                  FenceCount count = reply.fences();
                  if (count != null) {
                    fences.add(new Results.Fences(workload.name(), count));
                  }
                }));
  }

  private void measure(Pairing pairing) throws IOException, InterruptedException {
    int before = pairing.found().size();
    attempt(
        pairing,
        pairing.contestant().toString(),
        folder ->
            Workers.run(
                order(Order.Task.MEASURE, pairing, folder, 0), reply -> note(reply, pairing)));
    List<Measurement> latest = pairing.found().subList(before, pairing.found().size());
    progress.accept("      " + Summary.line(latest));
  }

  private static void note(Reply reply, Pairing pairing) {
    Measurement measurement = reply.measurement();
    if (measurement != null) {
      pairing.found().add(measurement);
    }
  }

  private void killAndReopen(Pairing pairing) throws IOException, InterruptedException {
    attempt(
        pairing,
        pairing.contestant() + ": killed and reopened",
        folder -> {
          Consumer<Reply> listener = pairing.files()::add;
          Order write = order(Order.Task.WRITE_UNTIL_KILLED, pairing, folder, 0);
          long filled = Workers.runAndKill(write, WRITING, listener);
          Workers.run(order(Order.Task.REOPEN, pairing, folder, filled), listener);
        });
  }

  private interface Work {
    void in(Path folder) throws IOException, InterruptedException, FailedException;
  }

  /** Works in a folder that is deleted afterwards; a failure is noted, and is nobody else's. */
  private void attempt(Pairing pairing, String title, Work work)
      throws IOException, InterruptedException {
    step++;
    String time = duration(Duration.ofNanos(System.nanoTime() - start));
    progress.accept(
        "[%d/%d, %s] %s, %s".formatted(step, steps, time, title, pairing.workload().title()));
    Path folder = scratch.create(pairing.contestant().place());
    try {
      work.in(folder);
    } catch (FailedException e) {
      String reason = title + ": " + e.getMessage();
      missing.add(new Results.Missing(pairing.contestant(), pairing.workload().name(), reason));
      progress.accept("      failed: " + e.getMessage());
    } finally {
      Scratch.delete(folder);
    }
  }

  /** Returns what was found; what others found is added by the caller. */
  public List<Results.Row> rows() {
    return pairings.stream()
        .flatMap(p -> Summary.rows(p.contestant(), p.workload().name(), p.found()).stream())
        .toList();
  }

  /** Returns what is left after kills. */
  public List<Results.Files> files() {
    return pairings.stream()
        .flatMap(p -> Summary.files(p.contestant(), p.workload().name(), p.files()).stream())
        .toList();
  }

  /** Returns what Cairn asks of the medium. */
  public List<Results.Fences> fences() {
    return List.copyOf(fences);
  }

  /** Returns what is in every row without being the peer's. */
  public List<Results.Row> driver() {
    return List.copyOf(driver);
  }

  /** Returns who was not measured. */
  public List<Results.Missing> missing() {
    return List.copyOf(missing);
  }

  /** Says how long a run took, for people. */
  public static String duration(Duration time) {
    return String.format(Locale.ROOT, "%d min %02d s", time.toMinutes(), time.toSecondsPart());
  }
}
