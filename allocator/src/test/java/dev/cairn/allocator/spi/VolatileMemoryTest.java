package dev.cairn.allocator.spi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much Java memory a heap's blocks take while nobody allocates or frees. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VolatileMemoryTest {
  private static final int CHUNKS = 1024;
  private static final int BATCH = 1000;

  /** Whatever the size of the heap: queues, magazines, and what garbage collections leave over. */
  private static final long FIXED = 64 << 10;

  private static final long MEBIBYTE = 1 << 20;
  private static final double HEAPS_IN_A_GIBIBYTE = (1L << 30) / (double) (CHUNKS * TestHeap.CHUNK);

  private static void fill(TestHeap heap, int blockSize) {
    int count = (CHUNKS - 32) * SizeClasses.forSize(blockSize).blockCount();
    for (int i = 0; i < count; i += BATCH) {
      heap.transact(
          transaction -> {
            for (int n = 0; n < BATCH; n++) {
              heap.allocator.allocateUnwritten(transaction, blockSize);
            }
          });
    }
  }

  /** Frees each block with a chance of one half, in several passes over the heap. */
  private static void freeHalf(TestHeap heap) {
    long[] batch = new long[BATCH];
    int[] size = new int[1];
    for (int pass = 0; pass < 4; pass++) {
      int kind = pass;
      heap.allocator.forEachAllocated(
          (block, bytes) -> {
            if (((block * 0x9E3779B97F4A7C15L) >>> 61) == kind) {
              batch[size[0]++] = block;
            }
            if (size[0] == BATCH) {
              free(heap, batch, BATCH);
              size[0] = 0;
            }
          });
      free(heap, batch, size[0]);
      size[0] = 0;
    }
  }

  private static void free(TestHeap heap, long[] blocks, int count) {
    heap.transact(
        transaction -> {
          for (int i = 0; i < count; i++) {
            heap.allocator.free(transaction, blocks[i]);
          }
        });
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  private static void check(String when, int blockSize, long grown) {
    double perGibibyte = grown * HEAPS_IN_A_GIBIBYTE;
    System.out.printf(
        "blocks of %,d bytes, %s: %,d bytes, %.2f MiB a GiB%n",
        blockSize, when, grown, perGibibyte / MEBIBYTE);
    assertTrue(
        (grown - FIXED) * HEAPS_IN_A_GIBIBYTE <= MEBIBYTE,
        () -> "%s, %,d bytes".formatted(when, grown));
  }

  /**
   * With two bitmaps in memory for each run, as it once was, blocks of 16 bytes took 16 MiB a GiB
   * and those of 128 almost 3.
   */
  @ParameterizedTest
  @ValueSource(ints = {16, 64, 128, 1024})
  void aGibibyteTakesLessThanAMebibyte(int blockSize) throws Exception {
    try (TestHeap heap = TestHeap.inMemory(CHUNKS, CHUNKS)) {
      // Buffers of the transaction take their size here.
      heap.transact(
          transaction -> {
            for (int n = 0; n < 2 * BATCH; n++) {
              heap.allocator.allocateUnwritten(transaction, blockSize);
            }
          });
      long before = used();
      fill(heap, blockSize);
      check("full", blockSize, used() - before);
      freeHalf(heap);
      check("half of them freed", blockSize, used() - before);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 1000; i++) {
        heap.transact(
            transaction -> {
              for (int n = random.nextInt(50); n >= 0; n--) {
                heap.allocator.allocateUnwritten(transaction, blockSize);
              }
            });
      }
      check("some allocated again", blockSize, used() - before);
      assertTrue(
          heap.allocator.verify(
              finding -> {
                throw finding;
              }));
    }
  }
}
