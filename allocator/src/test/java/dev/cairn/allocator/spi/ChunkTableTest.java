package dev.cairn.allocator.spi;

import static dev.cairn.allocator.spi.TestHeap.CHUNK;
import static dev.cairn.allocator.spi.TestHeap.ZONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.spi.HeapLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where chunks are taken, so that huge pages can back what lies in them. */
class ChunkTableTest {
  private static final long HUGE = HeapLayout.HUGE_PAGE_SIZE;

  private static ChunkTable tableOf(TestHeap heap) {
    ChunkTable table = new ChunkTable(heap.file);
    table.load((chunk, sizeClass) -> {});
    return table;
  }

  @Test
  void whatFillsHugePagesBeginsWithOne() throws Exception {
    try (TestHeap heap = TestHeap.inMemory(60, 60)) {
      ChunkTable table = tableOf(heap);
      assertEquals(1, table.take(1));
      assertEquals(4, table.take(8)); // 2 MiB
      assertEquals(2, table.take(2), "what is left before it is not lost");
      assertEquals(12, table.take(16)); // 4 MiB
      assertEquals(0, ChunkTable.chunkOffset(12) % HUGE);
      assertEquals(28, table.take(7));
      assertEquals(36, table.take(8));
    }
  }

  /** From chunk 1 on 50 are free: 3 times 16, but only from the start of the range. */
  @Test
  void noRoomIsLostForIt() throws Exception {
    try (TestHeap heap = TestHeap.inMemory(51, 51)) {
      ChunkTable table = tableOf(heap);
      assertEquals(1, table.take(16));
      assertEquals(17, table.take(16));
      assertEquals(33, table.take(16));
      assertEquals(-1, table.take(16));
      assertEquals(49, table.take(2));
      assertEquals(0, table.freeChunks());
    }
  }

  /** Whatever was taken and given back: as many fit as would fit from the start of each range. */
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 15, 16, 23, 24})
  void asManyFitAsWithoutIt(int count) throws Exception {
    try (TestHeap heap = TestHeap.inMemory(500, 500)) {
      for (int hole = 0; hole < 40; hole++) {
        ChunkTable table = tableOf(heap);
        for (int i = 0; i < hole; i++) {
          table.take(1);
        }
        int expected = (499 - hole) / count;
        for (int i = 0; i < expected; i++) {
          assertTrue(table.take(count) > 0);
        }
        assertEquals(-1, table.take(count));
      }
    }
  }

  @Test
  void aHeapGrowsToTheEndOfAHugePage() throws Exception {
    try (TestHeap heap = TestHeap.inMemory(9, 1000)) {
      heap.allocate(3_000_000);
      assertEquals(0, heap.file.size() % HUGE);
      heap.allocate(40 * CHUNK);
      heap.allocate(51 * CHUNK + 1);
      assertEquals(0, heap.file.size() % HUGE);
    }
    try (TestHeap heap = TestHeap.inMemory(9, 13)) {
      heap.allocate(9 * CHUNK);
      assertEquals(ZONE + 13 * CHUNK, heap.file.size());
    }
  }
}
