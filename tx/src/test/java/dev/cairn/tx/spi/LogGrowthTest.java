package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.tx.TransactionTooLargeException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Logs that outgrow their lane. */
class LogGrowthTest {
  private static final long SIZE = 8 << 20;
  private static final int WORDS = 4000;

  private SimulatedMedium medium;
  private TestHeap heap;

  @BeforeEach
  void create() {
    medium = SimulatedMedium.create(SIZE, SIZE);
    heap = TestHeap.create(medium);
    for (int i = 0; i < WORDS; i++) {
      heap.file.protocolAccessor().putWord(word(i), 1000 + i);
    }
    heap.file.protocolAccessor().persist(word(0), 64L * WORDS);
  }

  @AfterEach
  void close() {
    heap.close();
  }

  private static void abort(Transaction transaction) {
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw transaction.exitFailed(new IllegalArgumentException());
        });
  }

  private void assertUntouched() {
    for (int i = 0; i < WORDS; i++) {
      assertEquals(1000 + i, heap.get(i));
    }
  }

  private static int[] allWords() {
    int[] all = new int[WORDS];
    for (int i = 0; i < WORDS; i++) {
      all[i] = i;
    }
    return all;
  }

  @Test
  void thousandsOfWordsAreUndone() {
    Transaction transaction = heap.transactions.enter();
    for (int i = 0; i < WORDS; i++) {
      set(transaction, 1, i);
    }
    assertTrue(heap.space.reservedCount() > 2, "the log must have outgrown its lane");
    abort(transaction);
    assertUntouched();
    assertEquals(0, heap.space.reservedCount());
  }

  @Test
  void thousandsOfWordsInOneGroupAreUndoneByRecovery() {
    Transaction transaction = heap.transactions.enter();
    set(transaction, 1, allWords());
    try (TestHeap recovered = TestHeap.open(SimulatedMedium.of(medium.newestImage()))) {
      assertTrue(recovered.transactions.recovered());
      for (int i = 0; i < WORDS; i++) {
        assertEquals(1000 + i, recovered.get(i));
      }
    }
    transaction.exit();
    assertEquals(1, heap.get(WORDS - 1));
    assertEquals(0, heap.space.reservedCount());
  }

  /** Blocks that a lane has freed wait for its next records, but not while a log needs room. */
  @Test
  void logGetsWhatWaitsInTheLane() {
    long block = word(WORDS + 1);
    VersionedLock lock = new VersionedLock(heap.file, word(WORDS));
    Transaction freeing = heap.transactions.enter();
    freeing.lock(lock);
    freeing.changes(lock);
    freeing.declareFreed(word(WORDS + 2), 1, block);
    freeing.exit();
    assertEquals(List.of(), heap.space.released());
    heap.space.allowAfterRelease();

    Transaction large = heap.transactions.enter();
    set(large, 1, allWords());
    assertEquals(List.of(block), heap.space.released());
    abort(large);
    assertUntouched();
  }

  /** A failed medium must not be told as a log that is too large: the heap may not go on. */
  @Test
  void aMediumThatFailsWhileTheLogGrowsIsSaidToHaveFailed() {
    Transaction transaction = heap.transactions.enter();
    heap.space.fail();
    HeapFailedException failure =
        assertThrows(HeapFailedException.class, () -> set(transaction, 1, allWords()));
    assertTrue(String.valueOf(failure.getMessage()).contains("an extent"), failure.getMessage());
    assertThrows(HeapFailedException.class, () -> rethrow(transaction.exitFailed(failure)));
    assertUntouched();
  }

  private static void rethrow(RuntimeException failure) {
    throw failure;
  }

  @Test
  void rangesOfMoreThan100KilobytesAreUndone() {
    Transaction transaction = heap.transactions.enter();
    transaction.declareRange(word(0), 200 << 10);
    transaction.declareRange(word(5), 100 << 10);
    transaction.seal();
    heap.file.accessor().fill(word(0), 200 << 10, (byte) 5);
    transaction.declareRange(word(1), 8);
    transaction.seal();
    transaction.putWord(word(1), 6);
    abort(transaction);
    assertUntouched();
    for (int i = 0; i < WORDS; i++) {
      assertEquals(0, heap.file.accessor().getWord(word(i) + 16));
    }
  }

  @Test
  void aLogThatCannotGrowRefusesOnlyTheLastGroup() {
    heap.space.allow(0);
    Transaction transaction = heap.transactions.enter();
    set(transaction, 1, 0);
    transaction.declareRange(word(1), 64 << 10);
    TransactionTooLargeException thrown =
        assertThrows(TransactionTooLargeException.class, transaction::seal);
    TestHeap.assertMessage("no room for another extent of 16,384 bytes", thrown);
    assertTrue(thrown.getCause() instanceof TestSpace.NoRoomException);
    transaction.exit();
    assertEquals(1, heap.get(0));
    assertEquals(1001, heap.get(1));
  }

  @Test
  void aLogThatCannotGrowCanBeAborted() {
    heap.space.allow(1);
    Transaction transaction = heap.transactions.enter();
    set(transaction, 1, 0, 1);
    transaction.declareRange(word(2), 64 << 10);
    assertThrows(TransactionTooLargeException.class, transaction::seal);
    abort(transaction);
    assertUntouched();
    assertEquals(0, heap.space.reservedCount());
    set(heap.transactions.enter(), 5, 3);
    heap.current().exit();
    assertEquals(5, heap.get(3));
  }

  @Test
  void aCommitThatCannotLogUndoesEverything() {
    heap.space.allow(0);
    Transaction transaction = heap.transactions.enter();
    set(transaction, 1, 0);
    transaction.declareRange(word(1), 64 << 10);
    assertThrows(TransactionTooLargeException.class, transaction::exit);
    assertUntouched();
    assertEquals(null, heap.transactions.current());
  }

  /**
   * A seal failed after it had logged that a block was allocated. The block was released at once
   * and went to another transaction, which committed it; then the first one aborted, and its log
   * still said "clear that bit". The other one's block was free, and in use.
   */
  @Test
  void blocksWhoseBitsAreInTheLogAreHeldBackUntilTheLogIsVoid() {
    heap.space.allow(0);
    Transaction transaction = heap.transactions.enter();
    set(transaction, 1, 0);
    transaction.declareAllocated(word(10), 0x1_0000, word(2000));
    transaction.declareRange(word(1), 64 << 10);
    assertThrows(TransactionTooLargeException.class, transaction::seal);
    assertEquals(List.of(), heap.space.released(), "another transaction could have it now");
    abort(transaction);
    assertEquals(List.of(word(2000)), heap.space.released());

    Transaction next = heap.transactions.enter();
    next.declareAllocated(word(10), 0x1_0000, word(2000));
    next.declareRange(word(1), 64 << 10);
    assertThrows(TransactionTooLargeException.class, next::seal);
    next.exit();
    assertEquals(List.of(word(2000), word(2000)), heap.space.released());
    assertEquals(1010, heap.get(10));
  }

  /** As above, but the block belongs to an outer operation, and an inner one's seal fails. */
  @Test
  void blocksOfOuterOperationsAreHeldBackToo() {
    heap.space.allow(0);
    Transaction outermost = heap.transactions.enter();
    Transaction outer = heap.transactions.enter();
    outer.declareAllocated(word(10), 0x1_0000, word(2000));
    Transaction inner = heap.transactions.enter();
    inner.declareRange(word(1), 64 << 10);
    assertThrows(TransactionTooLargeException.class, inner::seal);
    inner.exit();
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          throw outer.exitFailed(new IllegalArgumentException());
        });
    assertEquals(List.of(), heap.space.released());
    abort(outermost);
    assertEquals(List.of(word(2000)), heap.space.released());
    assertUntouched();
  }
}
