package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashModel;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.SimulatedMedium;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every crash of a transaction leaves the state before it or after it, and after it if it had
 * returned. Each test runs transactions whose states are known, and looks at a few words.
 */
class TransactionCrashTest {
  /** Words that tests look at: 0 to 7. */
  private static final int WATCHED = 8;

  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(TestHeap.SIZE).withNestedLimits(4, 2);

  private static long[] state(TestHeap heap) {
    long[] state = new long[WATCHED];
    Arrays.setAll(state, heap::get);
    return state;
  }

  /**
   * Explores transactions one after the other.
   *
   * @param after the watched words after each number of transactions
   */
  private static void explore(
      CrashExplorer explorer, String name, List<long[]> after, List<Consumer<TestHeap>> steps) {
    assertEquals(after.size(), steps.size() + 1);
    ExplorationReport report =
        explorer.explore(
            (medium, recorder) -> {
              TestHeap heap = TestHeap.create(medium);
              for (int i = 0; i < WATCHED; i++) {
                heap.preset(i, after.getFirst()[i]);
              }
              recorder.start();
              for (int i = 0; i < steps.size(); i++) {
                steps.get(i).accept(heap);
                recorder.acknowledge(i);
                assertArrayEquals(after.get(i + 1), state(heap));
              }
            },
            (medium, progress) -> check(after, medium, progress));
    assertTrue(report.imagesDistinct() > steps.size() + 1, report::toString);
    System.out.println(name + ": " + report);
  }

  private static void check(List<long[]> after, SimulatedMedium medium, Progress progress) {
    TestHeap heap = TestHeap.open(medium);
    medium.onEvent(EventHook.NONE);
    long[] found = state(heap);
    int next = Math.min(progress.count() + 1, after.size() - 1);
    assertTrue(
        Arrays.equals(found, after.get(progress.count())) || Arrays.equals(found, after.get(next)),
        () ->
            "neither before nor after step %d: %s"
                .formatted(progress.count(), Arrays.toString(found)));
    // The heap goes on working, on the lane that was in use too.
    for (int i = 0; i < WATCHED; i++) {
      set(heap.transactions.enter(), -i, i);
      heap.current().exit();
      assertEquals(-i, heap.get(i));
    }
  }

  private static long[] words(long... values) {
    return Arrays.copyOf(values, WATCHED);
  }

  private static Consumer<TestHeap> setting(long value, int... indexes) {
    return heap -> {
      set(heap.transactions.enter(), value, indexes);
      heap.current().exit();
    };
  }

  private static void abort(TestHeap heap) {
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw heap.current().exitFailed(new IllegalArgumentException());
        });
  }

  @ParameterizedTest
  @EnumSource
  void oneWord(CrashModel model) {
    explore(
        EXPLORER.withCrashModel(model),
        "one word, " + model,
        List.of(words(1), words(2)),
        List.of(setting(2, 0)));
  }

  @Test
  void oneWordWhoseRecoveryCrashesTwice() {
    explore(
        EXPLORER.withNestedDepth(2).withNestedLimits(0, 0),
        "one word, recovery crashes twice",
        List.of(words(1), words(2)),
        List.of(setting(2, 0)));
  }

  @Test
  void severalGroups() {
    explore(
        EXPLORER,
        "three groups",
        List.of(words(1, 2, 3), words(9, 8, 7)),
        List.of(
            heap -> {
              Transaction transaction = heap.transactions.enter();
              set(transaction, 9, 0);
              set(transaction, 8, 1);
              set(transaction, 7, 2);
              transaction.exit();
            }));
  }

  @Test
  void twoWordsOfOneGroup() {
    explore(EXPLORER, "two words", List.of(words(1, 2), words(9, 9)), List.of(setting(9, 0, 1)));
  }

  @Test
  void ranges() {
    explore(
        EXPLORER,
        "ranges",
        List.of(words(1, 2, 3, 4), words(11, 12, 13, 4)),
        List.of(
            heap -> {
              Transaction transaction = heap.transactions.enter();
              transaction.declareRange(word(0), 2 * 64 + 8);
              transaction.seal();
              for (int i = 0; i < 3; i++) {
                transaction.putWord(word(i), 11 + i);
              }
              transaction.exit();
            }));
  }

  @Test
  void theSameWordLoggedTwice() {
    explore(
        EXPLORER,
        "a word logged twice",
        List.of(words(1), words(3)),
        List.of(
            heap -> {
              Transaction transaction = heap.transactions.enter();
              for (int value = 2; value <= 3; value++) {
                transaction.declareRange(word(0), 8);
                transaction.seal();
                transaction.putWord(word(0), value);
              }
              transaction.exit();
            }));
  }

  @Test
  void bitsAndFreshMemory() {
    explore(
        EXPLORER,
        "bits",
        // Word 2 is fresh: it matters only if word 0 leads to it, so it is left as it was.
        List.of(words(0, 0xF0), words(5, 0xE1)),
        List.of(
            heap -> {
              Transaction transaction = heap.transactions.enter();
              transaction.declareAllocated(word(1), 0x1, word(50));
              transaction.declareFreed(word(1), 0x10, word(51));
              set(transaction, 5, 0);
              transaction.exit();
            }));
  }

  @Test
  void freshMemoryIsDurableWithWhatLeadsToIt() {
    ExplorationReport report =
        EXPLORER.explore(
            (medium, recorder) -> {
              TestHeap heap = TestHeap.create(medium);
              recorder.start();
              Transaction transaction = heap.transactions.enter();
              transaction.fresh(word(50), 128);
              heap.file.accessor().putWord(word(50), 7);
              heap.file.accessor().putWord(word(51) + 56, 8);
              set(transaction, 1, 0);
              transaction.exit();
            },
            (medium, progress) -> {
              TestHeap heap = TestHeap.open(medium);
              if (heap.get(0) == 1) {
                assertEquals(7, heap.get(50));
                assertEquals(8, heap.file.accessor().getWord(word(51) + 56));
              }
            });
    System.out.println("fresh memory: " + report);
  }

  @Test
  void abort() {
    explore(
        EXPLORER,
        "abort, then commit",
        List.of(words(1, 2), words(1, 2), words(4, 2)),
        List.of(
            heap -> {
              Transaction transaction = heap.transactions.enter();
              set(transaction, 9, 0);
              transaction.declareAllocated(word(5), 1, word(50));
              set(transaction, 9, 1);
              abort(heap);
            },
            setting(4, 0)));
  }

  @Test
  void nested() {
    explore(
        EXPLORER,
        "nested",
        List.of(words(1, 2, 3), words(7, 8, 9), words(7, 8, 9)),
        List.of(
            heap ->
                heap.transactions.transact(
                    () -> {
                      set(heap.current(), 7, 0);
                      setting(8, 1).accept(heap);
                      setting(9, 2).accept(heap);
                      return null;
                    }),
            heap -> {
              heap.transactions.enter();
              setting(11, 1).accept(heap);
              setting(12, 3).accept(heap);
              abort(heap);
            }));
  }

  /** The second transaction's records lie over the first one's, of an older generation. */
  @Test
  void twoTransactionsOnOneLane() {
    explore(
        EXPLORER,
        "two transactions on one lane",
        List.of(words(1, 2, 3), words(7, 7, 7), words(8, 7, 8)),
        List.of(
            heap -> {
              Transaction transaction = heap.transactions.enter();
              set(transaction, 7, 0);
              set(transaction, 7, 1);
              set(transaction, 7, 2);
              transaction.exit();
            },
            heap -> {
              Transaction transaction = heap.transactions.enter();
              set(transaction, 8, 0);
              set(transaction, 8, 2);
              transaction.exit();
            }));
  }

  @Test
  void aLogOverSeveralExtents() {
    long[] before = words(1, 1, 1, 1, 1, 1, 1, 1);
    long[] after = words(2, 2, 2, 2, 2, 2, 2, 2);
    explore(
        EXPLORER.withExhaustiveLimit(64).withSamples(16).withNestedLimits(2, 1),
        "a log over three extents",
        List.of(before, after, before),
        List.of(heap -> longTransaction(heap, 2), heap -> longTransaction(heap, 1)));
  }

  private static void longTransaction(TestHeap heap, long value) {
    Transaction transaction = heap.transactions.enter();
    for (int i = 0; i < WATCHED; i++) {
      transaction.declareUnwritten(word(1000), 7 << 10); // old bytes that nobody changes
      set(transaction, value, i);
    }
    assertTrue(heap.space.reservedCount() >= 2);
    transaction.exit();
  }

  /** What a seal logged before it failed does no harm. */
  @Test
  void aSealThatFails() {
    explore(
        EXPLORER.withExhaustiveLimit(64).withSamples(16),
        "a seal that fails",
        List.of(words(1, 2), words(5, 2), words(6, 6)),
        List.of(
            heap -> {
              heap.space.allow(0);
              Transaction transaction = heap.transactions.enter();
              set(transaction, 5, 0);
              transaction.declareWord(word(1));
              transaction.declareRange(word(1000), 16 << 10);
              assertThrows(RuntimeException.class, transaction::seal);
              transaction.exit();
            },
            setting(6, 0, 1)));
  }
}
