package dev.cairn.evidence.mutants;

import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches.Interceptor;
import dev.cairn.evidence.mutants.Switches.MachineryError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Shows mutants to scenarios. */
final class MutantRunner {
  /** Much longer than any scenario takes; only a mutant that never ends comes here. */
  private static final long LIMIT_MILLIS = 60_000;

  private static final String SCENARIOS = "dev.cairn.evidence.mutants.scenarios.Scenarios";

  private final List<Scenario> scenarios = new ArrayList<>();
  private final Map<Scenario, Set<Integer>> reachedBy = new HashMap<>();

  MutantRunner(Sites sites) throws ReflectiveOperationException {
    Class<?> all = Class.forName(SCENARIOS, true, new InstrumentingLoader(sites));
    for (Object scenario : (List<?>) all.getMethod("all").invoke(null)) {
      scenarios.add((Scenario) scenario);
    }
  }

  /**
   * What became of a mutant.
   *
   * @param catcher the first scenario that failed, or null
   * @param how what it threw, or that it did not end
   * @param images how many crash images all scenarios looked at until then
   * @param hits how often the changed calls were made
   */
  record Outcome(@Nullable Scenario catcher, String how, long images, long hits, long millis) {}

  /**
   * Runs each scenario on the code as it is, and notes which calls it comes to: a mutant is shown
   * to those scenarios only that come to a call that it changes.
   */
  void checkWithoutMutants(List<Mutant> mutants) {
    Set<Integer> sites = new HashSet<>();
    mutants.forEach(mutant -> sites.addAll(mutant.changes().get().keySet()));
    for (Scenario scenario : scenarios) {
      long begin = System.nanoTime();
      Set<Integer> reached = ConcurrentHashMap.newKeySet();
      Map<Integer, Interceptor> notes = new HashMap<>();
      for (int site : sites) {
        notes.put(
            site,
            call -> {
              reached.add(site);
              Switches.release(site);
              return call.proceed();
            });
      }
      Switches.activate(notes);
      Throwable thrown = run(scenario);
      Switches.deactivate();
      if (thrown != null) {
        throw new AssertionError(scenario + " fails without a mutant", thrown);
      }
      reachedBy.put(scenario, reached);
      System.out.printf(
          "%s: %,d images, %d ms%n",
          scenario, Switches.images(), (System.nanoTime() - begin) / 1_000_000);
    }
  }

  private boolean comesTo(Scenario scenario, Mutant mutant) {
    if ((scenario.area() == Area.COSTS) != (mutant.bugClass() == Mutant.COSTS)) {
      return false; // what costs count is no proof that a fence is needed
    }
    Set<Integer> reached = reachedBy.getOrDefault(scenario, Set.of());
    return mutant.changes().get().keySet().stream().anyMatch(reached::contains);
  }

  Outcome run(Mutant mutant) {
    long begin = System.nanoTime();
    long images = 0;
    long hits = 0;
    for (Scenario scenario : inOrder(mutant.area())) {
      if (!comesTo(scenario, mutant)) {
        continue;
      }
      Switches.activate(mutant.changes().get());
      Throwable thrown = run(scenario);
      Switches.deactivate();
      images += Switches.images();
      hits += Switches.hits();
      if (thrown != null) {
        if (Switches.hits() == 0) {
          throw new AssertionError(scenario + " failed before it met " + mutant.name(), thrown);
        }
        String how = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
        return new Outcome(
            scenario,
            thrown.getClass().getSimpleName() + " " + how,
            images,
            hits,
            (System.nanoTime() - begin) / 1_000_000);
      }
    }
    return new Outcome(null, "nothing", images, hits, (System.nanoTime() - begin) / 1_000_000);
  }

  /** The scenarios of an area, then those of the areas that build on it, then the others. */
  private List<Scenario> inOrder(Area area) {
    List<Area> areas = new ArrayList<>(List.of(Area.values()));
    Collections.rotate(areas, -areas.indexOf(area));
    List<Scenario> ordered = new ArrayList<>(scenarios);
    ordered.sort(Comparator.comparingInt(scenario -> areas.indexOf(scenario.area())));
    return ordered;
  }

  /** Runs a scenario in a thread that nothing else has used; returns what it threw, or null. */
  private static @Nullable Throwable run(Scenario scenario) {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              try {
                scenario.body().run();
              } catch (Throwable t) {
                thrown[0] = t;
              }
            },
            scenario.toString());
    thread.setDaemon(true);
    thread.start();
    try {
      thread.join(LIMIT_MILLIS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (thread.isAlive()) {
      Switches.abandon();
      return new AssertionError("does not end");
    }
    for (Throwable t = thrown[0]; t != null; t = t.getCause()) {
      if (t instanceof MachineryError || t instanceof LinkageError) {
        throw new AssertionError("the machinery of mutants failed", t);
      }
    }
    return thrown[0];
  }
}
