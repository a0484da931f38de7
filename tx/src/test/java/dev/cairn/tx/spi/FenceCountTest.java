package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionTooLargeException;
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
  void sealingAgainWhatWasDeferredCostsNothing() {
    VersionedLock lock = heap.lock();
    Counts cost =
        costOf(
            transaction -> {
              transaction.lock(lock);
              transaction.changes(lock);
              for (int value = 1; value <= 3; value++) {
                transaction.deferWord(word(0), value);
                transaction.seal();
              }
            });
    // One line each of log and data, and of the log's end.
    assertCosts(3, 3, cost);
    assertEquals(3, heap.get(0));
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

  /**
   * What an operation had declared, and not sealed, when it failed was flushed by the commit of the
   * transaction around it, though nothing had been stored there.
   */
  @Test
  void whatAFailedOperationDeclaredIsNotFlushed() {
    Counts cost =
        costOf(
            outer -> {
              set(outer, 1, 0);
              outer.declareAllocated(word(1), 1, word(100));
              outer.fresh(word(100), 64);
              heap.file.accessor().putWord(word(100), 1);
              Transaction inner = heap.transactions.enter();
              inner.declareWord(word(2));
              inner.declareAllocated(word(1), 2, word(101));
              inner.fresh(word(101), 640);
              heap.file.accessor().putWord(word(101), 1);
              assertThrows(
                  IllegalArgumentException.class,
                  () -> {
                    throw inner.exitFailed(new IllegalArgumentException());
                  });
            });
    // Two seals, the second with the first one's line; words 0, 1 and 100; the generation.
    assertCosts(4, 2 + 3 + 1, cost);
  }

  /** There is a log to void, but no new content to wait for: it cost a fence that did nothing. */
  @Test
  void aTransactionWhoseOnlySealFailedCostsOneFence() {
    heap.space.allow(0);
    Counts cost =
        costOf(
            transaction -> {
              transaction.declareWord(word(0));
              transaction.declareRange(word(1), 64 << 10);
              assertThrows(TransactionTooLargeException.class, transaction::seal);
            });
    assertCosts(1, 1, cost);
  }

  /** Of a range that is declared as a whole and written in part, only that part is flushed. */
  @Test
  void whatIsDeclaredUnwrittenIsFlushedWhereItIsWritten() {
    Counts cost =
        costOf(
            transaction -> {
              transaction.declareUnwritten(word(0), 4 * 64);
              transaction.seal();
              transaction.putWord(word(2), 1);
              transaction.written(word(2), 8);
            });
    assertCosts(3, 5 + 1 + 1, cost);
  }

  @Test
  void openingCostsOneFenceAndOneMoreIfSomethingIsUndone() {
    Counts before = medium.counts();
    TestHeap reopened = TestHeap.open(medium);
    assertCosts(1, 1, medium.counts().minus(before));

    set(reopened.transactions.enter(), 1, 0);
    before = medium.counts();
    TestHeap.open(medium);
    assertEquals(2, medium.counts().minus(before).fences());
    assertEquals(0, heap.get(0));
  }
}
