package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.TxHeap.set;
import static dev.cairn.evidence.mutants.scenarios.TxHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashImage;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.TransactionTooLargeException;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Transactions over plain words. */
final class TxScenarios {
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(TxHeap.SIZE)
          .withExhaustiveLimit(64)
          .withSamples(16)
          .withNestedDepth(0)
          .withNestedLimits(0, 0);

  /** Far apart, so that each has a flush of its own. */
  private static final int[] WORDS = {0, 10, 20};

  /** An operand of log entries and a multiplier of checksums; see the format. */
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private TxScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.TX, "two commits", TxScenarios::twoCommits),
        new Scenario(Area.TX, "several groups", TxScenarios::severalGroups),
        new Scenario(Area.TX, "a put: bits and fresh memory", TxScenarios::put),
        new Scenario(Area.TX, "abort, then a commit on another lane", TxScenarios::abort),
        new Scenario(Area.TX, "ranges, one logged twice", TxScenarios::ranges),
        new Scenario(Area.TX, "the work goes on after recovery", TxScenarios::workAfterRecovery),
        new Scenario(
            Area.TX, "another thread after recovery", TxScenarios::otherThreadAfterRecovery),
        new Scenario(Area.TX, "a log over several extents", TxScenarios::longLog),
        new Scenario(Area.TX, "an extent that another lane had", TxScenarios::extentOfAnotherLane),
        new Scenario(Area.TX, "a seal that fails", TxScenarios::sealThatFails),
        new Scenario(Area.TX, "an operation too large for the log", TxScenarios::tooLarge),
        new Scenario(Area.TX, "blocks of a seal that fails", TxScenarios::blocksOfAFailedSeal),
        new Scenario(Area.TX, "another thread under the same lock", TxScenarios::lockedByAnother),
        new Scenario(Area.TX, "a medium, or a release, that fails", TxScenarios::failures),
        new Scenario(Area.TX, "damaged log records", TxScenarios::damagedRecords),
        new Scenario(Area.TX, "recovery that crashes twice", TxScenarios::recoveryCrashes));
  }

  /** The words are 1 and become 2, 3, ... together, one number for each acknowledgement. */
  private static void explore(CrashExplorer explorer, List<Consumer<TxHeap>> steps) {
    Scenarios.explore(
        explorer,
        (medium, recorder) -> {
          TxHeap heap = TxHeap.create(medium);
          for (int index : WORDS) {
            heap.preset(index, 1);
          }
          recorder.start();
          for (Consumer<TxHeap> step : steps) {
            step.accept(heap);
            recorder.acknowledge(step);
          }
        },
        TxScenarios::check);
  }

  private static void check(SimulatedMedium medium, Progress progress) {
    TxHeap heap = TxHeap.open(medium);
    medium.onEvent(EventHook.NONE);
    long value = heap.get(0);
    for (int index : WORDS) {
      assertEquals(value, heap.get(index), "words of one step differ");
    }
    assertTrue(
        value == progress.count() + 1 || value == progress.count() + 2,
        () -> "step " + progress.count() + " left " + value);
  }

  private static Consumer<TxHeap> setting(long value) {
    return heap -> heap.commit(value, WORDS);
  }

  private static void twoCommits() {
    explore(EXPLORER, List.of(setting(2), setting(3)));
  }

  private static void severalGroups() {
    explore(
        EXPLORER,
        List.of(
            heap -> {
              for (int i = 0; i < 3; i++) {
                heap.transactions.enter();
                set(heap.current(), 2, WORDS[i]);
              }
              for (int i = 0; i < 3; i++) {
                heap.current().exit();
              }
            },
            setting(3)));
  }

  /** Fresh memory, an allocation bit, the word that leads there, and the old block's bit. */
  private static void put() {
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          TxHeap heap = TxHeap.create(medium);
          heap.preset(0, word(50));
          heap.preset(10, 0x10);
          heap.preset(50, 5);
          recorder.start();
          Transaction transaction = heap.transactions.enter();
          transaction.declareAllocated(word(10), 0x1, word(60));
          transaction.fresh(word(60), 72);
          heap.file.accessor().putWord(word(60), 6);
          heap.file.accessor().putWord(word(61), 6);
          set(transaction, word(60), 0);
          transaction.declareFreed(word(10), 0x10, word(50)); // sealed by the commit
          transaction.exit();
          recorder.acknowledge("put");
          assertEquals(List.of(word(50)), heap.released, "released");
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          long at = heap.get(0);
          assertTrue(at == word(60) || (at == word(50) && progress.count() == 0));
          assertEquals(at == word(60) ? 0x1 : 0x10, heap.get(10));
          assertEquals(at == word(60) ? 6 : 5, heap.file.accessor().getWord(at));
          assertEquals(at == word(60) ? 6 : 0, heap.file.accessor().getWord(at + 64));
        });
  }

  /**
   * The old values are durable before the log is void, and the log is void before the next one
   * changes the words: it uses another lane, in a thread of its own.
   */
  private static void abort() {
    explore(
        EXPLORER,
        List.of(
            heap -> {
              set(heap.transactions.enter(), 9, WORDS);
              heap.current().declareAllocated(word(30), 1, word(50));
              heap.current().declareFreed(word(31), 1, word(51));
              heap.abort();
              assertEquals(List.of(word(50)), heap.released, "released");
              Transaction keepsTheLane = heap.transactions.enter();
              Scenarios.inOtherThread(() -> setting(2).accept(heap));
              keepsTheLane.exit();
            }));
  }

  private static void ranges() {
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          TxHeap heap = TxHeap.create(medium);
          for (int i = 0; i < 3; i++) {
            heap.preset(i, 1);
          }
          recorder.start();
          Transaction transaction = heap.transactions.enter();
          for (int value = 2; value <= 3; value++) {
            transaction.declareRange(word(0), 2 * 64 + 8);
            transaction.seal();
            for (int i = 0; i < 3; i++) {
              transaction.putWord(word(i), value);
            }
          }
          transaction.exit();
          recorder.acknowledge("committed");
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          long value = heap.get(0);
          assertTrue(value == 3 || (value == 1 && progress.count() == 0), () -> "left " + value);
          assertEquals(value, heap.get(1));
          assertEquals(value, heap.get(2));
        });
  }

  /** The commit has stored and flushed everything, but its log still stands: it is undone. */
  private static void recoveryCrashes() {
    recoveryCrashes(EXPLORER.withNestedDepth(1).withNestedLimits(16, 4), 1);
    recoveryCrashes(EXPLORER.withNestedDepth(2).withExhaustiveLimit(0).withSamples(0), 3);
  }

  private static void recoveryCrashes(CrashExplorer explorer, int firstFence) {
    Scenarios.explore(
        explorer,
        (inner, recorder) -> {
          MediumWithBystander medium = new MediumWithBystander(inner);
          TxHeap heap = TxHeap.create(medium);
          heap.preset(0, 1);
          heap.preset(1, 0xF0);
          medium.beforeFence(firstFence, recorder::start);
          Transaction transaction = heap.transactions.enter();
          transaction.declareAllocated(word(1), 0x1, word(50));
          transaction.declareFreed(word(1), 0x10, word(51));
          set(transaction, 2, 0);
          transaction.exit();
          recorder.acknowledge("committed");
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          boolean committed = heap.get(0) == 2;
          assertTrue(committed || progress.count() == 0, "acknowledged, and gone");
          assertEquals(committed ? 2 : 1, heap.get(0));
          assertEquals(committed ? 0xE1 : 0xF0, heap.get(1));
        });
  }

  /**
   * A crash leaves a torn first record, and behind it a whole second one. The next transaction
   * writes a first record of the same length: the second must not come to life again.
   */
  private static void workAfterRecovery() {
    CrashImage crash;
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      heap.preset(0, 1);
      heap.preset(1, 1);
      Transaction transaction = heap.transactions.enter();
      set(transaction, 1, 0);
      set(transaction, 1, 1);
      long record = HeapLayout.LANES_OFFSET + 64;
      assertTrue(medium.getLong(record) != 0, "the log is elsewhere");
      medium.putLong(record, 0); // the checksum of the first record is lost
      crash = medium.newestImage();
    }
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          for (long at = 0; at < crash.size(); at += Long.BYTES) {
            if (medium.getLong(at) != crash.word(at)) {
              medium.putLong(at, crash.word(at));
            }
          }
          medium.flush(0, crash.size());
          medium.fence();
          TxHeap recovered = TxHeap.open(medium);
          recovered.transactions.enter().exit(); // this thread has the first lane again
          recorder.start();
          Scenarios.inOtherThread(() -> recovered.commit(2, 1)); // on another lane
          recorder.acknowledge("first");
          recovered.commit(3, 0);
          recorder.acknowledge("second");
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          int done = progress.count();
          long second = heap.get(1);
          assertTrue(second == 2 || (second == 1 && done == 0), "an old record came to life");
          long first = heap.get(0);
          assertTrue(first == (done == 2 ? 3 : 1) || (first == 3 && done == 1), "first word");
        });
  }

  /** What recovery flushed is durable before another thread, with fences of its own, begins. */
  private static void otherThreadAfterRecovery() {
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          TxHeap old = TxHeap.create(medium);
          for (int index : WORDS) {
            old.preset(index, 1);
          }
          TxHeap heap = TxHeap.open(medium);
          heap.transactions.enter().exit(); // this thread has the first lane
          recorder.start();
          Scenarios.inOtherThread(() -> heap.commit(2, WORDS));
          recorder.acknowledge("committed");
        },
        TxScenarios::check);
  }

  private static void longLog() {
    int[] watched = {0, 1, 2, 3, 4, 5, 6, 7};
    Scenarios.explore(
        EXPLORER.withExhaustiveLimit(64).withSamples(16),
        (medium, recorder) -> {
          TxHeap heap = TxHeap.create(medium);
          for (int i : watched) {
            heap.preset(i, 1);
          }
          recorder.start();
          for (long value = 2; value <= 3; value++) {
            Transaction transaction = heap.transactions.enter();
            for (int i : watched) {
              transaction.declareRange(word(1000), 4 << 10); // old bytes that nobody changes
              set(transaction, value, i);
            }
            transaction.exit();
            recorder.acknowledge(value);
            assertEquals(heap.extentsMade(), heap.extentsFree(), "extents that were given back");
          }
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          long value = heap.get(0);
          for (int i : watched) {
            assertEquals(value, heap.get(i), "words of one transaction differ");
          }
          assertTrue(value == progress.count() + 1 || value == progress.count() + 2);
        });
  }

  /**
   * Two lanes are at the same generation; the second one's log goes on in the extent that the first
   * one has just left. What it finds there is no part of its log.
   */
  private static void extentOfAnotherLane() {
    Scenarios.explore(
        EXPLORER.withExhaustiveLimit(64).withSamples(16).withNestedDepth(0),
        (medium, recorder) -> {
          TxHeap heap = TxHeap.create(medium);
          heap.preset(0, 1);
          recorder.start();
          Transaction first = heap.transactions.enter();
          first.declareRange(word(1000), 9000);
          set(first, 2, 0);
          set(first, 3, 0);
          first.exit();
          recorder.acknowledge("first");
          Transaction keepsTheLane = heap.transactions.enter();
          Scenarios.inOtherThread(
              () -> {
                Transaction second = heap.transactions.enter();
                second.declareRange(word(2000), 9000);
                set(second, 4, 0);
                second.exit();
              });
          recorder.acknowledge("second");
          keepsTheLane.exit();
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          List<Long> states = List.of(1L, 3L, 4L);
          int found = states.indexOf(heap.get(0));
          int done = progress.count();
          assertTrue(found == done || found == done + 1, () -> "left " + heap.get(0));
        });
  }

  /** What a seal logged before it failed does no harm. */
  private static void sealThatFails() {
    Scenarios.explore(
        EXPLORER.withExhaustiveLimit(64).withSamples(16),
        (medium, recorder) -> {
          TxHeap heap = TxHeap.create(medium);
          heap.preset(0, 1);
          heap.preset(1, 2);
          recorder.start();
          heap.allow(0);
          Transaction transaction = heap.transactions.enter();
          set(transaction, 5, 0);
          transaction.declareWord(word(1));
          transaction.declareRange(word(1000), 16 << 10);
          assertThrows(TransactionTooLargeException.class, transaction::seal);
          transaction.exit();
          recorder.acknowledge("first");
          heap.commit(6, 0, 1);
          recorder.acknowledge("second");
        },
        (medium, progress) -> {
          TxHeap heap = TxHeap.open(medium);
          long[][] states = {{1, 2}, {5, 2}, {6, 6}};
          long[] found = {heap.get(0), heap.get(1)};
          int next = Math.min(progress.count() + 1, 2);
          assertTrue(
              Arrays.equals(found, states[progress.count()]) || Arrays.equals(found, states[next]),
              () -> Arrays.toString(found));
        });
  }

  /** The operation itself is refused, and the transaction around it goes on. */
  private static void tooLarge() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      heap.allow(0);
      VersionedLock lock = new VersionedLock(heap.file, word(1));
      Transaction transaction = heap.transactions.enter();
      transaction.lock(lock);
      transaction.changes(lock);
      set(transaction, 1, 0);
      heap.transactions.enter();
      for (int i = 10; i < 1000; i++) {
        transaction.deferWord(word(i), 1);
      }
      assertThrows(TransactionTooLargeException.class, transaction::sealIfLarge);
      heap.abort();
      transaction.exit();
      assertEquals(1, heap.get(0));
      assertEquals(0, heap.get(10));
    }
  }

  /**
   * A seal failed after it had logged that a block was allocated. If the block were released at
   * once, another transaction could publish it, and the undoing would take it away again.
   */
  private static void blocksOfAFailedSeal() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      heap.allow(0);
      Transaction transaction = heap.transactions.enter();
      set(transaction, 1, 0);
      transaction.declareAllocated(word(10), 0x1_0000, word(2000));
      transaction.declareRange(word(1), 64 << 10);
      assertThrows(TransactionTooLargeException.class, transaction::seal);
      assertEquals(List.of(), heap.released, "another transaction could have it now");
      heap.abort();
      assertEquals(List.of(word(2000)), heap.released);
    }
  }

  /** After a failure the thread is in no transaction, and the lane is not in use. */
  private static void failures() {
    Switches.countImage();
    try (SimulatedMedium inner = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      MediumWithBystander medium = new MediumWithBystander(inner);
      TxHeap heap = TxHeap.create(medium);
      for (boolean commit : new boolean[] {true, false}) {
        Transaction transaction = heap.transactions.enter();
        transaction.declareFreed(word(10), 1, word(2000));
        transaction.declareAllocated(word(11), 1, word(2001));
        transaction.seal();
        heap.failAtRelease = true;
        if (commit) {
          assertThrows(IllegalStateException.class, transaction::exit);
        } else {
          heap.abort();
        }
        heap.failAtRelease = false;
        assertNull(heap.transactions.current());
        heap.commit(5, 0);
      }
      medium.beforeFence(
          2,
          () -> {
            throw new HeapFailedException("no power, on purpose", null);
          });
      assertThrows(HeapFailedException.class, () -> heap.commit(6, 0));
      assertNull(heap.transactions.current());
      assertThrows(HeapFailedException.class, () -> heap.commit(7, 0));
    }
  }

  /**
   * While one thread is about to make its commit durable, another reads the word without the lock,
   * and a third takes the lock and changes the word. What they say they saw, and did, is durable.
   */
  private static void lockedByAnother() {
    for (int fence = 1; fence <= 3; fence++) {
      lockedByAnother(fence, false);
      lockedByAnother(fence, true);
    }
  }

  private static void lockedByAnother(int moment, boolean abort) {
    Scenarios.explore(
        EXPLORER,
        (inner, recorder) -> {
          MediumWithBystander medium = new MediumWithBystander(inner);
          TxHeap heap = TxHeap.create(medium);
          heap.preset(0, 1);
          VersionedLock lock = new VersionedLock(heap.file);
          Thread reader =
              thread(
                  () -> {
                    long value;
                    long stamp;
                    do {
                      stamp = lock.awaitOptimisticRead();
                      value = heap.get(0);
                    } while (!lock.validate(stamp));
                    recorder.acknowledge(value);
                  });
          Thread writer =
              thread(
                  () -> {
                    Transaction transaction = heap.transactions.enter();
                    transaction.lock(lock);
                    long value = heap.get(0) + 1;
                    set(transaction, value, 0);
                    transaction.exit();
                    recorder.acknowledge(value);
                  });
          recorder.start();
          Transaction transaction = heap.transactions.enter();
          transaction.lock(lock);
          medium.beforeFence(
              moment,
              () -> {
                startAndSettle(reader);
                startAndSettle(writer);
              });
          set(transaction, 2, 0);
          if (abort) {
            heap.abort();
          } else {
            transaction.exit();
            recorder.acknowledge(2L);
          }
          Scenarios.join(reader);
          Scenarios.join(writer);
          assertEquals(abort ? 2 : 3, heap.get(0), "the writer missed what was done before");
        },
        (medium, progress) -> {
          long value = TxHeap.open(medium).get(0);
          long seen = progress.acknowledged().stream().mapToLong(v -> (long) v).max().orElse(1);
          assertTrue(value >= seen, () -> "somebody saw " + seen + ", the crash left " + value);
        });
  }

  static Thread thread(Runnable action) {
    Thread thread = new Thread(action);
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((t, e) -> {}); // what it did not do will be missed
    return thread;
  }

  /** Starts a thread, and goes on when it has ended or waits for something. */
  static void startAndSettle(Thread thread) {
    thread.start();
    while (thread.getState() == Thread.State.RUNNABLE || thread.getState() == Thread.State.NEW) {
      Thread.onSpinWait();
    }
  }

  /** Any flipped bit voids a record, as another place does; a log in a ring is refused. */
  private static void damagedRecords() {
    CrashImage image;
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      heap.preset(0, 100);
      set(heap.transactions.enter(), 1, 0);
      image = medium.newestImage();
    }
    long record = HeapLayout.LANES_OFFSET + 64;
    for (int bit = 0; bit < 32 * Byte.SIZE; bit++) {
      int flipped = bit;
      Switches.countImage();
      try (SimulatedMedium damaged = Scenarios.medium(image)) {
        long at = record + bit / Long.SIZE * (long) Long.BYTES;
        damaged.putLong(at, damaged.getLong(at) ^ (1L << bit));
        assertEquals(1, TxHeap.open(damaged).get(0), () -> "nobody noticed bit " + flipped);
      } catch (HeapCorruptedException noticed) {
        // As good.
      }
    }
    misplacedRecord();
    Switches.countImage();
    try (SimulatedMedium ring = Scenarios.medium(image)) {
      long extent = word(100);
      forgeLink(ring, record, 0, extent);
      forgeLink(ring, extent, 1, extent);
      assertThrows(HeapCorruptedException.class, () -> TxHeap.open(ring));
    }
  }

  /** The second record lies where the first one was: it is not the first one. */
  private static void misplacedRecord() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      heap.preset(0, 100);
      heap.preset(1, 100);
      set(heap.transactions.enter(), 1, 0);
      set(heap.current(), 1, 1);
      long first = HeapLayout.LANES_OFFSET + 64;
      for (long at = first; at < first + 32; at += Long.BYTES) {
        medium.putLong(at, medium.getLong(at + 32));
      }
      assertEquals(1, TxHeap.open(medium).get(1), "believed, in the wrong place");
    }
  }

  /** Writes a record with a right checksum that leads to an extent. */
  private static void forgeLink(SimulatedMedium medium, long record, long sequence, long extent) {
    long generation = medium.getLong(HeapLayout.LANES_OFFSET);
    long[] words = {5L << 56 | extent, 64, sequence << 32 | 32};
    long era = medium.getLong(HeapLayout.ERA_OFFSET);
    long hash = mix(mix(mix(MULTIPLIER, 0), generation), era);
    for (long word : words) {
      hash = mix(hash, word);
    }
    medium.putLong(record, hash);
    medium.putLong(record + 8, words[2]);
    medium.putLong(record + 16, words[0]);
    medium.putLong(record + 24, words[1]);
  }

  private static long mix(long hash, long word) {
    long h = (hash ^ word) * MULTIPLIER;
    return h ^ (h >>> 32);
  }
}
