package dev.cairn.allocator.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MemoryMedium;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AllocatorConcurrencyTest {
  private static final long SEED = Long.getLong("cairn.test.seed", System.nanoTime());

  /** Allocates, aborts and frees; returns the blocks that it keeps. Each holds its own offset. */
  private static Set<Long> work(TestHeap heap, SplittableRandom random, int transactions) {
    List<Long> mine = new ArrayList<>();
    for (int i = 0; i < transactions; i++) {
      List<Long> allocated = new ArrayList<>();
      List<Long> freed = new ArrayList<>();
      boolean aborts = random.nextInt(4) == 0;
      Consumer<Transaction> body =
          transaction -> {
            for (int n = random.nextInt(8); n >= 0; n--) {
              long size = random.nextInt(40) == 0 ? 300_000 : 16 + random.nextInt(2000);
              try {
                long block = heap.allocator.allocate(transaction, size);
                heap.accessor.putWord(block, block ^ SEED);
                allocated.add(block);
              } catch (OutOfPersistentMemoryException e) {
                break;
              }
            }
            for (int n = random.nextInt(8); n > 0 && mine.size() > freed.size(); n--) {
              long block = mine.get(freed.size());
              assertEquals(block ^ SEED, heap.accessor.getWord(block), "overwritten");
              heap.allocator.free(transaction, block);
              freed.add(block);
            }
          };
      if (aborts) {
        heap.abort(body);
      } else {
        heap.transact(body);
        mine.subList(0, freed.size()).clear();
        mine.addAll(allocated);
      }
    }
    return new HashSet<>(mine);
  }

  private static void run(ExecutorService executor, int threads, int each, int chunks)
      throws Exception {
    System.out.println("seed " + SEED + " (-Dcairn.test.seed)");
    Medium medium =
        MemoryMedium.anonymous(
            TestHeap.ZONE + 12 * TestHeap.CHUNK, TestHeap.ZONE + chunks * TestHeap.CHUNK);
    try (TestHeap heap = TestHeap.create(medium)) {
      List<Future<Set<Long>>> results = new ArrayList<>();
      try (executor) {
        for (int t = 0; t < threads; t++) {
          SplittableRandom random = new SplittableRandom(SEED + t);
          results.add(executor.submit(() -> work(heap, random, each)));
        }
      }
      Set<Long> all = new HashSet<>();
      int count = 0;
      for (Future<Set<Long>> result : results) {
        all.addAll(result.get());
        count += result.get().size();
      }
      assertEquals(count, all.size(), "a block belongs to two threads");
      TestHeap reopened = TestHeap.open(medium);
      Map<Long, Long> allocated = reopened.allocated();
      assertEquals(all, allocated.keySet());
      assertEquals(allocated, heap.allocated());
      long end = 0;
      for (Map.Entry<Long, Long> block : allocated.entrySet()) {
        assertTrue(block.getKey() >= end, "blocks overlap");
        end = block.getKey() + block.getValue();
        assertEquals(block.getKey() ^ SEED, reopened.accessor.getWord(block.getKey()));
      }
      for (long block : all) {
        reopened.free(block);
      }
      reopened.allocate((chunks - 1) * TestHeap.CHUNK);
    }
  }

  @Test
  void blocksOfManyThreadsAreDisjoint() throws Exception {
    run(Executors.newFixedThreadPool(8), 8, 1500, 2000);
  }

  @Test
  void blocksOfManyVirtualThreadsAreDisjoint() throws Exception {
    run(Executors.newVirtualThreadPerTaskExecutor(), 200, 40, 2000);
  }

  /** Runs are made, emptied, reclaimed and made again, all at once. */
  @Test
  void aHeapThatIsFullMostOfTheTime() throws Exception {
    run(Executors.newFixedThreadPool(8), 8, 800, 24);
  }
}
