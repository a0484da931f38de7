package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionAbortedException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PersistentLongMapTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(8 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentLongMap map = heap.longMap("longs");

  @Test
  void behavesAsAMap() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<Long, Long> model = new HashMap<>();
    for (int i = 0; i < 5000; i++) {
      long key = random.nextLong(-150, 150);
      long value = random.nextLong();
      String step = "seed %d, step %d".formatted(seed, i);
      switch (random.nextInt(5)) {
        case 0 -> {
          map.put(key, value);
          model.put(key, value);
        }
        case 1 -> assertEquals(model.remove(key) != null, map.remove(key), step);
        case 2 -> assertEquals(model.merge(key, value, Long::sum), map.add(key, value), step);
        case 3 -> assertEquals(model.containsKey(key), map.containsKey(key), step);
        default -> assertEquals(model.getOrDefault(key, -7L), map.get(key, -7), step);
      }
    }
    assertEquals(model, map.asMap());
    assertEquals(model.size(), map.size());
    heap.verify();
  }

  @Test
  void isAViewOfTheMapOfItsName() {
    map.put(1, 2);
    PersistentHashMap<Long, Long> boxed = heap.map("longs", Types.LONG, Types.LONG);
    assertEquals(2L, boxed.get(1L));
    boxed.put(3L, 4L);
    assertEquals(4, map.get(3, 0));
    heap.map("strings", Types.LONG, Types.STRING);
    assertThrows(IllegalArgumentException.class, () -> heap.longMap("strings"));
  }

  @Test
  void takesPartInTransactions() {
    map.put(1, 100);
    heap.transact(
        () -> {
          map.add(1, -30);
          map.add(2, 30);
          assertEquals(70, map.get(1, 0));
          map.remove(2);
          assertFalse(map.containsKey(2));
          map.put(2, 30);
        });
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  map.add(1, -30);
                  throw new IllegalStateException();
                }));
    assertEquals(70, map.get(1, 0));
    assertEquals(30, map.get(2, 0));
  }

  @Test
  void costsOneFence() {
    map.put(1, 1);
    Counts before = medium.counts();
    map.put(1, 2);
    map.add(1, 2);
    map.remove(1);
    assertEquals(3, medium.counts().minus(before).fences());
  }
}
