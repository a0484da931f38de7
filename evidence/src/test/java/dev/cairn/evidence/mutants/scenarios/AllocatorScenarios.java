package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.BlockHeap.CHUNK;
import static dev.cairn.evidence.mutants.scenarios.BlockHeap.ROOT;
import static dev.cairn.evidence.mutants.scenarios.BlockHeap.ZONE;
import static dev.cairn.evidence.mutants.scenarios.BlockHeap.popping;
import static dev.cairn.evidence.mutants.scenarios.BlockHeap.pushing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.heap.HeapCorruptedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Blocks: whatever crashes, what is allocated is what can be reached. */
final class AllocatorScenarios {
  private static final int CHUNKS = 6;
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(ZONE + CHUNKS * CHUNK)
          .withExhaustiveLimit(64)
          .withSamples(16)
          .withNestedDepth(0);

  /** Where another thread links its block. */
  private static final long LINK = ROOT + 8;

  private AllocatorScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.ALLOCATOR, "allocate and free", AllocatorScenarios::allocateAndFree),
        new Scenario(Area.ALLOCATOR, "a new run over old bytes", AllocatorScenarios::newRun),
        new Scenario(Area.ALLOCATOR, "spans", AllocatorScenarios::spans),
        new Scenario(Area.ALLOCATOR, "chunks of empty runs", AllocatorScenarios::reclaim),
        new Scenario(Area.ALLOCATOR, "growth", AllocatorScenarios::growth),
        new Scenario(Area.ALLOCATOR, "aborts", AllocatorScenarios::aborts),
        new Scenario(
            Area.ALLOCATOR,
            "a freed block, and a thread that wants one",
            AllocatorScenarios::freedBlock),
        new Scenario(
            Area.ALLOCATOR,
            "an aborted block, and a thread that wants one",
            AllocatorScenarios::abortedBlock),
        new Scenario(
            Area.ALLOCATOR, "a new run that two threads use", AllocatorScenarios::sharedRun),
        new Scenario(
            Area.ALLOCATOR, "chunks that two threads want", AllocatorScenarios::sharedChunks),
        new Scenario(Area.ALLOCATOR, "freed twice", AllocatorScenarios::freedTwice),
        new Scenario(Area.ALLOCATOR, "damaged chunk headers", AllocatorScenarios::flippedBits));
  }

  /** The chain's sizes are computed here, the newest block first. */
  private record Step(int popped, List<Long> pushed, Consumer<BlockHeap> action) {
    static Step push(Long... sizes) {
      long[] values = List.of(sizes).stream().mapToLong(size -> size).toArray();
      return new Step(0, List.of(sizes), pushing(values));
    }

    static Step pop(int count) {
      return new Step(count, List.of(), popping(count));
    }

    static Step other(Consumer<BlockHeap> action) {
      return new Step(0, List.of(), action);
    }

    List<Long> after(List<Long> before) {
      List<Long> after = new ArrayList<>(before.subList(popped, before.size()));
      pushed.forEach(after::addFirst);
      return after;
    }
  }

  private static void explore(CrashExplorer explorer, Step before, Step... steps) {
    List<List<Long>> states = new ArrayList<>();
    states.add(before.after(List.of()));
    for (Step step : steps) {
      states.add(step.after(states.getLast()));
    }
    Scenarios.explore(
        explorer,
        (medium, recorder) -> {
          BlockHeap heap = BlockHeap.create(medium);
          before.action.accept(heap);
          recorder.start();
          for (Step step : steps) {
            step.action.accept(heap);
            recorder.acknowledge(step);
          }
          assertEquals(states.getLast(), heap.chain());
        },
        (medium, progress) -> check(states, medium, progress));
  }

  private static void check(List<List<Long>> states, SimulatedMedium medium, Progress progress) {
    BlockHeap heap = BlockHeap.open(medium);
    medium.onEvent(EventHook.NONE);
    List<Long> found = heap.chain();
    int next = Math.min(progress.count() + 1, states.size() - 1);
    assertTrue(
        found.equals(states.get(progress.count())) || found.equals(states.get(next)),
        () -> "neither before nor after step " + progress.count() + ": " + found);
    // The work goes on: nothing is taken that is in use, and all that is free can be had.
    List<Long> after = new ArrayList<>(found);
    try {
      pushing(100).accept(heap);
      after.addFirst(100L);
    } catch (OutOfPersistentMemoryException full) {
      // As it may be.
    }
    assertEquals(after, heap.chain());
    popping(after.size()).accept(heap);
    pushing(4 * CHUNK, 5000).accept(heap);
    assertEquals(List.of(5000L, 4 * CHUNK), heap.chain());
  }

  private static void allocateAndFree() {
    explore(
        EXPLORER,
        Step.push(100L, 100L),
        Step.push(100L),
        Step.push(100L, 40L),
        Step.pop(2),
        new Step(
            1,
            List.of(120L),
            heap ->
                heap.transact(
                    transaction -> {
                      heap.pop(transaction);
                      heap.push(transaction, 120);
                    })),
        Step.pop(2));
  }

  /** An old bitmap full of ones lies where the new run's bitmap will be. */
  private static void newRun() {
    explore(
        EXPLORER,
        new Step(
            0,
            List.of(5 * CHUNK),
            heap -> {
              pushing(5 * CHUNK).accept(heap);
              long block = heap.accessor.getWord(ROOT);
              heap.accessor.fill(block + 16, 5 * CHUNK - 16, (byte) -1);
              heap.accessor.persist(block, 5 * CHUNK);
            }),
        Step.pop(1),
        Step.push(16L), // a bitmap of many lines
        Step.push(64L << 10));
  }

  private static void spans() {
    explore(
        EXPLORER,
        Step.push(100L),
        Step.push(2 * CHUNK),
        Step.pop(1),
        Step.push(3 * CHUNK),
        Step.pop(2));
  }

  /** Runs of one size become empty, are given back, and their chunks serve spans. */
  private static void reclaim() {
    explore(
        EXPLORER,
        Step.push(100L, 1000L, 10_000L, 200L, 300L),
        Step.pop(5),
        Step.push(4 * CHUNK),
        Step.push(64L, 64L),
        Step.pop(3),
        Step.push(5 * CHUNK));
  }

  private static void growth() {
    explore(
        EXPLORER.withMaximumSize(ZONE + 2 * CHUNKS * CHUNK),
        Step.push(5 * CHUNK),
        Step.push(100L),
        Step.push(3 * CHUNK));
  }

  private static void aborts() {
    explore(
        EXPLORER,
        Step.push(100L, 100L),
        Step.other(
            heap -> {
              for (int i = 0; i < 3; i++) { // three of them fit at once, if none is given back
                heap.abort(
                    transaction -> {
                      heap.push(transaction, 100);
                      heap.push(transaction, 3 * CHUNK);
                    });
              }
            }),
        Step.other(
            heap ->
                heap.transact(
                    outer -> {
                      for (int i = 0; i < 3; i++) { // given back by the inner one, too
                        heap.abort(
                            inner -> {
                              heap.allocator.allocate(inner, 100);
                              heap.allocator.allocate(inner, 3 * CHUNK);
                            });
                      }
                    })),
        Step.other(
            heap ->
                heap.abort(
                    transaction -> {
                      heap.pop(transaction);
                      heap.pop(transaction);
                    })),
        Step.pop(1));
  }

  /**
   * A block is freed; before each fence of that, another thread allocates and overwrites one. A
   * crash that undoes the freeing finds the block as it was.
   */
  private static void freedBlock() {
    for (int fence = 1; fence <= 3; fence++) {
      int moment = fence;
      Scenarios.explore(
          EXPLORER,
          (inner, recorder) -> {
            MediumWithBystander medium = new MediumWithBystander(inner);
            BlockHeap heap = BlockHeap.create(medium);
            pushing(100, 3 * CHUNK).accept(heap);
            recorder.start();
            medium.beforeFence(moment, () -> Scenarios.inOtherThread(() -> overwrite(heap)));
            popping(1).accept(heap);
            recorder.acknowledge("popped");
          },
          (medium, progress) -> {
            List<Long> found = BlockHeap.open(medium).chain();
            boolean popped = found.equals(List.of(100L));
            boolean before = found.equals(List.of(3 * CHUNK, 100L));
            assertTrue(popped || (before && progress.count() == 0), () -> "left " + found);
          });
    }
  }

  /** Stores something to the chunks that the other thread had, if they are to be had. */
  private static void overwrite(BlockHeap heap) {
    try {
      heap.abort(
          transaction -> {
            long block = heap.allocator.allocateUnwritten(transaction, 3 * CHUNK);
            heap.accessor.putWord(block, 7);
            heap.accessor.putWord(block + 8, 7);
            heap.accessor.persist(block, 16);
          });
    } catch (OutOfPersistentMemoryException full) {
      // They are not.
    }
  }

  /**
   * A transaction that allocated is undone; before each fence of that, another thread publishes a
   * block. Whatever is undone, that block stays allocated.
   */
  private static void abortedBlock() {
    for (int fence = 1; fence <= 3; fence++) {
      besideAnother(
          fence,
          3 * CHUNK,
          pushing(100),
          heap -> heap.abort(transaction -> heap.push(transaction, 3 * CHUNK)));
    }
  }

  /** The last free chunk becomes a run; before each fence another thread takes a block of it. */
  private static void sharedRun() {
    for (int fence = 1; fence <= 5; fence++) {
      besideAnother(fence, 100, pushing(4 * CHUNK), pushing(100));
    }
  }

  /** Two empty runs are given back; before each fence another thread takes two chunks. */
  private static void sharedChunks() {
    for (int fence = 1; fence <= 5; fence++) {
      besideAnother(
          fence,
          2 * CHUNK,
          heap -> {
            pushing(100, 1000).accept(heap);
            popping(2).accept(heap);
          },
          heap -> {
            try {
              pushing(4 * CHUNK).accept(heap);
            } catch (OutOfPersistentMemoryException full) {
              // The other one was first.
            }
          });
    }
  }

  /**
   * Runs an action, and in the middle of it another thread that allocates a block and links it.
   * Whatever crashes, what is linked is allocated, and nothing else is.
   */
  private static void besideAnother(
      int fence, long size, Consumer<BlockHeap> before, Consumer<BlockHeap> action) {
    Scenarios.explore(
        EXPLORER,
        (inner, recorder) -> {
          MediumWithBystander medium = new MediumWithBystander(inner);
          BlockHeap heap = BlockHeap.create(medium);
          before.accept(heap);
          Thread other =
              TxScenarios.thread(
                  () -> {
                    link(heap, size);
                    recorder.acknowledge("linked");
                  });
          recorder.start();
          medium.beforeFence(fence, () -> TxScenarios.startAndSettle(other));
          action.accept(heap);
          Scenarios.join(other);
        },
        (medium, progress) -> {
          BlockHeap heap = BlockHeap.open(medium);
          Set<Long> expected = new HashSet<>();
          for (long at = heap.accessor.getWord(ROOT); at != 0; at = heap.accessor.getWord(at)) {
            expected.add(at);
          }
          long linked = heap.accessor.getWord(LINK);
          assertTrue(linked != 0 || progress.count() == 0, "the link is lost");
          if (linked != 0) {
            assertTrue(expected.add(linked), "allocated twice");
          }
          assertEquals(expected, heap.allocated());
        });
  }

  /** Links a block, if there is one; else this thread dies, and nothing is acknowledged. */
  private static void link(BlockHeap heap, long size) {
    heap.transact(
        transaction -> {
          long block = heap.allocator.allocateUnwritten(transaction, size);
          transaction.declareWord(LINK);
          transaction.seal();
          transaction.putWord(LINK, block);
        });
  }

  private static void freedTwice() {
    for (long size : new long[] {100, 2 * CHUNK}) {
      try (SimulatedMedium medium = medium()) {
        Switches.countImage();
        BlockHeap heap = BlockHeap.create(medium);
        pushing(100, size).accept(heap);
        long block = heap.accessor.getWord(ROOT);
        heap.abort(
            transaction -> {
              heap.pop(transaction);
              assertThrows(
                  HeapCorruptedException.class, () -> heap.allocator.free(transaction, block));
            });
        assertEquals(List.of(size, 100L), heap.chain());
      }
    }
  }

  /** What is not what it was is noticed, or does not matter. */
  private static void flippedBits() {
    try (SimulatedMedium medium = medium()) {
      BlockHeap heap = BlockHeap.create(medium);
      pushing(100, 2 * CHUNK).accept(heap);
      for (long misplaced : new long[] {ZONE + 4 * 8, ZONE + 5 * 8}) {
        Switches.countImage();
        medium.putLong(misplaced, medium.getLong(ZONE + 8)); // the first run's header
        assertThrows(HeapCorruptedException.class, () -> BlockHeap.open(medium), "misplaced");
        medium.putLong(misplaced, 0);
      }
      for (int bit = 0; bit < CHUNKS * Long.SIZE; bit++) {
        Switches.countImage();
        long at = ZONE + bit / Long.SIZE * (long) Long.BYTES;
        medium.putLong(at, medium.getLong(at) ^ (1L << bit));
        int flipped = bit;
        assertThrows(
            HeapCorruptedException.class,
            () -> BlockHeap.open(medium),
            () -> "nobody noticed bit " + flipped);
        medium.putLong(at, medium.getLong(at) ^ (1L << bit));
      }
    }
  }

  private static SimulatedMedium medium() {
    return Scenarios.medium(ZONE + CHUNKS * CHUNK, ZONE + CHUNKS * CHUNK);
  }
}
