package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.assertMessage;
import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.tx.TransactionAbortedException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransactionTest {
  private TestHeap heap;

  @BeforeEach
  void create() {
    heap = TestHeap.create();
    for (int i = 0; i < 64; i++) {
      heap.preset(i, 100 + i);
    }
  }

  @AfterEach
  void close() {
    heap.close();
  }

  /** Runs a body and aborts. */
  private void aborted(Runnable body) {
    IllegalArgumentException cause = new IllegalArgumentException("on purpose");
    TransactionAbortedException thrown =
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transactions.transact(
                    () -> {
                      body.run();
                      throw cause;
                    }));
    assertSame(cause, thrown.getCause());
    assertNull(heap.transactions.current());
  }

  private Transaction current() {
    return heap.current();
  }

  // Undoing.

  @Test
  void abortRestoresWords() {
    aborted(() -> set(current(), 1, 0, 1, 2));
    assertEquals(List.of(100L, 101L, 102L), List.of(heap.get(0), heap.get(1), heap.get(2)));
  }

  @Test
  void abortRestoresRanges() {
    aborted(
        () -> {
          current().declareRange(word(0), 64 * 64);
          current().seal();
          heap.file.accessor().fill(word(0), 64 * 64, (byte) 7);
        });
    for (int i = 0; i < 64; i++) {
      assertEquals(100 + i, heap.get(i));
      assertEquals(0, heap.file.accessor().getWord(word(i) + 8));
    }
  }

  @Test
  void theOldestValueOfAWordWins() {
    aborted(
        () -> {
          for (int value = 1; value <= 5; value++) {
            // Ranges are logged each time they are declared: five old values of one word.
            current().declareRange(word(3), 8);
            current().seal();
            current().putWord(word(3), value);
          }
        });
    assertEquals(103, heap.get(3));
  }

  @Test
  void bitsAreSetAndClearedByTheCommitOnly() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareAllocated(word(0), 0x8, word(50));
    transaction.declareFreed(word(0), 0x4, word(51));
    transaction.seal();
    assertEquals(100, heap.get(0));
    transaction.exit();
    assertEquals(100 ^ 0x8 ^ 0x4, heap.get(0));
    assertEquals(List.of(word(51)), heap.space.released());
  }

  @Test
  void abortReleasesWhatWasAllocatedAndKeepsWhatWasFreed() {
    aborted(
        () -> {
          current().declareAllocated(word(0), 0x8, word(50));
          current().seal();
          current().declareFreed(word(0), 0x4, word(51));
        });
    assertEquals(100, heap.get(0));
    assertEquals(List.of(word(50)), heap.space.released());
    assertEquals(List.of(word(51)), heap.space.kept());
  }

  @Test
  void aBlockAllocatedAndFreedAgainIsReleasedOnce() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareAllocated(word(0), 0x8, word(50));
    transaction.declareFreed(word(0), 0x8, word(50));
    transaction.exit();
    assertEquals(100, heap.get(0));
    assertEquals(List.of(word(50)), heap.space.released());

    aborted(
        () -> {
          current().declareAllocated(word(0), 0x8, word(50));
          current().declareFreed(word(0), 0x8, word(50));
        });
    assertEquals(100, heap.get(0));
    assertEquals(List.of(word(50), word(50)), heap.space.released());
  }

  // Nesting.

  @Test
  void nestedTransactionsJoinTheOuterOne() {
    int result =
        heap.transactions.transact(
            () -> {
              Transaction outer = current();
              set(outer, 1, 0);
              int inner =
                  heap.transactions.transact(
                      () -> {
                        assertSame(outer, current());
                        set(current(), 2, 1);
                        return 42;
                      });
              assertSame(outer, current());
              return inner;
            });
    assertEquals(42, result);
    assertEquals(1, heap.get(0));
    assertEquals(2, heap.get(1));
    assertEquals(1, heap.transactions.commits());
  }

  /**
   * An operation whose inner one had sealed failed, and was dropped from that seal on only: half of
   * it was committed with the rest.
   */
  @Test
  void failureOfAnOperationThatWasSealedInsideDoomsTheTransaction() {
    IllegalArgumentException failure = new IllegalArgumentException("on purpose");
    VersionedLock lock = heap.lock();
    Transaction outer = heap.transactions.enter();
    outer.lock(lock);
    outer.changes(lock);
    outer.deferWord(word(0), 1);
    Transaction middle = heap.transactions.enter();
    middle.deferWord(word(1), 2);
    Transaction inner = heap.transactions.enter();
    inner.settle();
    inner.exit();
    middle.deferWord(word(2), 3);
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw middle.exitFailed(failure);
        });
    TransactionAbortedException thrown =
        assertThrows(TransactionAbortedException.class, outer::exit);
    assertSame(failure, thrown.getCause());
    assertEquals(List.of(100L, 101L, 102L), List.of(heap.get(0), heap.get(1), heap.get(2)));
  }

  @Test
  void anInnerAbortDoomsTheOuterTransaction() {
    IllegalArgumentException cause = new IllegalArgumentException("inner");
    TransactionAbortedException thrown =
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transactions.transact(
                    () -> {
                      set(current(), 1, 0);
                      assertThrows(
                          TransactionAbortedException.class,
                          () ->
                              heap.transactions.transact(
                                  () -> {
                                    set(current(), 2, 1);
                                    throw cause;
                                  }));
                      IllegalStateException refused =
                          assertThrows(IllegalStateException.class, () -> set(current(), 3, 2));
                      assertMessage("can only be aborted", refused);
                      return null;
                    }));
    assertSame(cause, thrown.getCause());
    assertEquals(List.of(100L, 101L, 102L), List.of(heap.get(0), heap.get(1), heap.get(2)));
    assertNull(heap.transactions.current());
  }

  @Test
  void aFailedOperationLeavesTheOuterTransactionUsable() {
    heap.transactions.transact(
        () -> {
          set(current(), 1, 0);
          Transaction operation = heap.transactions.enter();
          operation.declareAllocated(word(9), 1, word(50));
          operation.declareFreed(word(9), 4, word(51));
          operation.declareWord(word(1));
          IllegalArgumentException failure = new IllegalArgumentException();
          assertSame(
              failure,
              assertThrows(
                  IllegalArgumentException.class,
                  () -> {
                    throw operation.exitFailed(failure);
                  }));
          assertEquals(List.of(word(50)), heap.space.released());
          assertEquals(List.of(word(51)), heap.space.kept());
          set(current(), 2, 1);
          return null;
        });
    assertEquals(1, heap.get(0));
    assertEquals(2, heap.get(1));
    assertEquals(109, heap.get(9));
  }

  /**
   * An outer operation had declared a word and was about to seal it, when an operation inside it
   * failed and was caught. The failure dropped all that was declared, the outer one's word too: its
   * new value then went into place without an old one in the log, and an abort left it there.
   */
  @Test
  void aFailedOperationDropsOnlyWhatItDeclaredItself() {
    aborted(
        () -> {
          Transaction outer = current();
          outer.declareWord(word(0));
          outer.declareAllocated(word(9), 1, word(50));
          Transaction inner = heap.transactions.enter();
          inner.declareWord(word(1));
          assertThrows(
              IllegalArgumentException.class,
              () -> {
                throw inner.exitFailed(new IllegalArgumentException());
              });
          assertEquals(List.of(), heap.space.released());
          outer.seal();
          outer.putWord(word(0), 1);
        });
    assertEquals(100, heap.get(0));
    assertEquals(List.of(word(50)), heap.space.released());
  }

  @Test
  void aFailedOperationAfterASealDropsWhatCameAfterTheSeal() {
    heap.transactions.transact(
        () -> {
          Transaction outer = current();
          outer.declareAllocated(word(8), 1, word(50));
          Transaction inner = heap.transactions.enter();
          set(inner, 1, 0); // seals the outer operation's bits, too
          inner.declareAllocated(word(9), 2, word(51));
          assertThrows(
              IllegalArgumentException.class,
              () -> {
                throw inner.exitFailed(new IllegalArgumentException());
              });
          return null;
        });
    assertEquals(108 | 1, heap.get(8));
    assertEquals(109, heap.get(9));
    assertEquals(List.of(word(51)), heap.space.released());
  }

  @Test
  void deepNestingWorks() {
    int depth = 1000;
    for (int i = 0; i < depth; i++) {
      heap.transactions.enter();
    }
    set(current(), 1, 0);
    for (int i = 0; i < depth; i++) {
      current().exit();
    }
    assertEquals(1, heap.get(0));
    assertNull(heap.transactions.current());
  }

  // What is thrown.

  @Test
  void anErrorPassesThrough() {
    LinkageError error = new LinkageError("planted");
    assertSame(
        error,
        assertThrows(
            LinkageError.class,
            () ->
                heap.transactions.transact(
                    () -> {
                      set(current(), 1, 0);
                      throw error;
                    })));
    assertEquals(100, heap.get(0));
    heap.transactions.transact(
        () -> {
          set(current(), 1, 0);
          return null;
        });
    assertEquals(1, heap.get(0));
  }

  @Test
  void aCheckedExceptionIsTheCause() {
    IOException cause = new IOException();
    TransactionAbortedException thrown =
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transactions.transact(
                    () -> {
                      throw cause;
                    }));
    assertSame(cause, thrown.getCause());
  }

  private static void assertRefused(String said, Runnable change) {
    IllegalStateException thrown = assertThrows(IllegalStateException.class, change::run);
    assertMessage(said, thrown);
  }

  private void assertEveryChangeIsRefused(String said, Transaction transaction) {
    assertRefused(said, () -> transaction.putWord(word(0), 1));
    assertRefused(said, () -> transaction.declareWord(word(0)));
    assertRefused(said, () -> transaction.declareRange(word(0), 8));
    assertRefused(said, () -> transaction.declareAllocated(word(0), 8, word(50)));
    assertRefused(said, () -> transaction.declareFreed(word(0), 4, word(50)));
    assertRefused(said, () -> transaction.fresh(word(0), 8));
    assertRefused(said, transaction::seal);
    assertRefused(said, () -> transaction.lock(heap.lock()));
    assertRefused(said, transaction::exit);
    assertRefused(said, () -> transaction.exitFailed(new IllegalArgumentException()));
    assertRefused(said, () -> transaction.doom(new IllegalArgumentException()));
    assertEquals(100, heap.get(0));
  }

  @Test
  void aTransactionThatHasEndedRefusesChanges() {
    Transaction transaction = heap.transactions.enter();
    transaction.exit();
    assertEveryChangeIsRefused("no transaction is running", transaction);
  }

  @Test
  void anotherThreadsTransactionRefusesChanges() throws Exception {
    Transaction transaction = heap.transactions.enter();
    FutureTask<Void> other =
        new FutureTask<>(
            () -> {
              assertNull(heap.transactions.current());
              assertEveryChangeIsRefused("the transaction belongs to", transaction);
              return null;
            });
    new Thread(other).start();
    other.get();
    transaction.exit();
  }

  /**
   * A wild offset was noticed only while the log was written. A range left half an entry in the
   * open record, and the next record of the transaction was then nonsense to recovery; a word left
   * what stood before it there, for the lane's next transaction to undo in its turn.
   */
  @Test
  void wildTargetsAreRefusedBeforeTheLogIsTouched() {
    long size = heap.file.size();
    Transaction transaction = heap.transactions.enter();
    transaction.declareWord(word(0));
    assertThrows(IndexOutOfBoundsException.class, () -> transaction.declareWord(size));
    assertThrows(IndexOutOfBoundsException.class, () -> transaction.declareWord(-8));
    assertThrows(IndexOutOfBoundsException.class, () -> transaction.declareWord(Long.MIN_VALUE));
    assertThrows(IndexOutOfBoundsException.class, () -> transaction.declareRange(size - 8, 16));
    assertThrows(
        IndexOutOfBoundsException.class, () -> transaction.declareRange(word(0), Long.MAX_VALUE));
    assertThrows(IllegalArgumentException.class, () -> transaction.declareWord(word(0) + 4));
    assertThrows(IllegalArgumentException.class, () -> transaction.declareRange(word(0), 12));
    assertThrows(IllegalArgumentException.class, () -> transaction.declareRange(word(0), 0));
    transaction.seal();
    transaction.putWord(word(0), 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw transaction.exitFailed(new IllegalArgumentException());
        });
    assertEquals(100, heap.get(0));

    set(heap.transactions.enter(), 5, 0);
    current().exit();
    aborted(() -> set(current(), 6, 1));
    assertEquals(5, heap.get(0), "undone by another transaction's abort");
  }

  @Test
  void storingWhatIsDeclaredButNotSealedIsNoticed() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareWord(word(0));
    assertThrows(AssertionError.class, () -> transaction.putWord(word(0), 1));
    transaction.seal();
    transaction.putWord(word(0), 1);
    transaction.exit();
  }

  @Test
  void closeInsideATransactionIsRefused() {
    Transaction transaction = heap.transactions.enter();
    assertRefused("close inside a transaction", heap.transactions::close);
    transaction.exit();
    heap.transactions.close();
    heap.transactions.close();
    assertRefused("the heap is closed", heap.transactions::enter);
    assertFalse(Thread.currentThread().isInterrupted());
  }

  /** Who gives a block back could throw; the lane and the locks stayed taken for ever. */
  @Test
  void aSpaceThatThrowsLeavesNoLaneAndNoLockTaken() throws Exception {
    LogSpace broken =
        new LogSpace() {
          @Override
          public long reserve(long size) {
            throw new AssertionError();
          }

          @Override
          public void keep(long block) {
            throw new AssertionError("keep");
          }

          @Override
          public void release(long block) {
            throw new AssertionError("release");
          }
        };
    Transactions transactions = Transactions.open(heap.file, broken);
    VersionedLock lock = heap.lock();
    for (int i = 0; i < 2; i++) {
      Transaction transaction = transactions.enter();
      transaction.lock(lock);
      transaction.declareAllocated(word(0), 8, word(50));
      transaction.declareFreed(word(1), 4, word(51));
      if (i == 0) {
        assertThrows(AssertionError.class, transaction::exit);
      } else {
        IllegalArgumentException failure = new IllegalArgumentException();
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              throw transaction.exitFailed(failure);
            });
        assertEquals("keep", failure.getSuppressed()[0].getMessage());
      }
      assertNull(transactions.current());
      assertEquals(0, lock.awaitOptimisticRead() & 1);
    }
    transactions.close();
  }
}
