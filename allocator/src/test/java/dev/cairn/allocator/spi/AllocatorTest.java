package dev.cairn.allocator.spi;

import static dev.cairn.allocator.spi.TestHeap.CHUNK;
import static dev.cairn.allocator.spi.TestHeap.ROOT;
import static dev.cairn.allocator.spi.TestHeap.ZONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AllocatorTest {
  private final SimulatedMedium medium = TestHeap.simulated(12, 40);
  private final TestHeap heap = TestHeap.create(medium);
  private final Allocator allocator = heap.allocator;

  // What it costs.

  private Counts costOf(Consumer<Transaction> body) {
    Counts before = medium.counts();
    heap.transact(body);
    return medium.counts().minus(before);
  }

  @Test
  void allocatingAndLinkingCostsThreeFences() {
    heap.allocate(100);
    Counts cost =
        costOf(
            transaction -> {
              long block = heap.allocate(transaction, 100);
              heap.accessor.putWord(block, 1);
              heap.accessor.putWord(block + 64, 1);
              transaction.declareWord(ROOT);
              transaction.seal();
              transaction.putWord(ROOT, block);
            });
    assertEquals(3, cost.fences());
    assertEquals(0, cost.idleFences());
  }

  @Test
  void manyBlocksCostNoMoreFencesThanOne() {
    heap.allocate(100);
    Counts cost =
        costOf(
            transaction -> {
              for (int i = 0; i < 100; i++) {
                heap.allocate(transaction, 100);
              }
            });
    assertEquals(3, cost.fences());
  }

  @Test
  void freeingCostsNoFenceOfItsOwn() {
    long a = heap.allocate(100);
    long b = heap.allocate(100);
    heap.allocate(100);
    assertEquals(3, costOf(transaction -> allocator.free(transaction, a)).fences());
    Counts both =
        costOf(
            transaction -> {
              allocator.free(transaction, b);
              heap.allocate(transaction, 100);
              transaction.declareWord(ROOT);
              transaction.seal();
              transaction.putWord(ROOT, 0x4711);
            });
    assertEquals(3, both.fences());
  }

  @Test
  void aNewRunCostsTwoFences() {
    assertEquals(2 + 3, costOf(transaction -> heap.allocate(transaction, 100)).fences());
    assertEquals(3, costOf(transaction -> heap.allocate(transaction, 100)).fences());
  }

  @Test
  void spansCostNoFenceOfTheirOwn() {
    long[] span = new long[1];
    Counts cost =
        costOf(transaction -> span[0] = allocator.allocateUnwritten(transaction, 2 * CHUNK));
    assertEquals(3, cost.fences());
    assertEquals(3, costOf(transaction -> allocator.free(transaction, span[0])).fences());
  }

  @Test
  void whatIsAbortedBeforeItIsSealedCostsNothing() {
    heap.allocate(100);
    Counts before = medium.counts();
    heap.abort(transaction -> heap.allocate(transaction, 100));
    assertEquals(0, medium.counts().minus(before).fences());
  }

  // The format.

  @Test
  void chunkHeadersAreTheseWords() {
    assertEquals(0x0000_0000_0001_0701L, 0xFFFF_FFFFL & ChunkHeader.run(SizeClasses.get(7), 1));
    assertEquals(0x0000_0000_0002_0002L, 0xFFFF_FFFFL & ChunkHeader.span(2, 1));
    assertNotEquals(ChunkHeader.span(2, 1), ChunkHeader.span(2, 2));
    long run = heap.allocate(128);
    assertEquals(ZONE + CHUNK + 256, run);
    assertEquals(ChunkHeader.run(SizeClasses.get(7), 1), heap.accessor.getWord(0x100008));
    assertEquals("8543813400010701", Long.toHexString(heap.accessor.getWord(0x100008)));
    assertEquals(1, heap.accessor.getWord(ZONE + CHUNK), "bitmap");
    heap.allocate(128);
    assertEquals(3, heap.accessor.getWord(ZONE + CHUNK), "bitmap");
    long span = heap.allocate(2 * CHUNK);
    assertEquals(ZONE + 2 * CHUNK, span);
    assertEquals("94122d7b00020002", Long.toHexString(heap.accessor.getWord(0x100010)));
    assertEquals(0, heap.accessor.getWord(0x100018));
    heap.free(span);
    assertEquals(0, heap.accessor.getWord(0x100010));
    heap.free(run);
    assertEquals(2, heap.accessor.getWord(ZONE + CHUNK), "bitmap");
  }

  // What it hands out.

  @Test
  void everySizeIsServedInEveryBlockOfItsRun() throws IOException {
    try (TestHeap large = TestHeap.inMemory(600, 600)) {
      for (int i = 60; i < SizeClasses.count(); i++) {
        SizeClass sizeClass = SizeClasses.get(i);
        Set<Long> blocks = new HashSet<>();
        for (int n = 0; n < sizeClass.blockCount(); n++) {
          long block = large.allocate(sizeClass.blockSize());
          assertTrue(blocks.add(block));
          assertEquals(sizeClass.blockSize(), large.allocator.blockSize(block));
          assertEquals(0, block % 16);
        }
        blocks.forEach(large::free);
      }
      assertEquals(Map.of(), large.allocated());
    }
  }

  @Test
  void aFreedBlockComesBackAfterTheCommitOnly() {
    long block = heap.allocate(100);
    heap.transact(
        transaction -> {
          allocator.free(transaction, block);
          assertNotEquals(block, heap.allocate(transaction, 100));
        });
    assertEquals(block, heap.allocate(100));
  }

  @Test
  void anAbortedAllocationComesBack() {
    long[] blocks = new long[2];
    heap.abort(
        transaction -> {
          blocks[0] = heap.allocate(transaction, 100);
          blocks[1] = heap.allocate(transaction, 3 * CHUNK);
          transaction.seal();
        });
    assertEquals(blocks[0], heap.allocate(100));
    assertEquals(blocks[1], heap.allocate(3 * CHUNK));
  }

  @Test
  void anAbortedFreeLeavesTheBlockAllocated() {
    long block = heap.allocate(100);
    long span = heap.allocate(CHUNK * 2);
    Map<Long, Long> before = heap.allocated();
    for (int i = 0; i < 2; i++) {
      heap.abort(
          transaction -> {
            allocator.free(transaction, block);
            allocator.free(transaction, span);
            transaction.seal();
          });
      assertEquals(before, heap.allocated());
      assertNotEquals(block, heap.allocate(100));
      before = heap.allocated();
    }
    heap.free(block);
    heap.free(span);
    assertEquals(2, heap.allocated().size());
  }

  @Test
  void whatIsAllocatedAndFreedInOneTransactionIsFree() {
    for (boolean commits : new boolean[] {true, false}) {
      for (long size : new long[] {100, 2 * CHUNK}) {
        Consumer<Transaction> both =
            transaction -> {
              long block = heap.allocate(transaction, size);
              transaction.seal();
              allocator.free(transaction, block);
            };
        if (commits) {
          heap.transact(both);
        } else {
          heap.abort(both);
        }
        assertEquals(Map.of(), heap.allocated());
        heap.free(heap.allocate(size));
      }
    }
  }

  // Wrong arguments and damage.

  private static void assertNoBlock(long block, Runnable use) {
    HeapCorruptedException thrown = assertThrows(HeapCorruptedException.class, use::run);
    assertEquals("block offset", thrown.structure());
    assertEquals(block, thrown.offset());
  }

  @Test
  void freesOfWhatIsNoAllocatedBlockAreRefused() {
    long block = heap.allocate(100);
    long free = heap.allocate(100);
    heap.free(free);
    long span = heap.allocate(3 * CHUNK);
    Map<Long, Long> before = heap.allocated();
    long[] wrong = {
      0,
      -16,
      Long.MIN_VALUE,
      Long.MAX_VALUE,
      ROOT,
      ZONE,
      ZONE + 8,
      ZONE + CHUNK, // a run's bitmap
      ZONE + CHUNK + 8,
      block + 16,
      free,
      ZONE + 2 * CHUNK - 16, // the tail of the run
      span + CHUNK,
      span + 16,
      heap.file.size() - CHUNK, // a free chunk
      heap.file.size() - 112,
      heap.file.size(),
    };
    for (long at : wrong) {
      assertNoBlock(at, () -> heap.free(at));
      if (at != free) {
        assertNoBlock(at, () -> allocator.blockSize(at));
      }
    }
    assertEquals(before, heap.allocated());
    heap.free(block);
    heap.free(span);
  }

  /**
   * The same block was freed twice in one transaction. Its run then counted it twice as free, and a
   * span brought the transaction's end down with its lane and locks.
   */
  @Test
  void freeingTwiceInOneTransactionIsRefused() {
    for (long size : new long[] {100, 2 * CHUNK}) {
      long block = heap.allocate(size);
      long kept = heap.allocate(size);
      heap.transact(
          transaction -> {
            allocator.free(transaction, block);
            assertNoBlock(block, () -> allocator.free(transaction, block));
          });
      assertNoBlock(block, () -> heap.free(block));
      assertEquals(Set.of(kept), heap.allocated().keySet());
      heap.free(kept);
    }
  }

  @Test
  void freeingWhatAnotherTransactionIsFreeingIsRefused() throws InterruptedException {
    long block = heap.allocate(100);
    Transaction transaction = heap.transactions.enter();
    allocator.free(transaction, block);
    List<Throwable> thrown = new ArrayList<>();
    Thread other = new Thread(() -> heap.free(block));
    other.setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
    other.start();
    other.join();
    assertEquals(HeapCorruptedException.class, thrown.getFirst().getClass());
    transaction.exit();
    assertEquals(block, heap.allocate(100));
  }

  @Test
  void aRefusedFreeCanBeRepeatedInARightTransaction() {
    long block = heap.allocate(100);
    Transaction ended = heap.transactions.enter();
    ended.exit();
    assertThrows(IllegalStateException.class, () -> allocator.free(ended, block));
    assertThrows(IllegalStateException.class, () -> allocator.allocate(ended, 100));
    heap.free(block);
    assertEquals(Map.of(), heap.allocated());
    assertEquals(block, heap.allocate(100));
  }

  /** A size near the largest long came out as a negative number of chunks. */
  @Test
  void absurdSizesAreRefused() {
    for (long size : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> heap.allocate(size));
    }
    for (long size : new long[] {1L << 32, 1L << 62, Long.MAX_VALUE - 1000, Long.MAX_VALUE}) {
      OutOfPersistentMemoryException thrown =
          assertThrows(OutOfPersistentMemoryException.class, () -> heap.allocate(size));
      assertEquals(size, thrown.requestedBytes());
    }
    heap.allocate(100);
  }

  /** Changes a word as no program should: the sanitizer would refuse it. */
  private void damage(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off());
    heap.accessor.putWord(offset, word);
  }

  private void assertCorrupted(String structure, long offset, Runnable use) {
    HeapCorruptedException thrown = assertThrows(HeapCorruptedException.class, use::run);
    assertEquals(structure, thrown.structure());
    assertEquals(offset, thrown.offset(), thrown::getMessage);
  }

  @Test
  void aFlippedBitOfAChunkHeaderIsNoticedAtOpen() {
    heap.allocate(100);
    heap.allocate(2 * CHUNK);
    for (long header : new long[] {0x100008, 0x100010}) {
      long before = heap.accessor.getWord(header);
      for (int bit = 0; bit < 64; bit++) {
        damage(header, before ^ (1L << bit));
        assertCorrupted("chunk header", header, () -> TestHeap.open(medium));
      }
      damage(header, before);
    }
    TestHeap.open(medium);
  }

  @Test
  void headersThatCannotBeAreNoticedAtOpen() {
    heap.allocate(100);
    damage(0x100000, ChunkHeader.span(1, 0));
    assertCorrupted("chunk header", 0x100000, () -> TestHeap.open(medium));
    damage(0x100000, 0);
    // 12 chunks: a span of 11 from chunk 2 ends beyond the heap.
    damage(0x100010, ChunkHeader.span(11, 2));
    assertCorrupted("chunk header", 0x100010, () -> TestHeap.open(medium));
    damage(0x100010, ChunkHeader.span(10, 2));
    TestHeap.open(medium);
    damage(0x100020, ChunkHeader.span(1, 4));
    assertCorrupted("chunk header", 0x100020, () -> TestHeap.open(medium));
    damage(0x100020, 0);
    damage(0x100010, ChunkHeader.span(10, 3));
    assertCorrupted("chunk header", 0x100010, () -> TestHeap.open(medium));
  }

  /** So opening does not read bitmaps, and the first use of a run does. */
  @Test
  void aDamagedBitmapIsNoticedWhenItsRunIsUsed() {
    long block = heap.allocate(4096);
    long other = heap.allocate(100);
    long bitmap = ZONE + CHUNK;
    damage(bitmap, heap.accessor.getWord(bitmap) | Long.MIN_VALUE);
    TestHeap damaged = TestHeap.open(medium);
    assertCorrupted("run bitmap", bitmap, () -> damaged.free(block));
    assertCorrupted("run bitmap", bitmap, () -> damaged.allocate(4096));
    assertCorrupted("run bitmap", bitmap, damaged::allocated);
    damaged.free(other);
    damaged.allocate(100);
  }

  @Test
  void aClearedBitMakesAFreeDangle() {
    long block = heap.allocate(4096);
    damage(ZONE + CHUNK, 0);
    TestHeap damaged = TestHeap.open(medium);
    assertNoBlock(block, () -> damaged.free(block));
  }
}
