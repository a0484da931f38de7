package dev.cairn.evidence.mutants.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.evidence.mutants.scenarios.World.Undo;
import dev.cairn.tx.TransactionAbortedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is done to one collection, a transaction for each step, and crashed.
 *
 * @param <C> an interface that the collection and its model have
 * @param open opens the collection
 * @param model makes an empty model
 * @param content copies what a collection holds, to compare it
 */
record CollectionStory<C>(
    Function<PersistentHeap, ? extends C> open,
    Supplier<? extends C> model,
    Function<? super C, ?> content) {
  static final long SIZE = 6L << 20;

  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(SIZE).withExhaustiveLimit(32).withSamples(8).withNestedDepth(0);

  /** Something that is done to a collection. */
  @FunctionalInterface
  interface Step<C> {
    void on(C collection);
  }

  /** A step whose transaction is undone. */
  private record Undone<C>(Step<C> step) implements Step<C> {
    @Override
    public void on(C collection) {
      step.on(collection);
      throw new Undo();
    }
  }

  static <C> Step<C> undone(Step<C> step) {
    return new Undone<>(step);
  }

  /** Explores steps on a collection that was prepared. */
  @SafeVarargs
  final void explore(Step<C> preparation, Step<C>... steps) {
    C model = this.model.get();
    preparation.on(model);
    List<Object> states = new ArrayList<>(List.of(content.apply(model)));
    for (Step<C> step : steps) {
      if (!(step instanceof Undone)) {
        step.on(model);
      }
      states.add(content.apply(model));
    }
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
          C collection = open.apply(heap);
          preparation.on(collection);
          recorder.start();
          for (int i = 0; i < steps.length; i++) {
            transact(heap, steps[i], collection);
            recorder.acknowledge(i);
          }
          assertEquals(states.getLast(), content.apply(collection));
        },
        (medium, progress) -> {
          PersistentHeap heap = PersistentHeap.open(medium, TxHeap.OPTIONS);
          medium.onEvent(EventHook.NONE);
          heap.verify();
          Object found = content.apply(open.apply(heap));
          int done = progress.count();
          if (!found.equals(states.get(done))) {
            assertEquals(states.get(Math.min(done + 1, steps.length)), found);
          }
        });
  }

  private static <C> void transact(PersistentHeap heap, Step<C> step, C collection) {
    try {
      heap.transact(() -> step.on(collection));
    } catch (TransactionAbortedException e) {
      if (!(e.getCause() instanceof Undo)) {
        throw e;
      }
    }
  }

  /** Leaves something in blocks that will be handed out again: it must mean nothing. */
  static void useMemory(PersistentHeap heap, int blocks, int... sizes) {
    PersistentHashMap<Long, byte[]> values = heap.map("values", Types.LONG, Types.BYTES);
    for (int size : sizes) {
      byte[] garbage = new byte[size];
      Arrays.fill(garbage, (byte) 0x5A);
      for (long key = 0; key < blocks; key++) {
        values.put(key, garbage);
      }
      for (long key = 0; key < blocks; key++) {
        values.remove(key);
      }
    }
    for (long i = 0; i < 4; i++) {
      values.put(1L, new byte[] {1}); // so that the removed ones are handed out
    }
  }
}
