package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeapFileTest {
  private static final HeapOptions OPTIONS =
      HeapOptions.defaults().withInitialSize(2L << 20).withMaximumSize(64L << 20);

  @TempDir Path directory;

  @Test
  void keepsWhatWasPersisted() throws Exception {
    Path path = directory.resolve("a.heap");
    try (HeapFile heap = HeapFile.create(path, OPTIONS)) {
      assertTrue(heap.wasClosedCleanly());
      heap.markInUse();
      heap.accessor().putWord(HeapLayout.ROOT_OFFSET, 42);
      heap.accessor().persist(HeapLayout.ROOT_OFFSET, 8);
      heap.grow(4L << 20);
      heap.accessor().putWord((4L << 20) - 8, 43);
      heap.accessor().persist((4L << 20) - 8, 8);
    }
    try (HeapFile heap = HeapFile.openOrCreate(path, OPTIONS)) {
      assertTrue(heap.wasClosedCleanly());
      assertEquals(4L << 20, heap.size());
      assertEquals(64L << 20, heap.maximumSize());
      assertEquals(42, heap.accessor().getWord(HeapLayout.ROOT_OFFSET));
      assertEquals(43, heap.accessor().getWord((4L << 20) - 8));
    }
  }

  @Test
  void runsInAnonymousMemory() throws Exception {
    try (HeapFile heap =
        HeapFile.create(MemoryMedium.anonymous(2L << 20, 1L << 40), HeapOptions.defaults())) {
      heap.markInUse();
      heap.grow(1L << 30);
      heap.accessor().putWord((1L << 30) - 8, 43);
      heap.accessor().persist((1L << 30) - 8, 8);
      assertFalse(heap.durability().reason().isEmpty());
      assertTrue(FlushInstructions.areAvailable(), FlushInstructions.name());
    }
  }
}
