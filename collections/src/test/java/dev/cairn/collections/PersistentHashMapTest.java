package dev.cairn.collections;

import static dev.cairn.collections.TestHeaps.MIB;
import static dev.cairn.collections.TestHeaps.nothing;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.tx.TransactionAbortedException;
import dev.cairn.tx.TransactionTooLargeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PersistentHashMapTest {
  private final PersistentHeap heap = TestHeaps.inMemory(8 * MIB);
  private final PersistentHashMap<Long, Long> longs = heap.map("longs", Types.LONG, Types.LONG);
  private final PersistentHashMap<String, byte[]> arrays =
      heap.map("arrays", Types.STRING, Types.BYTES);

  @AfterEach
  void verifyAndClose() {
    heap.verify();
    heap.close();
  }

  @Test
  void deleteRemovesWhatIsThereAndNothingElse() {
    PersistentHashMap<Long, byte[]> values = heap.map("deleted", Types.LONG, Types.BYTES);
    values.put(1L, new byte[] {1});
    values.put(2L, new byte[] {2});
    values.delete(1L);
    values.delete(3L);
    assertNull(values.get(1L));
    assertArrayEquals(new byte[] {2}, values.get(2L));
    assertEquals(1, values.size());
    heap.verify();
  }

  @Test
  void setAddsAndReplaces() {
    PersistentHashMap<Long, byte[]> values = heap.map("set", Types.LONG, Types.BYTES);
    values.set(1L, new byte[] {1});
    values.set(1L, new byte[] {2, 3});
    values.set(2L, new byte[0]);
    assertArrayEquals(new byte[] {2, 3}, values.get(1L));
    assertArrayEquals(new byte[0], values.get(2L));
    assertEquals(2, values.size());
    heap.verify();
  }

  /**
   * compute used to store nothing when the function returned the object that it had been given: a
   * saving for the values that cannot change. A byte array can: a counter kept in one stood still.
   */
  @Test
  void computeStoresAnArrayThatWasChangedInPlace() {
    arrays.put("counter", new byte[] {1});
    arrays.compute(
        "counter",
        (key, value) -> {
          value[0]++;
          return value;
        });
    assertArrayEquals(new byte[] {2}, arrays.get("counter"));
    arrays.computeIfPresent(
        "counter",
        (key, value) -> {
          value[0]++;
          return value;
        });
    assertArrayEquals(new byte[] {3}, arrays.get("counter"));
    arrays.merge(
        "counter",
        new byte[] {4},
        (old, added) -> {
          old[0] += added[0];
          return old;
        });
    assertArrayEquals(new byte[] {7}, arrays.get("counter"));
  }

  /** The same saving: what the function itself had put for the key stayed, not what it returned. */
  @Test
  void computeStoresItsResultOverWhatTheFunctionPut() {
    longs.put(1L, 1000L);
    Long result =
        longs.compute(
            1L,
            (key, value) -> {
              longs.put(1L, 2000L);
              return value;
            });
    assertEquals(1000L, result);
    assertEquals(1000L, longs.get(1L));
  }

  /**
   * clear used to log and clear one stripe after the other. When the log found no room in the
   * middle, inside a transaction that goes on, the first stripes were empty and the others not.
   */
  @Test
  void clearThatDoesNotFitTheLogChangesNothing() {
    Map<Long, Long> model = new HashMap<>();
    for (long i = 0; i < 3000; i++) {
      longs.put(i, i);
      model.put(i, i);
    }
    // Take what is left, so that the log cannot leave its lane: 8 KiB, for more than 3,000 blocks.
    PersistentHashMap<Long, byte[]> filler = heap.map("filler", Types.LONG, Types.BYTES);
    for (int size = 1 << 20; size >= 64; size /= 2) {
      long key = size * MIB;
      while (hasPut(filler, key, new byte[size])) {
        key++;
      }
    }
    heap.transact(
        () -> {
          assertThrows(TransactionTooLargeException.class, longs::clear);
          assertEquals(model, longs);
        });
    assertEquals(model, longs);
    heap.verify();
    // One transaction for each, so that the log stays in its lane.
    filler.keySet().forEach(filler::remove);
    longs.clear();
    assertTrue(longs.isEmpty());
  }

  private static boolean hasPut(PersistentHashMap<Long, byte[]> map, long key, byte[] value) {
    try {
      map.put(key, value);
      return true;
    } catch (OutOfPersistentMemoryException full) {
      return false;
    }
  }

  /**
   * An iterator reads bucket by bucket, and remembers the hash to go on with. A map that is cleared
   * and filled again has larger buckets: the one with that hash begins before it, and its entries
   * were shown once more.
   */
  @Test
  void iteratorShowsNoKeyTwiceWhenTheMapIsClearedAndFilledAgain() {
    for (long i = 0; i < 10_000; i++) {
      longs.put(i, i);
    }
    Iterator<Long> keys = longs.keySet().iterator();
    Set<Long> seen = new TreeSet<>();
    for (int i = 0; i < 5000; i++) {
      assertTrue(seen.add(keys.next()));
    }
    longs.clear();
    for (long key : seen) {
      longs.put(key, -key);
    }
    List<Long> twice = new ArrayList<>();
    while (keys.hasNext()) {
      long key = keys.next();
      if (!seen.add(key)) {
        twice.add(key);
      }
    }
    // Those read before the clear and shown after it are from one bucket at most.
    assertEquals(List.of(), twice);
  }

  /**
   * An insert stored the hint of its slot without a log, since the hint of a free slot means
   * nothing. But the slot may be free only for this transaction, which had removed another key: the
   * rollback put that key back, under the hint of the new one, and it was never found again.
   */
  @Test
  void keysRemovedByAnAbortedTransactionAreFoundThoughOthersTookTheirSlots() {
    for (long i = 0; i < 2000; i++) {
      longs.put(i, i);
    }
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  for (long i = 0; i < 2000; i++) {
                    longs.remove(i);
                    longs.put(-1 - i, i);
                  }
                  throw new IllegalStateException("no");
                }));
    heap.verify();
    for (long i = 0; i < 2000; i++) {
      assertEquals(i, longs.get(i));
    }
    assertEquals(2000, longs.size());
  }

  /** containsValue compared with equals, which for arrays is identity: no array was ever found. */
  @Test
  void containsValueComparesArraysByContent() {
    arrays.put("a", new byte[] {1, 2});
    assertTrue(arrays.containsValue(new byte[] {1, 2}));
    assertTrue(arrays.values().contains(new byte[] {1, 2}));
    assertFalse(arrays.containsValue(new byte[] {1, 3}));
    assertTrue(arrays.remove("a", new byte[] {1, 2}));
  }

  /**
   * removeIf of the views removed an entry by its key, even if it had got another value since the
   * filter had looked at it.
   */
  @Test
  void removeIfKeepsAnEntryThatChangedSinceTheTest() {
    longs.put(1L, 10L);
    assertFalse(
        longs
            .entrySet()
            .removeIf(
                entry -> {
                  longs.put(1L, 20L);
                  return true;
                }));
    assertEquals(20L, longs.get(1L));
    assertFalse(
        longs
            .values()
            .removeIf(
                value -> {
                  longs.put(1L, 30L);
                  return true;
                }));
    assertEquals(30L, longs.get(1L));
    assertTrue(longs.values().removeIf(value -> value == 30L));
    assertTrue(longs.isEmpty());
  }

  @Test
  void refusesNullEverywhere() {
    Long none = nothing();
    assertThrows(NullPointerException.class, () -> longs.get(none));
    assertThrows(NullPointerException.class, () -> longs.getOrDefault(none, 1L));
    assertThrows(NullPointerException.class, () -> longs.containsKey(none));
    assertThrows(NullPointerException.class, () -> longs.containsValue(none));
    assertThrows(NullPointerException.class, () -> longs.put(none, 1L));
    assertThrows(NullPointerException.class, () -> longs.put(1L, none));
    assertThrows(NullPointerException.class, () -> longs.putIfAbsent(none, 1L));
    assertThrows(NullPointerException.class, () -> longs.putIfAbsent(1L, none));
    assertThrows(
        NullPointerException.class, () -> longs.putAll(Collections.singletonMap(1L, none)));
    assertThrows(NullPointerException.class, () -> longs.putAll(nothing()));
    assertThrows(NullPointerException.class, () -> longs.remove(none));
    assertThrows(NullPointerException.class, () -> longs.remove(none, 1L));
    assertThrows(NullPointerException.class, () -> longs.replace(none, 1L));
    assertThrows(NullPointerException.class, () -> longs.replace(1L, none));
    assertThrows(NullPointerException.class, () -> longs.replace(none, 1L, 1L));
    assertThrows(NullPointerException.class, () -> longs.replace(1L, none, 1L));
    assertThrows(NullPointerException.class, () -> longs.replace(1L, 1L, none));
    assertThrows(NullPointerException.class, () -> longs.compute(none, (k, v) -> v));
    assertThrows(NullPointerException.class, () -> longs.compute(1L, nothing()));
    assertThrows(NullPointerException.class, () -> longs.computeIfAbsent(none, k -> k));
    assertThrows(NullPointerException.class, () -> longs.computeIfAbsent(1L, nothing()));
    assertThrows(NullPointerException.class, () -> longs.computeIfPresent(none, (k, v) -> v));
    assertThrows(NullPointerException.class, () -> longs.computeIfPresent(1L, nothing()));
    assertThrows(NullPointerException.class, () -> longs.merge(none, 1L, Long::sum));
    assertThrows(NullPointerException.class, () -> longs.merge(1L, none, Long::sum));
    assertThrows(NullPointerException.class, () -> longs.merge(1L, 1L, nothing()));
    assertThrows(NullPointerException.class, () -> longs.replaceAll(nothing()));
    assertThrows(NullPointerException.class, () -> longs.entrySet().removeIf(nothing()));
    assertThrows(NullPointerException.class, () -> longs.values().removeIf(nothing()));
    longs.put(1L, 1L);
    assertThrows(
        NullPointerException.class, () -> longs.entrySet().iterator().next().setValue(none));
    assertFalse(longs.remove(1L, none));
    assertEquals(Map.of(1L, 1L), longs);
  }

  @Test
  @SuppressWarnings({"unchecked", "rawtypes", "CollectionIncompatibleType"}) // that is the point
  void foreignTypesAreAbsentWhenLookedUpAndRefusedWhenStored() {
    Map raw = longs;
    longs.put(1L, 1L);
    assertNull(raw.get("1"));
    assertFalse(raw.containsKey("1"));
    assertFalse(raw.containsValue("1"));
    assertNull(raw.remove("1"));
    assertFalse(raw.remove(1L, "1"));
    assertThrows(ClassCastException.class, () -> raw.put("1", 1L));
    assertThrows(ClassCastException.class, () -> raw.put(1L, "1"));
    assertThrows(ClassCastException.class, () -> raw.put(2L, "1"));
    assertThrows(ClassCastException.class, () -> raw.merge(1L, 1L, (a, b) -> "1"));
    assertEquals(Map.of(1L, 1L), longs);
  }

  @Test
  void functionThatThrowsChangesNothing() {
    longs.put(1L, 1L);
    IllegalStateException thrown = new IllegalStateException("no");
    assertSame(
        thrown,
        assertThrows(
            IllegalStateException.class,
            () ->
                longs.compute(
                    1L,
                    (key, value) -> {
                      longs.put(2L, 2L);
                      throw thrown;
                    })));
    assertEquals(Map.of(1L, 1L), longs);
    assertSame(
        thrown,
        assertThrows(
            IllegalStateException.class,
            () ->
                longs.computeIfAbsent(
                    3L,
                    key -> {
                      throw thrown;
                    })));
    AssertionError error = new AssertionError("no");
    assertSame(
        error,
        assertThrows(
            AssertionError.class,
            () ->
                longs.merge(
                    1L,
                    1L,
                    (a, b) -> {
                      throw error;
                    })));
    assertEquals(Map.of(1L, 1L), longs);
  }

  @Test
  void iteratorRemovesOnceWhatNextReturned() {
    longs.put(1L, 1L);
    Iterator<Long> keys = longs.keySet().iterator();
    assertThrows(IllegalStateException.class, keys::remove);
    assertEquals(1L, keys.next());
    keys.remove();
    assertThrows(IllegalStateException.class, keys::remove);
    assertThrows(java.util.NoSuchElementException.class, keys::next);
    assertTrue(longs.isEmpty());
  }

  @Test
  void returnedArraysAreCopies() {
    byte[] mine = {1};
    arrays.put("a", mine);
    mine[0] = 2;
    byte[] theirs = arrays.get("a");
    assertArrayEquals(new byte[] {1}, theirs);
    theirs[0] = 3;
    assertArrayEquals(new byte[] {1}, arrays.get("a"));
  }

  /** Streams were promised the size at their start, and threw when an entry had gone since. */
  @Test
  void streamsOfViewsBearChanges() {
    PersistentHeap other = TestHeaps.inMemory(8 * TestHeaps.MIB);
    PersistentHashMap<Long, Long> numbers = other.map("numbers", Types.LONG, Types.LONG);
    for (java.util.Collection<?> view :
        List.of(numbers.keySet(), numbers.values(), numbers.entrySet())) {
      for (long i = 0; i < 300; i++) {
        numbers.put(i, i);
      }
      List<?> seen = view.stream().peek(any -> numbers.clear()).toList();
      assertTrue(!seen.isEmpty() && seen.size() < 300, () -> seen.size() + " elements");
    }
    other.close();
  }
}
