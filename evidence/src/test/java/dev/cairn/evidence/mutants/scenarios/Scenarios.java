package dev.cairn.evidence.mutants.scenarios;

import dev.cairn.crashtest.CrashCheck;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashImage;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.crashtest.Workload;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Switches;
import java.util.ArrayList;
import java.util.List;

/** All scenarios, those of one area from the cheapest to the most expensive. */
public final class Scenarios {
  private Scenarios() {}

  /**
   * Returns the scenarios.
   *
   * @return in the order in which a mutant of their area is shown to them
   */
  public static List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    all.addAll(HeapScenarios.all());
    all.addAll(TxScenarios.all());
    all.addAll(PublishScenarios.all());
    all.addAll(PublishRecordScenarios.all());
    all.addAll(AllocatorScenarios.all());
    all.addAll(CollectionScenarios.all());
    all.addAll(TreeScenarios.all());
    all.addAll(DequeScenarios.all());
    all.addAll(ReferenceScenarios.all());
    all.addAll(LogScenarios.all());
    all.addAll(CostScenarios.all());
    return all;
  }

  /**
   * Makes a medium without a sanitizer: it would refuse most mutants at once, and nobody would know
   * whether a crash shows them.
   */
  static SimulatedMedium medium(long size, long maximumSize) {
    return withoutSanitizer(SimulatedMedium.create(size, maximumSize));
  }

  /** Makes a medium of an image, without a sanitizer. */
  static SimulatedMedium medium(CrashImage image) {
    return withoutSanitizer(SimulatedMedium.of(image));
  }

  private static SimulatedMedium withoutSanitizer(SimulatedMedium medium) {
    medium.sanitizeWith(Sanitizer.off());
    return medium;
  }

  /** Explores, and counts the images. */
  static void explore(CrashExplorer explorer, Workload workload, CrashCheck check) {
    CrashExplorer plain = explorer.withSanitizer(Sanitizer.off()).withShrinking(0);
    plain.explore(
        workload,
        (medium, progress) -> {
          Switches.countImage();
          Switches.inAnotherLife(() -> check.check(medium, progress));
        });
  }

  /** Runs an action in a thread of its own, to its end; throws what it threw. */
  static void inOtherThread(Runnable action) {
    Thread thread = new Thread(action);
    Throwable[] thrown = new Throwable[1];
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
    thread.start();
    join(thread);
    if (thrown[0] instanceof Error error) {
      throw error;
    }
    if (thrown[0] instanceof RuntimeException exception) {
      throw exception;
    }
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
