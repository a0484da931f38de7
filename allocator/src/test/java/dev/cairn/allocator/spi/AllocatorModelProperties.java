package dev.cairn.allocator.spi;

import static dev.cairn.allocator.spi.TestHeap.CHUNK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random transactions and reopenings against a map of what should be allocated. */
class AllocatorModelProperties {

  /** What a block holds at its two ends, so that an overlap shows. */
  private record Content(long size, long mark) {}

  private static final class Run {
    private final SplittableRandom random;
    private final SimulatedMedium medium = TestHeap.simulated(12, 40);
    private TestHeap heap = TestHeap.create(medium);
    private NavigableMap<Long, Content> committed = new TreeMap<>();
    private long marks;

    Run(long seed) {
      random = new SplittableRandom(seed);
    }

    private long size() {
      return switch (random.nextInt(12)) {
        case 0 -> 1 + random.nextLong(3 * CHUNK);
        case 1, 2 -> 1 + random.nextLong(100_000);
        case 3, 4, 5 -> 1 + random.nextLong(5000);
        default -> 1 + random.nextLong(300);
      };
    }

    void step() {
      if (random.nextInt(20) == 0) {
        heap = TestHeap.open(medium);
        verify();
        return;
      }
      NavigableMap<Long, Content> inside = new TreeMap<>(committed);
      List<Long> freed = new ArrayList<>();
      boolean commits = random.nextInt(3) != 0;
      if (commits) {
        heap.transact(transaction -> change(transaction, inside, freed));
        freed.forEach(inside::remove);
        committed = inside;
      } else {
        heap.abort(transaction -> change(transaction, inside, freed));
      }
    }

    private void change(Transaction transaction, Map<Long, Content> inside, List<Long> freed) {
      boolean shrinks = random.nextInt(3) == 0;
      for (int i = random.nextInt(shrinks ? 60 : 20); i >= 0; i--) {
        if (random.nextInt(shrinks ? 10 : 3) == 0 || inside.size() == freed.size()) {
          allocate(transaction, inside);
        } else {
          List<Long> candidates = new ArrayList<>(inside.keySet());
          candidates.removeAll(freed);
          long block = candidates.get(random.nextInt(candidates.size()));
          heap.allocator.free(transaction, block);
          freed.add(block);
        }
        if (random.nextInt(10) == 0) {
          transaction.seal();
        }
      }
    }

    private void allocate(Transaction transaction, Map<Long, Content> inside) {
      long size = size();
      long block;
      try {
        block = heap.allocator.allocateUnwritten(transaction, size);
      } catch (OutOfPersistentMemoryException e) {
        assertEquals(size, e.requestedBytes());
        return;
      }
      Content content = new Content(size, ++marks);
      // A block that this transaction freed must not be here: it is still in the map.
      assertTrue(inside.put(block, content) == null, "handed out twice");
      assertTrue(heap.allocator.blockSize(block) >= size);
      if (size >= 2 * Long.BYTES) {
        transaction.fresh(block, Long.BYTES);
        transaction.fresh(block + size - Long.BYTES, Long.BYTES);
        heap.accessor.putLong(block, content.mark());
        heap.accessor.putLong(block + size - Long.BYTES, content.mark());
      }
    }

    void verify() {
      Map<Long, Long> allocated = heap.allocated();
      assertEquals(committed.keySet(), allocated.keySet());
      long end = 0;
      for (Map.Entry<Long, Long> block : allocated.entrySet()) {
        assertTrue(block.getKey() >= end, "blocks overlap");
        end = block.getKey() + block.getValue();
        Content content = committed.get(block.getKey());
        Objects.requireNonNull(content);
        assertTrue(content.size() <= block.getValue());
        if (content.size() >= 2 * Long.BYTES) {
          long last = block.getKey() + content.size() - Long.BYTES;
          assertEquals(content.mark(), heap.accessor.getLong(block.getKey()));
          assertEquals(content.mark(), heap.accessor.getLong(last));
        }
      }
      AllocatorStats stats = heap.allocator.stats();
      assertEquals(allocated.values().stream().mapToLong(Long::longValue).sum(), stats.usedBytes());
    }

    /** Frees everything: then one span can have all. */
    void empty() {
      heap = TestHeap.open(medium);
      heap.transact(
          transaction ->
              committed.keySet().forEach(block -> heap.allocator.free(transaction, block)));
      committed.clear();
      verify();
      heap.allocate(39 * CHUNK);
    }
  }

  @Property(tries = 40)
  void behavesAsAMapOfBlocks(@ForAll long seed) {
    Run run = new Run(seed);
    for (int step = 0; step < 60; step++) {
      run.step();
      if (step % 10 == 9) {
        run.verify();
      }
    }
    run.empty();
  }
}
