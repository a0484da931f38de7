package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.crashtest.SanitizerError;
import dev.cairn.crashtest.SanitizerFinding.Kind;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Mistakes in the use of a transaction, which the sanitizer of a simulated medium refuses. */
class SanitizedTransactionTest {
  private TestHeap heap;
  private MediumAccessor accessor;

  @BeforeEach
  void create() {
    heap = TestHeap.create(SimulatedMedium.create(TestHeap.SIZE, TestHeap.SIZE));
    accessor = heap.file.accessor();
  }

  private void assertRefused(Kind kind, int index, Executable mistake) {
    SanitizerError thrown = assertThrows(SanitizerError.class, mistake);
    assertEquals(kind, thrown.finding().kind(), thrown::getMessage);
    assertEquals(word(index), thrown.finding().offset(), thrown::getMessage);
  }

  private static void inOtherThread(Runnable action) throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.submit(action).get();
    }
  }

  @Test
  void storeOutsideTransactions() {
    assertRefused(Kind.UNDECLARED_STORE, 0, () -> accessor.putWord(word(0), 1));
  }

  @Test
  void storeToWhatWasNotDeclared() {
    set(heap.transactions.enter(), 1, 0);
    assertRefused(Kind.UNDECLARED_STORE, 1, () -> heap.current().putWord(word(1), 1));
  }

  @Test
  void storeBetweenDeclarationAndSeal() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareRange(word(0), 64);
    assertRefused(Kind.UNDECLARED_STORE, 0, () -> accessor.fill(word(0), 64, (byte) 1));
    transaction.seal();
    accessor.fill(word(0), 64, (byte) 2);
    transaction.exit();
  }

  /** The seal wrote the word's old value to the log, but not to the medium. */
  @Test
  void storeToWhatASealThatFailedHadLogged() {
    heap.space.allow(0);
    Transaction transaction = heap.transactions.enter();
    transaction.declareWord(word(0));
    transaction.declareRange(word(1), 64 << 10);
    assertThrows(RuntimeException.class, transaction::seal);
    assertRefused(Kind.UNDECLARED_STORE, 0, () -> accessor.putWord(word(0), 1));
  }

  @Test
  void storeToAFreshBlockAfterItsTransaction() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareAllocated(word(10), 1, word(50));
    transaction.fresh(word(50), 64);
    accessor.putWord(word(50), 1);
    transaction.exit();
    assertRefused(Kind.UNDECLARED_STORE, 50, () -> accessor.putWord(word(50), 2));
  }

  @Test
  void storeToAFreshBlockInTheNextTransaction() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareAllocated(word(10), 1, word(50));
    transaction.fresh(word(50), 64);
    accessor.putWord(word(50), 1);
    transaction.exit();
    set(heap.transactions.enter(), 1, 0);
    assertRefused(Kind.UNDECLARED_STORE, 50, () -> accessor.putWord(word(50), 2));
  }

  @Test
  void storeToABlockThatAFailedOperationGaveUp() {
    set(heap.transactions.enter(), 1, 0);
    Transaction inner = heap.transactions.enter();
    inner.declareAllocated(word(10), 1, word(50));
    inner.fresh(word(50), 64);
    accessor.putWord(word(50), 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw inner.exitFailed(new IllegalArgumentException());
        });
    assertRefused(Kind.UNDECLARED_STORE, 50, () -> accessor.putWord(word(50), 2));
  }

  @Test
  void storeToTheMemoryOfAnotherTransaction() throws Exception {
    inOtherThread(() -> set(heap.transactions.enter(), 1, 0));
    set(heap.transactions.enter(), 1, 1);
    assertRefused(Kind.FOREIGN_STORE, 0, () -> accessor.putWord(word(0), 2));
  }

  @Test
  void storeThatTheCommitDoesNotFlush() {
    Transaction transaction = heap.transactions.enter();
    set(transaction, 1, 3);
    transaction.declareUnwritten(word(0), 3 * 64);
    transaction.seal();
    transaction.putWord(word(1), 1);
    transaction.putWord(word(2), 1);
    transaction.written(word(1), 8);
    assertRefused(Kind.NEVER_FLUSHED, 2, transaction::exit);
    assertEquals(null, heap.transactions.current(), "ended even so");
  }

  /**
   * A split of a segment had told of its stores after its seal; when the entry that it made room
   * for could not be allocated, the lines were dropped with what was not sealed, and the commit of
   * the outer transaction left half of the split behind.
   */
  @Test
  void storesOfAnOperationThatFailsAfterItsSealAreFlushed() {
    Transaction transaction = heap.transactions.enter();
    Transaction inner = heap.transactions.enter();
    inner.declareUnwritten(word(0), 2 * 64);
    inner.seal();
    inner.putWord(word(1), 1);
    inner.written(word(1), 8);
    inner.declareWord(word(5));
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw inner.exitFailed(new IllegalArgumentException());
        });
    transaction.exit();
  }

  /** The same, where the range was sealed before the operation began. */
  @Test
  void storesOfAnOperationThatFailsWithoutASealAreFlushed() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareUnwritten(word(0), 2 * 64);
    transaction.seal();
    Transaction inner = heap.transactions.enter();
    inner.putWord(word(1), 1);
    inner.written(word(1), 8);
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw inner.exitFailed(new IllegalArgumentException());
        });
    transaction.exit();
  }

  @Test
  void whatIsRightIsNotRefused() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareAllocated(word(10), 1, word(50));
    transaction.fresh(word(50), 100);
    accessor.putWord(word(50), 1);
    accessor.putWord(word(50) + 64, 1);
    set(transaction, 1, 0, 1);
    accessor.putWord(word(50), 2);
    set(transaction, 2, 1, 2);
    transaction.exit();
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          Transaction aborted = heap.transactions.enter();
          aborted.declareAllocated(word(10), 2, word(52));
          aborted.fresh(word(52), 100);
          accessor.putWord(word(52), 1);
          set(aborted, 1, 0, 1);
          throw aborted.exitFailed(new IllegalArgumentException());
        });
    heap.close();
  }
}
