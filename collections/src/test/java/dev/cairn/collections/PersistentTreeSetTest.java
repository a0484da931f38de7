package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionAbortedException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PersistentTreeSetTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentTreeSet<Integer> set = heap.treeSet("set", Types.INT);

  /** Does the same to both, which must answer the same. */
  private static void step(NavigableSet<Integer> set, NavigableSet<Integer> model, Random random) {
    int element = random.nextInt(-300, 300);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> assertEquals(model.add(element), set.add(element));
      case 5, 6 -> assertEquals(model.remove(element), set.remove(element));
      case 7 -> {
        assertEquals(model.lower(element), set.lower(element));
        assertEquals(model.floor(element), set.floor(element));
        assertEquals(model.ceiling(element), set.ceiling(element));
        assertEquals(model.higher(element), set.higher(element));
      }
      case 8 -> {
        assertEquals(model.pollFirst(), set.pollFirst());
        assertEquals(model.pollLast(), set.pollLast());
      }
      case 9 -> {
        List<Integer> others = List.of(element, element + 1, element + 50);
        assertEquals(model.removeAll(others), set.removeAll(others));
        assertEquals(model.addAll(others), set.addAll(others));
      }
      case 10 -> {
        int end = element + random.nextInt(100);
        assertEquals(
            new ArrayList<>(model.subSet(element, true, end, false).descendingSet()),
            new ArrayList<>(set.subSet(element, true, end, false).descendingSet()));
        assertTrue(set.subSet(element, true, end, true).add(end) == model.add(end));
      }
      default -> {
        if (random.nextInt(20) == 0) {
          set.clear();
          model.clear();
        } else {
          for (int i = 0; i < 40; i++) {
            assertEquals(model.add(element + 3 * i), set.add(element + 3 * i));
          }
        }
      }
    }
  }

  @Test
  void behavesAsATreeSet() {
    Random random = new Random(TestHeaps.seed("behavesAsATreeSet"));
    NavigableSet<Integer> model = new TreeSet<>();
    for (int i = 0; i < 1500; i++) {
      if (random.nextInt(6) > 0) {
        heap.transact(() -> step(set, model, random));
      } else {
        NavigableSet<Integer> undone = new TreeSet<>(model);
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transact(
                    () -> {
                      step(set, undone, random);
                      throw new World.Undo();
                    }));
      }
      assertEquals(model.size(), set.elementCount());
      if (i % 50 == 0) {
        assertEquals(model, set);
        assertEquals(new ArrayList<>(model), new ArrayList<>(set));
        assertEquals(model.hashCode(), set.hashCode());
        set.verify();
        heap.verify();
      }
      if (i % 300 == 0) {
        assertEquals(model, TestHeaps.reopened(medium).treeSet("set", Types.INT));
      }
    }
  }

  @Test
  void theSameNameIsTheSameSetAndNoMap() {
    assertSame(set, heap.treeSet("set", Types.INT));
    assertThrows(IllegalArgumentException.class, () -> heap.set("set", Types.INT));
    assertThrows(IllegalArgumentException.class, () -> heap.treeSet("set", Types.LONG));
    assertThrows(
        IllegalArgumentException.class,
        () -> heap.treeSet("set", Types.INT, KeyOrder.of("by size", Integer::compare)));
    assertThrows(NullPointerException.class, () -> set.add(TestHeaps.nothing()));
  }

  @Test
  void ordersByWhatTheProgramSays() {
    KeyOrder<String> byLength =
        KeyOrder.of("by length", (a, b) -> Integer.compare(a.length(), b.length()));
    PersistentTreeSet<String> words = heap.treeSet("words", Types.STRING, byLength);
    assertTrue(words.add("four"));
    assertTrue(words.add("a"));
    assertFalse(words.add("five"));
    assertEquals(List.of("a", "four"), new ArrayList<>(words));
    heap.verify();
    assertEquals(
        "four", TestHeaps.reopened(medium).treeSet("words", Types.STRING, byLength).last());
  }
}
