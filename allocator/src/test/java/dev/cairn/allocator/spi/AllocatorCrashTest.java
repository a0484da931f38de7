package dev.cairn.allocator.spi;

import static dev.cairn.allocator.spi.TestHeap.CHUNK;
import static dev.cairn.allocator.spi.TestHeap.ROOT;
import static dev.cairn.allocator.spi.TestHeap.ZONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * After every crash, what is allocated is what can be reached from the root: a chain of blocks,
 * each {next, number, ..., number}. Each step changes how many there are.
 */
class AllocatorCrashTest {
  private static final int CHUNKS = 6;
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(ZONE + CHUNKS * CHUNK).withSamples(32).withNestedLimits(0, 0);

  /** Puts a block at the head of the chain. */
  private static void push(TestHeap heap, Transaction transaction, long size) {
    long block = heap.allocator.allocateUnwritten(transaction, size);
    long head = heap.accessor.getWord(ROOT);
    transaction.fresh(block, 16);
    heap.accessor.putWord(block, head);
    heap.accessor.putWord(block + 8, size);
    transaction.declareWord(ROOT);
    transaction.seal();
    transaction.putWord(ROOT, block);
  }

  private static void pop(TestHeap heap, Transaction transaction) {
    long block = heap.accessor.getWord(ROOT);
    long next = heap.accessor.getWord(block);
    heap.allocator.free(transaction, block);
    transaction.declareWord(ROOT);
    transaction.seal();
    transaction.putWord(ROOT, next);
  }

  private static Consumer<TestHeap> pushing(long... sizes) {
    return heap ->
        heap.transact(
            transaction -> {
              for (long size : sizes) {
                push(heap, transaction, size);
              }
            });
  }

  private static Consumer<TestHeap> popping(int count) {
    return heap ->
        heap.transact(
            transaction -> {
              for (int i = 0; i < count; i++) {
                pop(heap, transaction);
              }
            });
  }

  private static List<Long> chain(TestHeap heap) {
    List<Long> sizes = new ArrayList<>();
    Set<Long> reached = new HashSet<>();
    for (long at = heap.accessor.getWord(ROOT); at != 0; at = heap.accessor.getWord(at)) {
      assertTrue(reached.add(at), "a block is reached twice");
      long size = heap.accessor.getWord(at + 8);
      assertTrue(heap.allocator.blockSize(at) >= size);
      sizes.add(size);
    }
    assertEquals(reached, heap.allocated().keySet(), "allocated and reachable differ");
    return sizes;
  }

  private static void explore(
      CrashExplorer explorer,
      String name,
      Consumer<TestHeap> before,
      List<Consumer<TestHeap>> steps) {
    List<List<Long>> states = new ArrayList<>();
    TestHeap model = TestHeap.create(TestHeap.simulated(CHUNKS, 2 * CHUNKS));
    before.accept(model);
    states.add(chain(model));
    for (Consumer<TestHeap> step : steps) {
      step.accept(model);
      states.add(chain(model));
    }
    ExplorationReport report =
        explorer.explore(
            (medium, recorder) -> {
              TestHeap heap = TestHeap.create(medium);
              before.accept(heap);
              recorder.start();
              for (Consumer<TestHeap> step : steps) {
                step.accept(heap);
                recorder.acknowledge(step);
              }
              assertEquals(states.getLast(), chain(heap));
            },
            (medium, progress) -> check(states, medium, progress));
    assertTrue(report.imagesDistinct() > steps.size(), report::toString);
    System.out.println(name + ": " + report);
  }

  private static void check(List<List<Long>> states, SimulatedMedium medium, Progress progress) {
    TestHeap heap = TestHeap.open(medium);
    medium.onEvent(EventHook.NONE);
    List<Long> found = chain(heap);
    int next = Math.min(progress.count() + 1, states.size() - 1);
    assertTrue(
        found.equals(states.get(progress.count())) || found.equals(states.get(next)),
        () -> "neither before nor after step " + progress.count() + ": " + found);
    popping(found.size()).accept(heap);
    pushing(100, 5000).accept(heap);
    assertEquals(List.of(5000L, 100L), chain(heap));
  }

  @Test
  void allocateAndLink() {
    explore(EXPLORER, "allocate and link", pushing(100), List.of(pushing(100), pushing(100, 40)));
  }

  @Test
  void freeAndUnlink() {
    explore(
        EXPLORER,
        "free and unlink",
        pushing(100, 100, 100, 100),
        List.of(popping(1), popping(2), pushing(100, 100), popping(3)));
  }

  @Test
  void freeAndAllocateInOneTransaction() {
    explore(
        EXPLORER,
        "replace",
        pushing(100, 100),
        List.of(
            heap ->
                heap.transact(
                    transaction -> {
                      pop(heap, transaction);
                      push(heap, transaction, 120);
                    }),
            heap ->
                heap.transact(
                    transaction -> {
                      push(heap, transaction, 100);
                      pop(heap, transaction);
                    })));
  }

  @Test
  void aNewRun() {
    explore(EXPLORER, "a new run", heap -> {}, List.of(pushing(100), pushing(5000)));
  }

  @Test
  void spans() {
    explore(
        EXPLORER,
        "spans",
        pushing(100),
        List.of(pushing(2 * CHUNK), popping(1), pushing(3 * CHUNK), popping(2)));
  }

  @Test
  void aborts() {
    explore(
        EXPLORER,
        "aborts",
        pushing(100, 100),
        List.of(
            heap ->
                heap.abort(
                    transaction -> {
                      push(heap, transaction, 100);
                      push(heap, transaction, 2 * CHUNK);
                    }),
            heap -> heap.abort(transaction -> pop(heap, transaction)),
            pushing(100)));
  }

  /** Runs of one size become empty, are given back, and their chunks serve spans and other runs. */
  @Test
  void chunksOfEmptyRunsAreUsedAgain() {
    explore(
        EXPLORER,
        "reclaim",
        pushing(100, 1000, 10_000, 200, 300),
        List.of(
            popping(5),
            pushing(4 * CHUNK),
            pushing(64, 64),
            popping(3),
            pushing(5 * CHUNK),
            popping(1),
            pushing(100)));
  }

  /** An old bitmap full of ones lies where the new run's bitmap will be. */
  @Test
  void aRunOverOldBytes() {
    explore(
        EXPLORER,
        "a run over old bytes",
        heap -> {
          pushing(5 * CHUNK).accept(heap);
          long block = heap.accessor.getWord(ROOT);
          heap.file.protocolAccessor().fill(block + 16, 5 * CHUNK - 16, (byte) -1);
          heap.file.protocolAccessor().persist(block, 5 * CHUNK);
        },
        List.of(popping(1), pushing(5000), pushing(64 << 10)));
  }

  @Test
  void growth() {
    explore(
        EXPLORER.withMaximumSize(ZONE + 2 * CHUNKS * CHUNK),
        "growth",
        pushing(5 * CHUNK),
        List.of(pushing(100), pushing(3 * CHUNK), popping(1), pushing(4 * CHUNK)));
  }

  @Test
  void outOfMemory() {
    explore(
        EXPLORER.withMaximumSize(ZONE + 2 * CHUNKS * CHUNK),
        "out of memory",
        pushing(100),
        List.of(
            heap ->
                heap.transact(
                    transaction -> {
                      push(heap, transaction, 100);
                      assertThrows(
                          OutOfPersistentMemoryException.class,
                          () -> push(heap, transaction, 2 * CHUNKS * CHUNK));
                      push(heap, transaction, 40);
                    }),
            popping(2)));
  }

  /** The log's extents are blocks of this allocator: after a crash they are free. */
  @Test
  void aLogInBlocksOfTheAllocator() {
    explore(
        EXPLORER.withExhaustiveLimit(64).withSamples(8).withNestedLimits(0, 0),
        "a long log",
        pushing(10_000, 100),
        List.of(
            heap ->
                heap.transact(
                    transaction -> {
                      long block = heap.accessor.getWord(heap.accessor.getWord(ROOT));
                      transaction.declareUnwritten(block + 16, 9000);
                      transaction.seal();
                      push(heap, transaction, 100);
                    }),
            popping(1)));
  }
}
