package dev.cairn.crashtest;

import dev.cairn.crashtest.CrashExplorer.Settings;
import dev.cairn.crashtest.Exploration.AbandonedException;
import dev.cairn.crashtest.ReplayPath.Switch;
import dev.cairn.crashtest.Schedules.Schedule;
import dev.cairn.crashtest.SequentialModel.Allowed;
import dev.cairn.crashtest.Turns.StuckException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a scenario in many interleavings, or in one, and judges the images of its crashes. */
final class ScenarioRun<S> implements Trial {
  private static final int STATE_SHOWN = 400;

  /** What was found, and how the threads came there. */
  record Found(Violation violation, List<Switch> switches, List<String> handovers) {}

  private final Settings settings;
  private final CrashScenario<S> scenario;
  private final @Nullable SequentialModel<S> model;
  private final Exploration exploration;
  private final SimulatedMedium medium;
  private final boolean replays;
  private final History nothingYet;
  private volatile History history;
  private long schedules;

  private ScenarioRun(Settings settings, CrashScenario<S> scenario, @Nullable ReplayPath replay) {
    this.settings = settings;
    this.scenario = scenario;
    replays = replay != null;
    try {
      model = scenario.state == null ? null : new SequentialModel<>(scenario, settings);
    } catch (Exception e) {
      throw new IllegalStateException("the model failed: " + e, e);
    }
    exploration = new Exploration(settings, this, replay);
    medium = SimulatedMedium.reusable(settings.size, settings.maximumSize, settings.model);
    medium.sanitizeWith(settings.sanitizer);
    if (replays) {
      medium.notePlaces();
    }
    nothingYet = History.of(scenario, model);
    history = nothingYet;
  }

  /** The end of a run. */
  record Result(@Nullable Found found, ExplorationReport report) {}

  /** Explores the scenario up to the first violation, or up to about so many images. */
  static <S> Result explore(Settings settings, CrashScenario<S> scenario, long imageLimit) {
    ScenarioRun<S> run = new ScenarioRun<>(settings, scenario, null);
    return run.using(() -> run.exploreAll(imageLimit));
  }

  /** Explores one interleaving. */
  static <S> Result explore(Settings settings, CrashScenario<S> scenario, List<Switch> switches) {
    ScenarioRun<S> run = new ScenarioRun<>(settings, scenario, null);
    return run.using(() -> run.runOnce(switches, _ -> {}));
  }

  /** Visits one image. */
  static <S> Result replay(Settings settings, CrashScenario<S> scenario, ReplayPath path) {
    ScenarioRun<S> run = new ScenarioRun<>(settings, scenario, path);
    return run.using(
        () -> {
          Found found = run.runOnce(path.switches(), _ -> {});
          if (found == null && !run.exploration.hasReplayed()) {
            throw new IllegalStateException("the run never came to " + path);
          }
          return found;
        });
  }

  /** Looks for a violation. */
  @FunctionalInterface
  private interface Search {
    @Nullable Found run();
  }

  private Result using(Search search) {
    long begin = System.nanoTime();
    try {
      Found found = search.run();
      return new Result(found, exploration.report(schedules, System.nanoTime() - begin));
    } finally {
      exploration.close();
      medium.dispose();
      if (model != null) {
        model.close();
      }
    }
  }

  private @Nullable Found exploreAll(long imageLimit) {
    Schedules waiting = new Schedules(settings.preemptions, settings.schedules, settings.seed);
    for (Schedule next = waiting.next();
        next != null && exploration.imagesVisited() < imageLimit;
        next = waiting.next()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted");
      }
      Schedule schedule = next;
      Found found =
          runOnce(schedule.switches(), turns -> waiting.add(schedule, turns.alternatives()));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Is shown how the threads took turns. */
  @FunctionalInterface
  private interface TurnsVisitor {
    void visit(Turns turns);
  }

  private @Nullable Found runOnce(List<Switch> switches, TurnsVisitor visitor) {
    schedules++;
    medium.lend(settings.size);
    try {
      S subject = Objects.requireNonNull(scenario.create.open(medium), "the scenario created null");
      for (NamedOperation<S> operation : scenario.preparation) {
        Object _ = operation.on(subject);
      }
      history = nothingYet;
      exploration.watch(medium);
      Found found =
          busyThreads().size() > 1
              ? runThreads(subject, switches, visitor)
              : runHere(subject, switches);
      if (found == null) {
        medium.onEvent(EventHook.NONE);
        if (schedules == 1 && !replays) {
          exploration.refuseUnreported(medium);
        }
      }
      return found;
    } catch (Throwable e) {
      throw WorkloadExploration.asUnchecked(e);
    } finally {
      medium.takeBack();
    }
  }

  private List<Integer> busyThreads() {
    List<Integer> busy = new ArrayList<>();
    for (int thread = 0; thread < scenario.threads.size(); thread++) {
      if (!scenario.threads.get(thread).isEmpty()) {
        busy.add(thread);
      }
    }
    return busy;
  }

  /** Runs the operations of the only thread on the calling one. */
  private @Nullable Found runHere(S subject, List<Switch> switches) {
    Throwable thrown = null;
    try {
      for (int thread : busyThreads()) {
        for (NamedOperation<S> operation : scenario.threads.get(thread)) {
          history = history.invoked(thread);
          Outcome outcome = Outcome.of(operation, subject);
          refuseToGoOn();
          medium.checkDurable();
          history = history.returned(thread, outcome);
        }
      }
      exploration.end();
    } catch (Throwable e) {
      thrown = e;
    }
    return found(thrown, switches, List.of());
  }

  private @Nullable Found runThreads(S subject, List<Switch> switches, TurnsVisitor visitor) {
    Turns turns = new Turns(switches, replays, exploration::isVisiting);
    for (int thread : busyThreads()) {
      turns.add("thread " + (thread + 1), () -> runThread(turns, thread, subject));
    }
    medium.setTurns(turns);
    StuckException stuck;
    try {
      stuck = turns.supervise();
    } finally {
      medium.setTurns(null);
    }
    Throwable thrown = turns.failure();
    if (exploration.violation() == null && thrown == null) {
      try {
        if (stuck != null) {
          exploration.stuck(stuck);
        } else {
          exploration.end();
        }
      } catch (Throwable e) {
        thrown = e;
      }
    }
    Found found = found(thrown, switches, turns.handovers());
    if (found == null) {
      if (replays && turns.diverged()) {
        throw new IllegalStateException("the threads did not take turns as they did then");
      }
      visitor.visit(turns);
    }
    return found;
  }

  private void runThread(Turns turns, int thread, S subject) {
    try {
      for (NamedOperation<S> operation : scenario.threads.get(thread)) {
        turns.boundary();
        invoked(thread);
        Outcome outcome = Outcome.of(operation, subject);
        refuseToGoOn();
        turns.arrive();
        medium.checkDurable();
        returned(thread, outcome);
      }
    } catch (AbandonedException e) {
      turns.abandon();
      throw e;
    }
  }

  // Threads that come back from a lock may overlap with the one that freed it.

  private synchronized void invoked(int thread) {
    history = history.invoked(thread);
  }

  private synchronized void returned(int thread, Outcome outcome) {
    history = history.returned(thread, outcome);
  }

  /** The explored code may have swallowed what explorer or sanitizer threw through it. */
  private void refuseToGoOn() {
    if (exploration.violation() != null) {
      throw new AbandonedException();
    }
    WorkloadExploration.refuseWrongUse(medium);
  }

  private @Nullable Found found(
      @Nullable Throwable thrown, List<Switch> switches, List<String> handovers) {
    Violation violation = exploration.violation();
    if (violation != null) {
      return new Found(violation, switches, handovers);
    }
    WorkloadExploration.refuseWrongUse(medium);
    if (thrown != null) {
      throw WorkloadExploration.asUnchecked(thrown);
    }
    return null;
  }

  @Override
  public Standing standing() {
    return history;
  }

  @Override
  public void check(SimulatedMedium recovered, Standing standing, int crashes) throws Exception {
    S subject = scenario.recover.open(recovered);
    recovered.onEvent(EventHook.NONE);
    scenario.verify.verify(subject);
    Function<S, Object> state = scenario.state;
    Allowed allowed = ((History) standing).allowed();
    if (state == null || allowed == null) {
      refuseThrown((History) standing);
      return;
    }
    Object found = Objects.requireNonNull(state.apply(subject), "withState: returned null");
    for (Object one : allowed.states()) {
      if (one.equals(found)) {
        return;
      }
    }
    throw wrongState(found, allowed.states(), (History) standing);
  }

  /** Without a model, nothing says that an operation may throw. */
  private static void refuseThrown(History history) {
    List<Throwable> thrown = history.thrown();
    if (!thrown.isEmpty()) {
      throw new AssertionError("an operation threw " + thrown.getFirst(), thrown.getFirst());
    }
  }

  private static AssertionError wrongState(Object found, List<Object> allowed, History history) {
    StringBuilder message = new StringBuilder();
    if (allowed.isEmpty()) {
      message.append("no order of the operations explains what they returned");
    } else {
      message.append("recovered to ").append(shortened(found)).append(", expected ");
      message.append(
          allowed.stream().map(ScenarioRun::shortened).collect(Collectors.joining(" or ")));
    }
    AssertionError error = new AssertionError(message.toString());
    history.thrown().forEach(error::addSuppressed);
    return error;
  }

  private static String shortened(Object state) {
    String text = String.valueOf(state);
    return text.length() <= STATE_SHOWN ? text : text.substring(0, STATE_SHOWN) + "...";
  }
}
