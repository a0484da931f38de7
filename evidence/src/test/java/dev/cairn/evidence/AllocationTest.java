package dev.cairn.evidence;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentLong;
import dev.cairn.collections.PersistentLongMap;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What operations allocate on the Java heap, once they are compiled: nothing inside the protocol.
 * Counted by the JVM. Some rounds may meet the compiler at work, so the best of many counts.
 */
class AllocationTest {
  private static final int OPERATIONS = 20_000;
  private static final int ROUNDS = 60;

  @TempDir private Path directory;
  private PersistentHeap heap;

  private interface Operation {
    void run(long i);
  }

  @BeforeEach
  void open() throws IOException {
    HeapOptions options =
        HeapOptions.defaults()
            .withPageCacheLevel(dev.cairn.heap.Durability.Level.PROCESS_CRASH)
            .withMaximumSize(64 << 20);
    heap = PersistentHeap.openOrCreate(directory.resolve("heap"), options);
  }

  @AfterEach
  void close() {
    heap.close();
  }

  private static void assertAllocates(double most, Operation operation) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    double least = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least > most; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      for (long i = 0; i < OPERATIONS; i++) {
        operation.run(i);
      }
      long allocated = threads.getThreadAllocatedBytes(id) - before;
      least = Math.min(least, (double) allocated / OPERATIONS);
    }
    assertTrue(least <= most, "at least %.2f bytes for each operation".formatted(least));
  }

  @Test
  void longsAreReadAndChangedWithoutAllocation() {
    PersistentLongMap map = heap.longMap("longs");
    assertAllocates(
        0.1,
        i -> {
          map.put(i & 1023, i);
          map.add(i & 1023, map.get(i & 511, 0));
          map.remove((i + 512) & 1023);
        });
  }

  @Test
  void aLongIsReadAndChangedWithoutAllocation() {
    PersistentLong number = heap.longValue("number");
    assertAllocates(
        0.1,
        i -> {
          number.set(i);
          number.addAndGet(number.get());
          number.compareAndSet(2 * i, i + 1);
          number.accumulateAndGet(i, Math::min);
        });
    assertAllocates(16.1, i -> number.updateAndGet(old -> old + 1));
    assertAllocates(16.1, i -> number.getAndUpdate(old -> old + 1));
  }

  @Test
  void objectsCostNoMoreThanTheyAre() {
    PersistentHashMap<Long, byte[]> map = heap.map("bytes", Types.LONG, Types.BYTES);
    byte[] value = new byte[100];
    // The array that is returned has a header of 16 bytes, and a boxed key may have 16 in all.
    assertAllocates(120 + 16 + 16, i -> map.put(i & 1023, value));
    assertAllocates(120 + 16 + 16, i -> map.get(i & 1023));
  }
}
