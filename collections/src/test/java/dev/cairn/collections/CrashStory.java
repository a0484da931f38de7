package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Explores every crash of what is done to one collection: after it, the collection is as a model
 * was after what had returned, or after the step that was under way.
 *
 * @param <C> an interface that the collection and its model have
 * @param open opens the collection
 * @param model makes an empty model
 * @param content copies what a collection holds, to compare it
 */
record CrashStory<C>(
    Function<PersistentHeap, ? extends C> open,
    Supplier<? extends C> model,
    Function<? super C, ?> content) {
  /** Something that is done to a collection, in a transaction of its own if it is many things. */
  @FunctionalInterface
  interface Step<C> {
    void on(C collection);
  }

  /**
   * Explores the steps.
   *
   * @param name what this is about, for the line that is printed
   * @param before what is done first, not explored and not in a transaction
   */
  void explore(String name, Step<? super C> before, List<? extends Step<? super C>> steps) {
    C model = this.model.get();
    before.on(model);
    List<Object> states = new ArrayList<>(List.of(content.apply(model)));
    for (Step<? super C> step : steps) {
      step.on(model);
      states.add(content.apply(model));
    }
    ExplorationReport report =
        CrashExplorer.onMedium(6 * TestHeaps.MIB)
            .withExhaustiveLimit(48)
            .withSamples(16)
            .withNestedLimits(1, 1)
            .explore(
                (simulated, recorder) -> {
                  PersistentHeap explored = TestHeaps.on(simulated);
                  C collection = open.apply(explored);
                  before.on(collection);
                  recorder.start();
                  for (int i = 0; i < steps.size(); i++) {
                    Step<? super C> step = steps.get(i);
                    explored.transact(() -> step.on(collection));
                    assertEquals(states.get(i + 1), content.apply(collection));
                    recorder.acknowledge(i);
                  }
                },
                (simulated, progress) -> {
                  PersistentHeap found = PersistentHeap.open(simulated, TestHeaps.OPTIONS);
                  simulated.onEvent(EventHook.NONE);
                  found.verify();
                  Object state = content.apply(open.apply(found));
                  int count = progress.count();
                  if (!state.equals(states.get(count))) {
                    assertEquals(states.get(Math.min(count + 1, steps.size())), state);
                  }
                });
    System.out.printf(
        "%s: %d images, and %d of recovery%n",
        name, report.imagesDistinct(), report.nestedImages());
    assertTrue(report.imagesDistinct() > steps.size());
  }
}
