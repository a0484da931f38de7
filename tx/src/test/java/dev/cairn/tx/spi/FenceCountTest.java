package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What transactions cost in fences and flushed lines: fails when a count grows. */
class FenceCountTest {
  private SimulatedMedium medium;
  private TestHeap heap;

  @BeforeEach
  void create() {
    medium = SimulatedMedium.create(TestHeap.SIZE, TestHeap.SIZE);
    heap = TestHeap.create(medium);
  }

  @AfterEach
  void close() {
    heap.close();
  }

  private interface Body {
    void run(Transaction transaction);
  }

  private Counts costOf(Body body) {
    Counts before = medium.counts();
    Transaction transaction = heap.transactions.enter();
    body.run(transaction);
    transaction.exit();
    return medium.counts().minus(before);
  }

  private static void assertCosts(long fences, long lines, Counts counts) {
    assertEquals(fences, counts.fences(), counts::toString);
    assertEquals(lines, counts.flushedLines(), counts::toString);
    assertEquals(0, counts.idleLines(), counts::toString);
    assertEquals(0, counts.idleFences(), counts::toString);
  }

  @Test
  void anEmptyTransactionCostsNothing() {
    assertEquals(new Counts(0, 0, 0, 0, 0, 0), costOf(transaction -> {}));
  }

  @Test
  void readingUnderALockCostsNothing() {
    VersionedLock lock = heap.lock();
    Counts cost =
        costOf(
            transaction -> {
              transaction.lock(lock);
              heap.get(0);
            });
    assertEquals(new Counts(0, 0, 0, 0, 0, 0), cost);
  }

  @Test
  void freshMemoryAloneCostsNothing() {
    assertEquals(0, costOf(transaction -> transaction.fresh(word(0), 4096)).fences());
  }

  @Test
  void oneWordCostsThreeFencesAndThreeLines() {
    assertCosts(3, 3, costOf(transaction -> set(transaction, 1, 0)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void snapshotGroupsCostOneFenceEach(int groups) {
    Counts cost =
        costOf(
            transaction -> {
              for (int i = 0; i < groups; i++) {
                set(transaction, 1, i);
              }
            });
    // A record is half a line: each seal flushes the one line it writes to.
    assertCosts(groups + 2, groups + groups + 1, cost);
  }

  @Test
  void wordsOfOneGroupShareAFence() {
    // 16 + 7 * 16 bytes of log are 2 lines.
    assertCosts(3, 2 + 7 + 1, costOf(transaction -> set(transaction, 1, 0, 1, 2, 3, 4, 5, 6)));
  }

  @Test
  void wordsOfOneLineAreFlushedOnce() {
    Counts cost =
        costOf(
            transaction -> {
              for (int i = 0; i < 64; i += 8) {
                transaction.declareWord(word(0) + i);
              }
              transaction.seal();
              for (int i = 0; i < 64; i += 8) {
                transaction.putWord(word(0) + i, 1);
              }
            });
    assertCosts(3, 3 + 1 + 1, cost);
  }

  @Test
  void declaringAgainCostsNothing() {
    Counts cost =
        costOf(
            transaction -> {
              set(transaction, 1, 0, 1);
              set(transaction, 2, 1, 0);
              set(transaction, 3, 0);
            });
    assertCosts(3, 1 + 2 + 1, cost);
  }

  @Test
  void nestingCostsNothing() {
    Counts cost =
        costOf(
            outer -> {
              for (int i = 0; i < 10; i++) {
                Transaction inner = heap.transactions.enter();
                heap.transactions.enter().exit();
                if (i == 5) {
                  set(inner, 1, 0);
                }
                inner.exit();
              }
            });
    assertCosts(3, 3, cost);
  }

  @Test
  void bitsCostTwoFencesMoreThanTheSealTheyShare() {
    Counts cost =
        costOf(
            transaction -> {
              transaction.declareAllocated(word(1), 4, word(100));
              transaction.fresh(word(100), 128);
              set(transaction, 1, 0);
              heap.file.accessor().putWord(word(100), 1);
              heap.file.accessor().putWord(word(101), 1);
            });
    assertCosts(3, 1 + 4 + 1, cost);
  }

  @Test
  void whatIsDeclaredLastIsSealedByTheCommit() {
    assertCosts(3, 3, costOf(transaction -> transaction.declareAllocated(word(1), 4, word(100))));
  }

  @Test
  void abortCostsTwoFencesAfterTheSeal() {
    Counts before = medium.counts();
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          Transaction transaction = heap.transactions.enter();
          set(transaction, 1, 0);
          throw transaction.exitFailed(new IllegalArgumentException());
        });
    assertCosts(3, 3, medium.counts().minus(before));
  }

  @Test
  void abortOfWhatWasNeverSealedCostsNothing() {
    Counts before = medium.counts();
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          Transaction transaction = heap.transactions.enter();
          transaction.declareWord(word(0));
          throw transaction.exitFailed(new IllegalArgumentException());
        });
    assertEquals(new Counts(0, 0, 0, 0, 0, 0), medium.counts().minus(before));
  }

  @Test
  void openingCostsOneFenceAndOneMoreIfSomethingIsUndone() {
    Counts before = medium.counts();
    TestHeap reopened = TestHeap.open(medium);
    assertCosts(1, 64, medium.counts().minus(before));

    set(reopened.transactions.enter(), 1, 0);
    before = medium.counts();
    TestHeap.open(medium);
    assertEquals(2, medium.counts().minus(before).fences());
    assertEquals(0, heap.get(0));
  }
}
