package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashScenario;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Operation;
import dev.cairn.crashtest.SimulatedMedium;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two and three lanes that change the same stripes one right after the other, in many
 * interleavings, each cut short at every flush and fence with any of the stores since the last one
 * lost; and so is the recovery. What had returned is there, in an order that could have been.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PublishInterleavingTest {
  private static final int SCHEDULES = Integer.getInteger("cairn.crash.schedules", 60);

  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(TestHeap.SIZE)
          .withExhaustiveLimit(32)
          .withSamples(8)
          .withNestedDepth(1)
          .withNestedLimits(4, 2)
          .withSchedules(SCHEDULES);

  private static final int STRIPES = 2;
  private static final int COPIES = 2;
  private static final int BITS = 10;
  private static final int MARKS = 20;
  private static final int BLOCKS = 40;

  /**
   * A heap with two stripes. Each has a word that leads to a constant block with the stripe's
   * value, and a copy of the value; the blocks have bits in one word.
   */
  private static final class Stripes {
    private final TestHeap heap;
    private final VersionedLock[] locks = new VersionedLock[STRIPES];

    /** No block is used twice. Guarded by the monitor. */
    private int nextBlock;

    private Stripes(TestHeap heap) {
      this.heap = heap;
      for (int stripe = 0; stripe < STRIPES; stripe++) {
        locks[stripe] = new VersionedLock(heap.file, word(MARKS + stripe));
      }
    }

    static Stripes create(SimulatedMedium medium) {
      return new Stripes(TestHeap.create(medium));
    }

    static Stripes recover(SimulatedMedium medium) {
      return new Stripes(TestHeap.open(medium));
    }

    private synchronized long takeBlock() {
      return word(BLOCKS + nextBlock++);
    }

    private static long bit(long block) {
      return 1L << ((block - word(BLOCKS)) / (word(1) - word(0)));
    }

    private long value(int stripe) {
      long block = heap.get(stripe);
      return block == 0 ? 0 : heap.file.accessor().getWord(block);
    }

    /** Adds to some stripes, in one transaction; returns what that made of them. */
    List<Long> add(long amount, boolean logged, int... stripes) {
      Transaction transaction = heap.transactions.enter();
      long[] values = new long[STRIPES];
      try {
        for (int stripe : stripes) {
          transaction.lock(locks[stripe]);
          transaction.changes(locks[stripe]);
          values[stripe] = value(stripe) + amount;
          change(transaction, stripe, values[stripe], logged);
        }
      } catch (Throwable t) {
        throw transaction.exitFailed(t);
      }
      transaction.exit();
      return List.of(values[0], values[1]);
    }

    private void change(Transaction transaction, int stripe, long value, boolean logged) {
      long old = heap.get(stripe);
      long block = takeBlock();
      transaction.declareAllocated(word(BITS), bit(block), block);
      if (old != 0) {
        transaction.declareFreed(word(BITS), bit(old), old);
      }
      if (logged) {
        transaction.fresh(block, Long.BYTES);
      } else {
        transaction.constant(block, Long.BYTES);
      }
      heap.file.accessor().putWord(block, value);
      if (logged) {
        transaction.declareWord(word(stripe));
        transaction.declareWord(word(COPIES + stripe));
        transaction.seal();
        transaction.putWord(word(stripe), block);
        transaction.putWord(word(COPIES + stripe), value);
      } else {
        transaction.deferWord(word(stripe), block);
        transaction.deferWord(word(COPIES + stripe), value);
      }
    }

    /** Retires the idle lanes that keep freed blocks, and the own one. */
    List<Long> retire() {
      Transaction transaction = heap.transactions.enter();
      transaction.reclaim();
      transaction.exit();
      return List.of();
    }

    Object state() {
      return List.of(value(0), value(1));
    }

    void verify() {
      long bits = 0;
      for (int stripe = 0; stripe < STRIPES; stripe++) {
        assertEquals(value(stripe), heap.get(COPIES + stripe), "half of a transaction");
        long block = heap.get(stripe);
        bits |= block == 0 ? 0 : bit(block);
      }
      assertEquals(Long.toBinaryString(bits), Long.toBinaryString(heap.get(BITS)), "bits");
    }
  }

  private static Operation<Stripes> add(long amount, int... stripes) {
    return Operation.call("add " + amount, world -> world.add(amount, false, stripes));
  }

  private static Operation<Stripes> addLogged(long amount, int... stripes) {
    return Operation.call("add logged " + amount, world -> world.add(amount, true, stripes));
  }

  private static Operation<Stripes> retire() {
    return Operation.call("retire", Stripes::retire);
  }

  private static CrashScenario<Stripes> scenario() {
    return CrashScenario.of(Stripes::create, Stripes::recover)
        .withState(Stripes::state)
        .withVerify(Stripes::verify);
  }

  private static void explore(String name, CrashScenario<Stripes> scenario) {
    ExplorationReport report = EXPLORER.explore(scenario);
    System.out.printf(
        "%s: %d schedules, %d events, %d images, and %d of recovery, %d ms%n",
        name,
        report.schedules(),
        report.events(),
        report.imagesDistinct(),
        report.nestedImages(),
        report.time().toMillis());
    assertTrue(report.imagesDistinct() > report.schedules(), report.toString());
    assertTrue(report.nestedImages() > 0, report.toString());
  }

  @Test
  void anotherLaneChangesTheStripeRightAfterwards() {
    explore(
        "one stripe",
        scenario()
            .prepare(add(1, 0))
            .thread(add(10, 0), add(100, 0))
            .thread(add(1000, 0), add(10_000, 0)));
  }

  @Test
  void oneRecordIsOfBothStripes() {
    explore(
        "two stripes",
        scenario()
            .thread(add(1, 0), add(10, 0, 1), add(100, 1))
            .thread(add(1000, 1), add(10_000, 0, 1), add(100_000, 0)));
  }

  @Test
  void publishedAndLoggedInTurns() {
    explore(
        "records and logs",
        scenario()
            .thread(add(1, 0), addLogged(10, 0), add(100, 0, 1))
            .thread(addLogged(1000, 0), add(10_000, 0), addLogged(100_000, 1)));
  }

  /** A lane is retired while another thread needs what it has stored to be durable. */
  @Test
  void lanesAreRetiredMeanwhile() {
    explore(
        "retiring",
        scenario()
            .prepare(add(1, 0), add(2, 0))
            .thread(add(10, 0), add(100, 0), add(1000, 0))
            .thread(add(10_000, 0), add(100_000, 0))
            .thread(retire(), retire()));
  }
}
