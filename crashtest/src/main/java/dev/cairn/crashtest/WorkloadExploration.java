package dev.cairn.crashtest;

import dev.cairn.crashtest.CrashExplorer.Settings;
import dev.cairn.crashtest.Standing.Acknowledged;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a workload and shows its images to a check. */
final class WorkloadExploration implements Trial {
  private final Settings settings;
  private final Workload workload;
  private final CrashCheck check;
  private volatile Acknowledged standing = new Acknowledged(List.of());

  WorkloadExploration(Settings settings, Workload workload, CrashCheck check) {
    this.settings = settings;
    this.workload = workload;
    this.check = check;
  }

  ExplorationReport explore() {
    long begin = System.nanoTime();
    SimulatedMedium medium = medium();
    try (Exploration exploration = new Exploration(settings, this, null)) {
      Violation found = run(exploration, medium);
      if (found != null) {
        throw failure(found);
      }
      exploration.refuseUnreported(medium);
      return exploration.report(1, System.nanoTime() - begin);
    } finally {
      medium.closeUnchecked();
    }
  }

  ExplorationReport replay(ReplayPath path) {
    long begin = System.nanoTime();
    SimulatedMedium medium = medium();
    try (Exploration exploration = new Exploration(settings, this, path)) {
      medium.notePlaces();
      Violation found = run(exploration, medium);
      if (found != null) {
        throw found.failure(
            Violation.ofWorkload(found), path(found), settings.seed, settings.names);
      }
      if (!exploration.hasReplayed()) {
        throw new IllegalStateException("the run never came to " + path);
      }
      return exploration.report(1, System.nanoTime() - begin);
    } finally {
      medium.closeUnchecked();
    }
  }

  /** Runs the workload again, to learn where the stores to lost words were made. */
  private CrashTestFailure failure(Violation found) {
    CrashTestFailure failure =
        found.failure(Violation.ofWorkload(found), path(found), settings.seed, settings.names);
    if (settings.shrinking > 0) {
      try {
        new WorkloadExploration(settings, workload, check).replay(path(found));
      } catch (CrashTestFailure again) {
        return again;
      } catch (RuntimeException e) {
        failure.addSuppressed(
            new IllegalStateException("the workload did something else when run again", e));
      }
    }
    return failure;
  }

  private ReplayPath path(Violation found) {
    return new ReplayPath(settings.model, found.steps());
  }

  private SimulatedMedium medium() {
    SimulatedMedium medium =
        SimulatedMedium.create(settings.size, settings.maximumSize, settings.model);
    medium.sanitizeWith(settings.sanitizer);
    return medium;
  }

  private @Nullable Violation run(Exploration exploration, SimulatedMedium medium) {
    Throwable thrown = null;
    try {
      workload.run(medium, new WorkloadRecorder(exploration, medium));
      if (!exploration.hasBegun()) {
        throw new IllegalStateException("the workload never called start: nothing was explored");
      }
      exploration.end();
    } catch (Throwable e) {
      thrown = e;
    }
    // The explored code may have swallowed or replaced what the explorer threw through it.
    Violation found = exploration.violation();
    if (found == null) {
      refuseWrongUse(medium);
      if (thrown != null) {
        throw asUnchecked(thrown);
      }
    }
    return found;
  }

  /** Throws what the sanitizer found, even if the explored code caught it. */
  static void refuseWrongUse(SimulatedMedium medium) {
    SanitizerError refused = medium.sanitizerError();
    if (refused != null) {
      throw refused;
    }
  }

  static RuntimeException asUnchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("the workload failed: " + thrown, thrown);
  }

  @Override
  public Standing standing() {
    return standing;
  }

  @Override
  public void check(SimulatedMedium recovered, Standing reached, int crashes) throws Exception {
    check.check(recovered, new Progress(reached.acknowledged(), crashes));
  }

  private final class WorkloadRecorder implements Recorder {
    private final Exploration exploration;
    private final SimulatedMedium medium;

    WorkloadRecorder(Exploration exploration, SimulatedMedium medium) {
      this.exploration = exploration;
      this.medium = medium;
    }

    @Override
    public void start() {
      if (exploration.hasBegun()) {
        throw new IllegalStateException("started before");
      }
      exploration.watch(medium);
    }

    @Override
    public void acknowledge(Object label) {
      medium.checkDurable();
      add(label);
    }

    private synchronized void add(Object label) {
      List<Object> longer = new ArrayList<>(standing.acknowledged());
      longer.add(label);
      standing = new Acknowledged(List.copyOf(longer));
    }
  }
}
