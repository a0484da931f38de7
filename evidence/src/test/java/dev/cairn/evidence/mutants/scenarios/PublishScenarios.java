package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.TxHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Publish records of two lanes on two stripes: each stripe has a word that leads to a constant
 * block, and a copy of the block's content. Blocks that are released are used again at once, the
 * last one first, so that whatever is released too early does harm.
 */
final class PublishScenarios {
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(TxHeap.SIZE)
          .withExhaustiveLimit(128)
          .withSamples(24)
          .withNestedDepth(1)
          .withNestedLimits(4, 4);

  private static final int BITS = 10;
  private static final int MARKS = 20;
  private static final int COPIES = 2;
  private static final int BLOCKS = 40;
  private static final int BLOCK_COUNT = 16;

  private PublishScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.TX, "records of one lane", () -> run("1A 1A 1B 1A 1AB 1B 1A close")),
        new Scenario(
            Area.TX,
            "records of two lanes",
            () -> run("1A 2A 2B 2B 1A 2A 1B 1A 2B 2A 2A 1B 2AB 2B 2B 1A")),
        new Scenario(
            Area.TX, "a lane that stays idle", () -> run("2B 2B 2B 1A 2A 2B 2B 2A 2A 1A 1A 2B")),
        new Scenario(Area.TX, "blocks that change lanes", () -> run("1A 1A 2B 2B 2B 1A 1A 1A 2B")),
        new Scenario(
            Area.TX,
            "blocks of a lane that was retired",
            () -> run("1A 1A 1A retire 2B 2B 2B 2B 2B 2B 2A")),
        new Scenario(
            Area.TX,
            "publish records and undo logs",
            () -> run("1A 2uA 2B 2B 1A 1xA 2A 2uB 1B 1uA 2A 1uAB 2B 1xB 1A 2uA")),
        new Scenario(
            Area.TX,
            "blocks that are changed in place",
            () -> run("1A 2pA 1pA 1pA 2A 2pA 1ApB 1B 2pB 1A 1pA 2uA 1pA 2pxA 2pA")),
        new Scenario(
            Area.TX,
            "records of the time before a recovery",
            () -> run("1A 2A 2B reopen 1A 1B 1A reopen 2A 1A 2B")),
        new Scenario(
            Area.TX,
            "retiring, and closing",
            () -> run("1A 2B 1A 2B retire 1A 2B 1A 1B retire 2A 2A close")));
  }

  private static void run(String steps) {
    List<String> all = List.of(steps.split(" "));
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          try (World world = new World(medium)) {
            recorder.start();
            for (int i = 0; i < all.size(); i++) {
              world.step(all.get(i), i + 1L);
              recorder.acknowledge(all.get(i));
            }
          }
        },
        (medium, progress) -> check(medium, progress, all));
  }

  private static void check(SimulatedMedium medium, Progress progress, List<String> steps) {
    TxHeap heap = TxHeap.open(medium);
    medium.onEvent(EventHook.NONE);
    boolean closed = progress.acknowledged().contains("close");
    assertFalse(closed && heap.transactions.recovered(), "a close left something to recover");
    long bits = 0;
    long[] values = new long[2];
    for (int stripe = 0; stripe < 2; stripe++) {
      long block = heap.get(stripe);
      if (block != 0) {
        values[stripe] = heap.file.accessor().getWord(block);
        bits |= bit(block);
      }
      assertEquals(values[stripe], heap.get(COPIES + stripe), "half of a step");
    }
    assertEquals(Long.toBinaryString(bits), Long.toBinaryString(heap.get(BITS)), "bits");
    List<Long> found = List.of(values[0], values[1]);
    int done = progress.count();
    assertTrue(
        found.equals(expected(steps, done)) || found.equals(expected(steps, done + 1)),
        () -> "step %d left %s".formatted(done, found));
  }

  private static List<Long> expected(List<String> steps, int count) {
    long[] values = new long[2];
    for (int i = 0; i < Math.min(count, steps.size()); i++) {
      String step = steps.get(i);
      for (int stripe = 0; stripe < 2 && !step.contains("x"); stripe++) {
        if (step.indexOf('A' + stripe) >= 0) {
          values[stripe] = i + 1L;
        }
      }
    }
    return List.of(values[0], values[1]);
  }

  private static long bit(long block) {
    return 1L << ((block - word(BLOCKS)) / (word(1) - word(0)));
  }

  /** The heap under test, and the second thread, which keeps its lane. */
  private static final class World implements AutoCloseable {
    private final SimulatedMedium medium;
    private final VersionedLock[] locks = new VersionedLock[2];
    private final Deque<Long> free = new ArrayDeque<>();
    private final ExecutorService second = Executors.newSingleThreadExecutor();
    private TxHeap heap;

    World(SimulatedMedium medium) {
      this.medium = medium;
      this.heap = TxHeap.create(medium);
      opened();
    }

    private void opened() {
      for (int stripe = 0; stripe < 2; stripe++) {
        locks[stripe] = new VersionedLock(heap.file, word(MARKS + stripe));
      }
      free.clear();
      for (int i = 0; i < BLOCK_COUNT; i++) {
        long block = word(BLOCKS + i);
        if ((heap.get(BITS) & bit(block)) == 0) {
          free.add(block);
        }
      }
    }

    void step(String step, long value) throws InterruptedException {
      if (step.startsWith("2")) {
        try {
          second.submit(() -> act(step, value)).get();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException exception) {
            throw exception;
          }
          throw (Error) e.getCause();
        }
      } else {
        act(step, value);
      }
    }

    private void act(String step, long value) {
      if (step.equals("close")) {
        heap.transactions.close();
        return;
      }
      if (step.equals("reopen")) { // as after a crash that took nothing
        heap = TxHeap.open(medium);
        opened();
        return;
      }
      Transaction transaction = heap.transactions.enter();
      if (step.equals("retire")) {
        transaction.reclaim();
        transaction.exit();
        return;
      }
      boolean undo = step.contains("u") || step.contains("x");
      for (int stripe = 0; stripe < 2; stripe++) {
        if (step.indexOf('A' + stripe) >= 0) {
          change(transaction, stripe, value, undo, step.contains("p"));
        }
      }
      if (step.contains("x")) {
        heap.abort();
      } else {
        transaction.exit();
      }
    }

    private void change(
        Transaction transaction, int stripe, long value, boolean undo, boolean inPlace) {
      transaction.lock(locks[stripe]);
      transaction.changes(locks[stripe]);
      long old = transaction.getWord(word(stripe));
      if (inPlace && old != 0) {
        transaction.deferWord(old, value);
        transaction.deferWord(word(COPIES + stripe), value);
        return;
      }
      long block = take();
      heap.file.accessor().putWord(block, value);
      transaction.declareAllocated(word(BITS), bit(block), block);
      if (old != 0) {
        transaction.declareFreed(word(BITS), bit(old), old);
      }
      if (undo) {
        transaction.fresh(block, Long.BYTES);
        transaction.declareWord(word(stripe));
        transaction.declareWord(word(COPIES + stripe));
        transaction.seal();
        transaction.putWord(word(stripe), block);
        transaction.putWord(word(COPIES + stripe), value);
      } else {
        transaction.constant(block, Long.BYTES);
        transaction.deferWord(word(stripe), block);
        transaction.deferWord(word(COPIES + stripe), value);
      }
    }

    private long take() {
      heap.takeReleased().forEach(free::push);
      return free.pop();
    }

    @Override
    public void close() {
      second.shutdownNow();
    }
  }
}
