package dev.cairn.allocator.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions of several threads, open at the same time, against a map of who has which block. The
 * threads take turns by the seed, so each run is the same.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AllocatorTurnsTest {
  private static final int THREADS = 5;
  private static final int TURNS = 4000;

  /** Sizes whose runs have from thousands of blocks to a few, and spans. */
  private static final long[] SIZES = {16, 16, 16, 128, 128, 1000, 9000, 100_000, 600_000};

  private final SimulatedMedium medium = TestHeap.simulated(12, 100);
  private final TestHeap heap = TestHeap.create(medium);

  /** Allocated blocks that nobody is freeing. */
  private final Set<Long> allocated = new TreeSet<>();

  /** Blocks in the hands of an open transaction, and their size: nobody else may get them. */
  private final NavigableMap<Long, Long> taken = new TreeMap<>();

  private final class Actor {
    private final SplittableRandom random;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Set<Long> reserved = new TreeSet<>();
    private final Set<Long> leaving = new TreeSet<>();
    private @Nullable Transaction transaction;

    Actor(long seed) {
      random = new SplittableRandom(seed);
    }

    void turn() throws Exception {
      thread.submit(this::act).get();
    }

    private Void act() {
      Transaction current = transaction;
      if (current == null) {
        transaction = heap.transactions.enter();
        return null;
      }
      switch (random.nextInt(8)) {
        case 0 -> end(true);
        case 1 -> end(false);
        case 2, 3 -> free(current);
        default -> allocate(current);
      }
      return null;
    }

    private void allocate(Transaction current) {
      long size = SIZES[random.nextInt(SIZES.length)];
      for (int n = size > 1000 ? 1 : 1 + random.nextInt(40); n > 0; n--) {
        long block = heap.allocator.allocateUnwritten(current, size);
        assertTrue(!allocated.contains(block), "allocated already");
        assertNull(taken.put(block, size), "in another transaction's hands");
        reserved.add(block);
      }
    }

    private void free(Transaction current) {
      List<Long> candidates = new ArrayList<>(allocated);
      for (int n = Math.min(candidates.size(), random.nextInt(60)); n > 0; n--) {
        long block = candidates.remove(random.nextInt(candidates.size()));
        heap.allocator.free(current, block);
        allocated.remove(block);
        leaving.add(block);
        assertNull(taken.put(block, 0L));
      }
      taken.forEach(
          (block, size) -> {
            if (size == 0 && random.nextInt(100) == 0) {
              assertThrows(HeapCorruptedException.class, () -> heap.allocator.free(current, block));
            }
          });
    }

    void end(boolean commits) {
      if (transaction == null) {
        return;
      }
      Transaction ending = transaction;
      transaction = null;
      // Who is freed or undone is in nobody's hands before the end has returned.
      if (commits) {
        ending.exit();
        allocated.addAll(reserved);
      } else {
        IllegalStateException reason = new IllegalStateException("aborted on purpose");
        assertThrows(IllegalStateException.class, () -> ending.exitFailed(reason));
        allocated.addAll(leaving);
      }
      taken.keySet().removeAll(reserved);
      taken.keySet().removeAll(leaving);
      reserved.clear();
      leaving.clear();
    }
  }

  private void compare() {
    assertTrue(
        heap.allocator.verify(
            finding -> {
              throw finding;
            }));
    assertEquals(allocated, heap.allocated().keySet());
    long end = 0;
    for (Map.Entry<Long, Long> block : heap.allocated().entrySet()) {
      assertTrue(block.getKey() >= end, "blocks overlap");
      end = block.getKey() + block.getValue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void blocksAreInOneTransactionsHandsAtATime(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    List<Actor> actors = new ArrayList<>();
    try {
      for (int i = 0; i < THREADS; i++) {
        actors.add(new Actor(seed * THREADS + i));
      }
      for (int turn = 1; turn <= TURNS; turn++) {
        actors.get(random.nextInt(THREADS)).turn();
        if (turn % 500 == 0) {
          for (Actor actor : actors) {
            boolean commits = random.nextBoolean();
            actor.thread.submit(() -> actor.end(commits)).get();
          }
          compare();
        }
      }
    } finally {
      actors.forEach(actor -> actor.thread.shutdownNow());
    }
    TestHeap reopened = TestHeap.open(medium);
    assertEquals(allocated, reopened.allocated().keySet());
    reopened.transact(
        transaction -> allocated.forEach(block -> reopened.allocator.free(transaction, block)));
    assertEquals(Map.of(), reopened.allocated());
    reopened.allocate(50 * TestHeap.CHUNK);
  }
}
