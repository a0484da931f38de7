package dev.cairn.collections;

import static dev.cairn.collections.TestHeaps.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.tx.spi.Transactions;
import dev.cairn.tx.spi.VersionedLock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardTest {
  private final HeapFile file = HeapFile.create(AnonymousMedium.of(2 * MIB), TestHeaps.OPTIONS);
  private final Allocator allocator = new Allocator(file);
  private final Transactions transactions = Transactions.open(file, allocator);
  private final OpenHeap heap = new OpenHeap(file, file.accessor(), transactions, allocator);
  private final Guard guard = new Guard(heap, "thing", 0);
  private final VersionedLock lock = new VersionedLock(file);

  @AfterEach
  void close() {
    file.close();
  }

  private void disturb() {
    try {
      TestHeaps.inOtherThread(() -> guard.change(lock, transaction -> true));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A reader that met a block which was just being reused could make a record of what it found
   * there. Where the record's constructor asserted something, the user saw the assertion fail on a
   * heap that was whole: errors passed, only exceptions were tried again.
   */
  @Test
  void readIsRepeatedAfterAnErrorOfADisturbedAttempt() {
    AtomicInteger attempts = new AtomicInteger();
    assertEquals(
        "whole",
        guard.read(
            lock,
            tx -> {
              if (attempts.getAndIncrement() == 0) {
                disturb();
                throw new AssertionError("garbage");
              }
              return "whole";
            }));
    assertEquals(2, attempts.get());
  }

  @Test
  void errorOfAnUndisturbedReadPasses() {
    AssertionError error = new AssertionError("the data is like that");
    assertSame(
        error,
        assertThrows(
            AssertionError.class,
            () ->
                guard.read(
                    lock,
                    tx -> {
                      throw error;
                    })));
  }

  @Test
  void resultOfADisturbedAttemptIsNotBelieved() {
    AtomicInteger attempts = new AtomicInteger();
    int result =
        guard.read(
            lock,
            tx -> {
              int attempt = attempts.incrementAndGet();
              if (attempt < 3) {
                disturb();
              }
              return attempt;
            });
    assertEquals(3, result);
  }

  @Test
  void readerThatIsDisturbedForEverQueuesForTheLock() {
    AtomicInteger attempts = new AtomicInteger();
    int result =
        guard.read(
            lock,
            tx -> {
              int attempt = attempts.incrementAndGet();
              if (attempt <= Guard.OPTIMISTIC_ATTEMPTS) {
                disturb(); // now it would wait for this reader, which has the lock
              }
              return attempt;
            });
    assertEquals(Guard.OPTIMISTIC_ATTEMPTS + 1, result);
  }
}
