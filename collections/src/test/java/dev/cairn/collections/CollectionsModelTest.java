package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.collections.World.State;
import dev.cairn.crashtest.SimulatedMedium;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Long random lives of a map and a list, beside the same life of {@code java.util} ones. */
class CollectionsModelTest {
  @Test
  void randomLivesAreThoseOfTheModel() {
    Random lives = new Random(TestHeaps.seed("CollectionsModelTest"));
    for (int life = 0; life < 6; life++) {
      long seed = lives.nextLong();
      SimulatedMedium medium = SimulatedMedium.create(8 * TestHeaps.MIB, 8 * TestHeaps.MIB);
      PersistentHeap heap = TestHeaps.on(medium);
      World world = World.of(heap);
      World model = World.model();
      Random choices = new Random(seed);
      for (int i = 0; i < 300; i++) {
        long step = choices.nextLong();
        RandomSteps.step(world, new Random(step));
        RandomSteps.step(model, new Random(step));
        String where = "life " + seed + ", step " + i;
        if (i % 8 == 0) {
          heap.verify();
          assertEquals(State.of(model), State.of(world), where);
          assertEquals(model.map().hashCode(), world.map().hashCode(), where);
          assertEquals(model.list().hashCode(), world.list().hashCode(), where);
        }
        if (choices.nextInt(40) == 0) {
          // What only the caches knew is lost; everything acknowledged was fenced.
          medium = SimulatedMedium.of(medium.durableImage());
          heap = PersistentHeap.open(medium, TestHeaps.OPTIONS);
          world = World.of(heap);
          heap.verify();
          assertEquals(State.of(model), State.of(world), where);
        }
      }
      heap.close();
    }
  }

  @Test
  void collidingKeysFormChainsThatAreFoundWalkedAndEmptied() {
    long[] keys = Collisions.keys(500);
    PersistentHeap heap = TestHeaps.inMemory(8 * TestHeaps.MIB);
    Map<Long, String> map = World.of(heap).map();
    Map<Long, String> model = new HashMap<>();
    for (long key : keys) {
      map.put(key, "v" + key);
      model.put(key, "v" + key);
    }
    heap.verify();
    assertEquals(model, map);
    for (int i = 0; i < keys.length; i += 2) {
      assertEquals("v" + keys[i], map.remove(keys[i]));
      model.remove(keys[i]);
    }
    heap.verify();
    assertEquals(model, map);
    for (long key : keys) {
      assertEquals(model.get(key), map.get(key));
      map.put(key, "w");
    }
    assertEquals(keys.length, map.size());
    heap.verify();
    map.clear();
    heap.verify();
    assertEquals(Map.of(), map);
    heap.close();
  }

  @Test
  void growsToManyEntries() {
    PersistentHeap heap = TestHeaps.inMemory(128 * TestHeaps.MIB);
    PersistentHashMap<Long, byte[]> map = heap.map("map", Types.LONG, Types.BYTES);
    int count = 200_000;
    for (long i = 0; i < count; i++) {
      byte[] value = new byte[100];
      value[0] = (byte) i;
      map.put(i * i, value);
    }
    assertEquals(count, map.size());
    heap.verify();
    for (long i = 0; i < count; i++) {
      assertEquals((byte) i, map.getOrDefault(i * i, new byte[] {(byte) ~i})[0]);
    }
    int seen = 0;
    for (Map.Entry<Long, byte[]> entry : map.entrySet()) {
      assertEquals((byte) Math.round(Math.sqrt(entry.getKey())), entry.getValue()[0]);
      seen++;
    }
    assertEquals(count, seen);
    for (long i = 0; i < count; i += 2) {
      map.remove(i * i);
    }
    assertEquals(count / 2, map.size());
    heap.verify();
    heap.close();
  }
}
