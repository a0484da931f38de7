package dev.cairn.allocator.spi;

import static dev.cairn.allocator.spi.TestHeap.CHUNK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.spi.VersionedLock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {

  /** Fills a heap; returns its blocks. */
  private static List<Long> fill(TestHeap heap, long size) {
    List<Long> blocks = new ArrayList<>();
    while (true) {
      try {
        blocks.add(heap.allocate(size));
      } catch (OutOfPersistentMemoryException e) {
        assertEquals(size, e.requestedBytes());
        return blocks;
      }
    }
  }

  @Test
  void theExceptionSaysWhatIsMissingAndTheTransactionGoesOn() throws IOException {
    try (TestHeap heap = TestHeap.inMemory(12, 12)) {
      heap.transact(
          transaction -> {
            long before = heap.allocate(transaction, 4 * CHUNK);
            OutOfPersistentMemoryException thrown =
                assertThrows(
                    OutOfPersistentMemoryException.class,
                    () -> heap.allocate(transaction, 8 * CHUNK));
            assertEquals(8 * CHUNK, thrown.requestedBytes());
            assertEquals(7 * CHUNK, thrown.freeBytes());
            assertEquals(7 * CHUNK, thrown.largestFreeBytes());
            assertEquals(
                "anonymous memory: no block of 2,097,152 bytes, 1,835,008 bytes are free, the"
                    + " largest free run has 1,835,008; the heap has its maximum size, 4,194,304"
                    + " bytes",
                thrown.getMessage());
            assertEquals(before + 4 * CHUNK, heap.allocate(transaction, 7 * CHUNK));
          });
      assertEquals(2, heap.allocated().size());
    }
  }

  @Test
  void aHeapFullOfSmallBlocksServesALargeOneOnceTheyAreFreed() throws IOException {
    try (TestHeap heap = TestHeap.inMemory(12, 12)) {
      List<Long> blocks = fill(heap, 1000);
      assertEquals(11 * 255, blocks.size());
      assertThrows(OutOfPersistentMemoryException.class, () -> heap.allocate(16));
      blocks.forEach(heap::free);
      long span = heap.allocate(11 * CHUNK);
      assertThrows(OutOfPersistentMemoryException.class, () -> heap.allocate(16));
      heap.free(span);
      assertEquals(blocks.size(), fill(heap, 1000).size());
    }
  }

  /** Frees blocks with publish records: each waits in its lane until no record speaks of it. */
  private static void publishFreed(TestHeap heap, VersionedLock lock, List<Long> blocks) {
    for (long block : blocks) {
      heap.transact(
          transaction -> {
            transaction.lock(lock);
            transaction.changes(lock);
            heap.allocator.free(transaction, block);
          });
    }
  }

  private static VersionedLock lockWithMark(TestHeap heap) {
    long mark = heap.allocate(64);
    heap.accessor.fill(mark, 64, (byte) 0);
    return new VersionedLock(heap.file, mark);
  }

  private static void inOtherThread(Runnable action) throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      executor.submit(action).get();
    }
  }

  /** The heap looks full: what is free waits in the lane of a thread that may never come back. */
  @Test
  void whatAnotherLaneKeepsIsHadBeforeTheHeapIsFull() throws Exception {
    try (TestHeap heap = TestHeap.inMemory(12, 12)) {
      VersionedLock lock = lockWithMark(heap);
      List<Long> blocks = fill(heap, 5000);
      List<Long> freed = blocks.subList(0, 3);
      heap.transact(
          keepsTheLane -> {
            try {
              inOtherThread(() -> publishFreed(heap, lock, freed));
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      assertEquals(Set.copyOf(freed), Set.copyOf(fill(heap, 5000)));
    }
  }

  /** The same in the own lane, inside the transaction that needs the block. */
  @Test
  void whatTheOwnLaneKeepsIsHadBeforeTheHeapIsFull() throws IOException {
    try (TestHeap heap = TestHeap.inMemory(12, 12)) {
      VersionedLock lock = lockWithMark(heap);
      List<Long> blocks = fill(heap, 5000);
      List<Long> freed = blocks.subList(0, 2);
      publishFreed(heap, lock, freed);
      List<Long> again = new ArrayList<>();
      heap.transact(
          transaction -> {
            again.add(heap.allocate(transaction, 5000));
            again.add(heap.allocate(transaction, 5000));
          });
      assertEquals(Set.copyOf(freed), Set.copyOf(again));
    }
  }

  /** Two threads in turns, each replacing its one block, in a heap that has room for one more. */
  @Test
  void twoThreadsThatReplaceTheirBlocksInAFullHeap() throws Exception {
    try (TestHeap heap = TestHeap.inMemory(12, 12);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      VersionedLock lock = lockWithMark(heap);
      VersionedLock otherLock = lockWithMark(heap);
      List<Long> blocks = fill(heap, 5000);
      publishFreed(heap, lock, blocks.subList(2, 3));
      long block = blocks.get(0);
      long otherBlock = blocks.get(1);
      for (int round = 0; round < 100; round++) {
        long old = otherBlock;
        otherBlock = other.submit(() -> replace(heap, otherLock, old)).get();
        block = replace(heap, lock, block);
        assertNotEquals(block, otherBlock);
      }
      assertEquals(1, fill(heap, 5000).size());
      heap.transactions.close(); // which waits for lanes that are not given back
    }
  }

  private static long replace(TestHeap heap, VersionedLock lock, long old) {
    long[] block = new long[1];
    heap.transact(
        transaction -> {
          transaction.lock(lock);
          transaction.changes(lock);
          block[0] = heap.allocate(transaction, 5000);
          heap.allocator.free(transaction, old);
        });
    return block[0];
  }

  @Test
  void afterReopeningTheSame() throws IOException {
    SimulatedMedium medium = TestHeap.simulated(12, 12);
    TestHeap heap = TestHeap.create(medium);
    List<Long> blocks = fill(heap, 5000);
    TestHeap reopened = TestHeap.open(medium);
    assertThrows(OutOfPersistentMemoryException.class, () -> reopened.allocate(5000));
    assertThrows(OutOfPersistentMemoryException.class, () -> reopened.allocate(CHUNK));
    blocks.forEach(reopened::free);
    TestHeap again = TestHeap.open(medium);
    again.allocate(11 * CHUNK);
    assertEquals(1, again.allocated().size());
  }

  @Test
  void largeRunsGiveWayToSpansOfOneChunk() throws IOException {
    try (TestHeap heap = TestHeap.inMemory(12, 12)) {
      // Two runs of four chunks with 16 blocks each, then three spans for one block each.
      int inRuns = 2 * SizeClasses.forSize(60_000).blockCount();
      assertEquals(inRuns + 3, fill(heap, 60_000).size());
    }
  }

  @Test
  void theHeapGrowsToItsMaximumAndNoFurther() throws IOException {
    int most = 150;
    try (TestHeap heap = TestHeap.inMemory(12, most)) {
      int blocks = fill(heap, 2 * CHUNK).size();
      assertEquals((most - 1) / 2, blocks);
      assertEquals(heap.file.maximumSize(), heap.file.size());
      assertEquals(CHUNK, heap.allocator.stats().freeBytes());
      assertEquals(blocks, heap.allocator.stats().spans());
    }
  }

  /**
   * 8 chunks were asked for, 5 were free at the end of the heap, and the heap could grow by 3. It
   * was told to grow by 8, and said that it has its maximum size.
   */
  @Test
  void growthCountsWhatIsFreeAtTheEndOfTheHeap() throws IOException {
    try (TestHeap heap = TestHeap.inMemory(12, 15)) {
      heap.allocate(6 * CHUNK);
      heap.allocate(8 * CHUNK);
      assertEquals(heap.file.maximumSize(), heap.file.size());
      assertEquals(0, heap.allocator.stats().freeBytes());
    }
  }

  /**
   * After an open nobody knew that all runs were empty. They were looked at and given back only
   * after growth had been refused, and growth was not tried again: no block of 19 chunks, said the
   * exception, 11 are free.
   */
  @Test
  void growthIsTriedAgainOnceUnknownRunsAreGivenBack() {
    SimulatedMedium medium = TestHeap.simulated(12, 20);
    TestHeap heap = TestHeap.create(medium);
    heap.free(heap.allocate(100));
    TestHeap reopened = TestHeap.open(medium);
    reopened.allocate(19 * CHUNK);
    assertEquals(1, reopened.allocated().size());
  }

  @Test
  void aBlockLargerThanAZoneIsRefused() throws IOException {
    try (TestHeap heap = TestHeap.inMemory(12, 40_000)) {
      OutOfPersistentMemoryException thrown =
          assertThrows(OutOfPersistentMemoryException.class, () -> heap.allocate(16_384 * CHUNK));
      assertTrue(String.valueOf(thrown.getMessage()).contains("the largest block has"));
      assertEquals(12, (heap.file.size() - TestHeap.ZONE) / CHUNK);
    }
  }

  /** The memory is address space: only the few pages that are touched exist. */
  @Test
  void aHeapSpansTwoZones() throws IOException {
    int zone = 16_384;
    try (TestHeap heap = TestHeap.inMemory(zone - 4, zone + 300)) {
      long first = heap.allocate((zone - 10) * CHUNK);
      assertEquals(TestHeap.ZONE + CHUNK, first);
      // 5 chunks are left, 4 more fit the zone: 20 lie in the next one, behind its table.
      long second = heap.allocate(20 * CHUNK);
      assertEquals(TestHeap.ZONE + (zone + 1) * CHUNK, second);
      long inFirst = heap.allocate(9 * CHUNK);
      assertEquals(TestHeap.ZONE + (zone - 9) * CHUNK, inFirst);
      List<Long> rest = fill(heap, 100_000);
      assertEquals(3 + rest.size(), heap.allocated().size());
      for (long block : rest) {
        heap.free(block);
      }
      heap.free(first);
      heap.allocate((zone - 10) * CHUNK);
      assertEquals(3, heap.allocated().size());
      // The rest of the second zone, less its table: whole chunks again.
      heap.allocate((300 - 1 - 20) * CHUNK);
      assertEquals(4, heap.allocated().size());
    }
  }
}
