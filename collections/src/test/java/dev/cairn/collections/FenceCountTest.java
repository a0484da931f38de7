package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What each operation asks of the medium, exactly: fences are the cost of durability. In the steady
 * state, that is, where no run of blocks has to be made.
 */
class FenceCountTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(8 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentHashMap<Long, Long> map =
      heap.map("map", Types.LONG, Types.LONG, Collisions.SEED);
  private final PersistentArrayList<String> list = heap.list("list", Types.STRING);

  @BeforeEach
  void fill() {
    for (long key = 0; key < 1000; key++) {
      map.put(key, key);
      list.add("element " + key);
    }
    map.put(1000L, 1L);
    map.remove(1000L);
  }

  /** Runs an operation; returns what it cost. Nothing may be idle. */
  private Counts cost(Runnable operation) {
    Counts before = medium.counts();
    operation.run();
    Counts cost = medium.counts().minus(before);
    assertEquals(0, cost.idleFences(), () -> "idle fences: " + cost);
    assertEquals(0, cost.idleLines(), () -> "idle lines: " + cost);
    return cost;
  }

  /** Fences are exact; of lines it may be one less, where two bits or words happen to share one. */
  private void assertCost(long fences, long lines, Runnable operation) {
    Counts cost = cost(operation);
    assertEquals(fences, cost.fences(), cost::toString);
    assertTrue(cost.flushedLines() <= lines && cost.flushedLines() >= lines - 1, cost::toString);
  }

  private void assertFree(Runnable operation) {
    Counts cost = cost(operation);
    assertEquals(0, cost.fences() + cost.flushes() + cost.stores(), cost::toString);
  }

  @Test
  void putNew() {
    assertCost(3, 7, () -> map.put(1000L, 1L));
  }

  @Test
  void replace() {
    assertCost(3, 6, () -> map.put(500L, 1L));
    assertCost(3, 6, () -> map.replace(501L, 1L));
    assertCost(3, 6, () -> map.merge(502L, 1L, Long::sum));
    assertCost(3, 6, () -> map.compute(503L, (key, value) -> -1L));
  }

  @Test
  void remove() {
    assertCost(3, 5, () -> map.remove(500L));
  }

  @Test
  void whatChangesNothingCostsNothing() {
    assertFree(() -> map.putIfAbsent(500L, 1L));
    assertFree(() -> map.replace(-1L, 1L));
    assertFree(() -> map.replace(500L, 1L, 2L));
    assertFree(() -> map.remove(-1L));
    assertFree(() -> map.remove(500L, 1L));
    assertFree(() -> map.computeIfAbsent(500L, key -> 1L));
    assertFree(() -> map.computeIfPresent(-1L, (key, value) -> 1L));
    assertFree(() -> map.compute(500L, (key, value) -> value));
    assertFree(() -> list.remove("nothing"));
    assertFree(() -> list.removeIf(String::isEmpty));
    assertFree(() -> list.addAll(List.of()));
    assertFree(() -> heap.transact(() -> {}));
    assertFree(() -> heap.map("map", Types.LONG, Types.LONG));
  }

  @Test
  @SuppressWarnings("ReturnValueIgnored") // only the cost matters
  void readingCostsNothing() {
    assertFree(() -> map.get(500L));
    assertFree(() -> map.size());
    assertFree(() -> map.forEach((key, value) -> {}));
    assertFree(() -> list.get(500));
    assertFree(() -> list.size());
    assertFree(() -> list.forEach(element -> {}));
    assertFree(() -> list.indexOf("element 999"));
    assertFree(() -> heap.names());
    assertFree(heap::verify);
    assertFree(() -> heap.transact(() -> map.get(500L)));
  }

  @Test
  void listOperations() {
    assertCost(3, 6, () -> list.add("one more element"));
    assertCost(3, 6, () -> list.set(500, "another element"));
    assertCost(3, 5, () -> list.remove(1000));
  }

  @Test
  void transactionOfManyPuts() {
    for (int puts = 1; puts <= 20; puts++) {
      int count = puts;
      Counts cost =
          cost(
              () ->
                  heap.transact(
                      () -> {
                        for (long key = 0; key < count; key++) {
                          map.put(key * 40 + count, -key);
                        }
                      }));
      assertEquals(count + 2, cost.fences());
    }
  }

  @Test
  void clear() {
    PersistentHashMap<Long, Long> smallMap = heap.map("small", Types.LONG, Types.LONG);
    for (long key = 0; key < 100; key++) {
      smallMap.put(key, key);
    }
    assertEquals(3, cost(smallMap::clear).fences());
    PersistentArrayList<String> smallList = heap.list("small list", Types.STRING);
    smallList.addAll(List.of("a", "b", "c"));
    assertEquals(3, cost(smallList::clear).fences());
  }

  /** Three, one when the segment is split, and one when the directory doubles before that. */
  @Test
  void putThatSplits() {
    Map<Long, Integer> putsByFences = new TreeMap<>();
    for (long key = 2000; key < 12_000; key++) {
      Counts before = medium.counts();
      long used = heap.stats().usedBytes() + heap.stats().freeBytes();
      map.put(key, key);
      if (heap.stats().usedBytes() + heap.stats().freeBytes() == used) { // no run was made
        putsByFences.merge(medium.counts().minus(before).fences(), 1, Integer::sum);
      }
      assertEquals(0, medium.counts().minus(before).idleLines(), "of a segment that is split");
    }
    assertEquals(Set.of(3L, 4L, 5L), putsByFences.keySet());
    int doubled = putsByFences.getOrDefault(5L, 0);
    int split = putsByFences.getOrDefault(4L, 0);
    assertTrue(doubled < split && split < 500, putsByFences::toString);
  }
}
