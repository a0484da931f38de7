package dev.cairn.crashtest;

import dev.cairn.crashtest.CrashExplorer.Settings;
import dev.cairn.crashtest.ScenarioRun.Found;
import dev.cairn.crashtest.ScenarioRun.Result;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Explores a scenario; if that fails, makes the failure small and tells it. */
final class ScenarioExploration<S> {
  /** A smaller scenario may take this many times the images that the whole one took to fail. */
  private static final int PATIENCE = 2;

  private static final int LEAST_IMAGES = 20_000;
  private static final int SWITCH_TRIES = 40;

  private final Settings settings;
  private final CrashScenario<S> scenario;
  private BitSet kept = new BitSet();
  private @Nullable Found best;

  ScenarioExploration(Settings settings, CrashScenario<S> scenario) {
    this.settings = settings;
    this.scenario = Objects.requireNonNull(scenario);
    kept.set(0, scenario.operationCount());
  }

  ExplorationReport explore() {
    Result first = ScenarioRun.explore(settings, scenario, Long.MAX_VALUE);
    Found found = first.found();
    if (found == null) {
      return first.report();
    }
    best = found;
    long images = first.report().imagesDistinct() + first.report().nestedImages();
    if (settings.shrinking > 0 && !Exploration.isInterrupted(found.violation().cause())) {
      shrinkOperations(found.violation().cause(), Math.max(LEAST_IMAGES, PATIENCE * images));
      shrinkSwitches(found.violation().cause());
    }
    throw retold(Objects.requireNonNull(best));
  }

  ExplorationReport replay(ReplayPath path) {
    BitSet operations = path.operations();
    if (operations != null) {
      kept = operations;
    }
    Result result = ScenarioRun.replay(settings, scenario.keeping(kept), path);
    Found found = result.found();
    if (found != null) {
      throw failure(found, null);
    }
    return result.report();
  }

  private void shrinkOperations(Throwable cause, long imageLimit) {
    DeltaDebugging.fewest(
        begun(Objects.requireNonNull(best)),
        settings.shrinking,
        some -> {
          BitSet operations = bits(some);
          return fails(
              operations,
              cause,
              () -> ScenarioRun.explore(settings, scenario.keeping(operations), imageLimit));
        });
  }

  private void shrinkSwitches(Throwable cause) {
    DeltaDebugging.fewest(
        Objects.requireNonNull(best).switches(),
        SWITCH_TRIES,
        some ->
            fails(kept, cause, () -> ScenarioRun.explore(settings, scenario.keeping(kept), some)));
  }

  /** One try to fail with less. */
  @FunctionalInterface
  private interface Attempt {
    Result run();
  }

  private boolean fails(BitSet operations, Throwable cause, Attempt attempt) {
    Found found;
    try {
      found = attempt.run().found();
    } catch (RuntimeException e) {
      return false; // what is left of the scenario makes no sense
    }
    if (found == null || found.violation().cause().getClass() != cause.getClass()) {
      return false;
    }
    best = found;
    kept = operations;
    return true;
  }

  /** Returns the numbers of the operations that had begun, with those of the preparation. */
  private List<Integer> begun(Found found) {
    History history = (History) found.violation().standing();
    BitSet begun = new BitSet();
    int next = scenario.preparation.size();
    begun.set(0, next);
    for (int thread = 0; thread < scenario.threads.size(); thread++) {
      begun.set(next, next + history.begun(thread));
      next += scenario.threads.get(thread).size();
    }
    return begun.stream().boxed().toList();
  }

  private static BitSet bits(List<Integer> numbers) {
    BitSet bits = new BitSet();
    numbers.forEach(bits::set);
    return bits;
  }

  /** Runs what is left once more, to learn where stores and switches were made. */
  private CrashTestFailure retold(Found found) {
    RuntimeException different = null;
    if (settings.shrinking > 0) {
      try {
        Result again = ScenarioRun.replay(settings, scenario.keeping(kept), path(found));
        if (again.found() != null) {
          return failure(again.found(), null);
        }
        different = new IllegalStateException("the check accepted the image when it was run again");
      } catch (RuntimeException e) {
        different = e;
      }
    }
    return failure(found, different);
  }

  private ReplayPath path(Found found) {
    boolean all = kept.cardinality() == scenario.operationCount();
    return new ReplayPath(
        settings.model, all ? null : kept, found.switches(), found.violation().steps());
  }

  private CrashTestFailure failure(Found found, @Nullable RuntimeException different) {
    CrashTestFailure failure =
        found
            .violation()
            .failure(new Told(found), path(found), settings.seed, names(found.violation()));
    if (different != null) {
      failure.addSuppressed(
          new IllegalStateException("the scenario did something else when run again", different));
    }
    return failure;
  }

  private WordNames names(Violation violation) {
    Function<S, WordNames> names = scenario.names;
    CrashImage newest = violation.newest();
    if (names == null || newest == null) {
      return settings.names;
    }
    try {
      WordNames found = names.apply(scenario.recover.open(SimulatedMedium.of(newest)));
      return offset -> {
        try {
          return found.name(offset);
        } catch (RuntimeException | Error e) {
          return "";
        }
      };
    } catch (Throwable e) {
      return settings.names; // a heap that cannot be recovered cannot name its words
    }
  }

  private final class Told implements Violation.Story {
    private final Found found;
    private final CrashScenario<S> run = scenario.keeping(kept);

    Told(Found found) {
      this.found = found;
    }

    @Override
    public void begin(StringBuilder message) {
      int dropped = scenario.operationCount() - kept.cardinality();
      if (dropped > 0) {
        message.append(
            "%n  with %d of %d operations"
                .formatted(kept.cardinality(), scenario.operationCount()));
      }
      if (!run.preparation.isEmpty()) {
        message.append("%n  prepared:".formatted());
        run.preparation.forEach(
            operation -> message.append("%n    %s".formatted(operation.name())));
      }
      ((History) found.violation().standing()).describe(message);
      found.handovers().forEach(told -> message.append("%n  %s".formatted(told)));
    }

    @Override
    public String crashed(String thread) {
      return "%s crashed"
          .formatted(
              IntStream.rangeClosed(1, run.threads.size())
                      .anyMatch(number -> thread.equals("thread " + number))
                  ? thread
                  : "the scenario");
    }

    @Override
    public void end(StringBuilder message) {}
  }
}
