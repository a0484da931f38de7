package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionAbortedException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
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

  /**
   * Fences are exact; of lines it may be one less, where two bits or words happen to share one.
   * What an operation stores in place is flushed by the next one: so it is the second that counts.
   */
  private void assertCost(long fences, long lines, Runnable before, Runnable operation) {
    before.run();
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
    assertCost(1, 6, () -> map.put(1000L, 1L), () -> map.put(1001L, 1L));
  }

  /** The value's words, in a record of one line; those of the last one, and the mark, in place. */
  @Test
  void replace() {
    assertCost(1, 3, () -> map.put(500L, 1L), () -> map.put(510L, 1L));
    assertCost(1, 3, () -> map.set(504L, 1L), () -> map.set(514L, 1L));
    assertCost(1, 3, () -> map.replace(501L, 1L), () -> map.replace(511L, 1L));
    assertCost(1, 3, () -> map.merge(502L, 1L, Long::sum), () -> map.merge(512L, 1L, Long::sum));
    assertCost(
        1,
        3,
        () -> map.compute(503L, (key, value) -> -1L),
        () -> map.compute(513L, (key, value) -> -1L));
  }

  /** In a new block: content and record, two lines; slot, two bits and mark in place. */
  @Test
  void replaceByAnotherLength() {
    PersistentHashMap<Long, String> texts = heap.map("texts", Types.LONG, Types.STRING);
    texts.put(1L, "one");
    texts.put(2L, "two");
    assertCost(1, 7, () -> texts.put(1L, "another"), () -> texts.put(2L, "another length"));
  }

  @Test
  void replaceByTheSameCostsNothing() {
    map.put(500L, 1L);
    assertFree(() -> map.put(500L, 1L));
    assertFree(() -> map.set(500L, 1L));
    assertFree(() -> list.set(500, list.get(500)));
    PersistentLongMap longs = heap.longMap("longs");
    longs.put(1, 5);
    assertFree(() -> longs.put(1, 5));
    assertFree(() -> longs.add(1, 0));
  }

  /** A record of one line; value and mark, of the last one, in one line in place. */
  @Test
  void longValue() {
    PersistentLong number = heap.longValue("number");
    number.set(5);
    assertExactly(1, 2, () -> number.set(7));
    assertExactly(1, 2, number::incrementAndGet);
    assertExactly(1, 2, () -> number.getAndAdd(-3));
    assertExactly(1, 2, () -> number.compareAndSet(5, 9));
    assertExactly(1, 2, () -> number.updateAndGet(value -> value * 2));
    assertExactly(1, 2, () -> number.accumulateAndGet(20, Math::max));
    assertExactly(1, 2, () -> heap.transact(number::decrementAndGet));
    assertFree(number::get);
    assertFree(() -> heap.transact(number::get));
    assertFree(() -> number.set(19));
    assertFree(() -> number.addAndGet(0));
    assertFree(() -> number.compareAndSet(18, 1));
    assertFree(number::verify);
  }

  /** Those of a map: content, record; slot, hints, count and mark, bit in place. */
  @Test
  void set() {
    PersistentHashSet<Long> set = heap.set("set", Types.LONG, Collisions.SEED);
    for (long element = 0; element < 1000; element++) {
      set.add(element);
    }
    assertCost(1, 6, () -> set.add(1000L), () -> set.add(1001L));
    assertCost(1, 5, () -> set.remove(500L), () -> set.remove(501L));
    assertFree(() -> set.add(7L));
    assertFree(() -> set.remove(-1L));
    assertFree(() -> assertTrue(set.contains(7L)));
    assertFree(() -> assertEquals(1000, set.size()));
    assertFree(() -> set.forEach(element -> {}));
    assertFree(set::verify);
    assertFree(() -> heap.transact(() -> set.contains(7L)));
    assertEquals(1, costOfRemovals(20, set).fences());
    costOfRemovals(300, set); // makes a run for the extents of its log
    assertEquals(3, costOfRemovals(300, set).fences());
    PersistentHashSet<Long> small = heap.set("small set", Types.LONG);
    small.addAll(List.of(1L, 2L, 3L));
    assertEquals(1, cost(small::clear).fences());
  }

  /** In one transaction; then adds again what was removed. */
  private Counts costOfRemovals(int count, PersistentHashSet<Long> set) {
    List<Long> elements = LongStream.range(0, count).boxed().toList();
    Counts cost = cost(() -> heap.transact(() -> set.removeAll(elements)));
    set.addAll(elements);
    return cost;
  }

  /**
   * Content, and a record of three lines; a slot, the slot numbers of its leaf, the count and mark,
   * a bit, each a line in place.
   */
  @Test
  void tree() {
    PersistentTreeMap<Long, Long> tree = heap.treeMap("tree", Types.LONG, Types.LONG);
    for (long key = 0; key < 1000; key++) {
      tree.put(3 * key, key);
    }
    tree.delete(300L);
    tree.delete(303L); // room in that leaf
    assertCost(1, 3, () -> tree.put(600L, 1L), () -> tree.put(603L, 2L));
    assertCost(1, 8, () -> tree.put(301L, 1L), () -> tree.put(304L, 1L));
    assertCost(1, 6, () -> tree.remove(606L), () -> tree.remove(609L));
    assertCost(1, 6, tree::pollFirstEntry, tree::pollFirstEntry);
    assertFree(() -> tree.get(900L));
    assertFree(() -> tree.putIfAbsent(900L, 1L));
    assertFree(() -> tree.remove(-1L));
    assertFree(() -> tree.subMap(0L, 1000L).forEach((key, value) -> {}));
    assertFree(() -> tree.descendingMap().firstEntry());
    assertFree(() -> tree.floorKey(17L));
    assertFree(() -> assertEquals(996, tree.size()));
    assertFree(tree::verify);
    assertFree(() -> heap.transact(() -> tree.ceilingEntry(7L)));
    assertFencesOfPuts(1, 100, key -> tree.put(3 * key, -key - 1));
    assertFencesOfPuts(3, 100, key -> tree.put(3 * key + 1, key));
    PersistentTreeSet<String> small = heap.treeSet("small tree", Types.STRING);
    assertEquals(1, cost(() -> small.add("b")).fences(), "a first leaf");
    assertCost(1, 8, () -> small.add("a"), () -> small.add("c"));
    assertEquals(1, cost(small::clear).fences());
  }

  /** One, and one more where a leaf is split: about every 36th put, and every 52nd if keys rise. */
  @Test
  void putsOfATree() {
    PersistentTreeMap<Long, Long> rising = heap.treeMap("rising", Types.LONG, Types.LONG);
    PersistentTreeMap<Long, Long> mixed = heap.treeMap("mixed", Types.LONG, Types.LONG);
    int puts = 5200;
    long perRising = fencesOfPuts(puts, key -> rising.put(key, key));
    long perMixed = fencesOfPuts(puts, key -> mixed.put(key * 2_654_435_769L, key));
    assertTrue(perRising > puts + 90 && perRising < puts + puts / 52, () -> perRising + " fences");
    assertTrue(perMixed > puts + 90 && perMixed < puts + puts / 30, () -> perMixed + " fences");
  }

  /** The fences of puts, but for those that make runs of blocks. */
  private long fencesOfPuts(int puts, LongConsumer put) {
    long fences = 0;
    for (long key = 0; key < puts; key++) {
      Counts before = medium.counts();
      long size = heap.stats().usedBytes() + heap.stats().freeBytes();
      put.accept(key);
      Counts cost = medium.counts().minus(before);
      boolean madeRun = heap.stats().usedBytes() + heap.stats().freeBytes() != size;
      assertTrue(madeRun || cost.fences() <= 2, cost::toString);
      assertEquals(0, cost.idleLines(), cost::toString);
      fences += madeRun ? 1 : cost.fences();
    }
    return fences;
  }

  /** Content, and a record; a slot, the segment's first line, the deque's, a bit, in place. */
  @Test
  void deque() {
    PersistentDeque<String> texts = heap.deque("texts", Types.STRING);
    PersistentDeque<Long> longs = heap.deque("longs", Types.LONG);
    for (int i = 0; i < 50; i++) {
      texts.add("element " + i);
      longs.add((long) i);
      texts.addFirst("element " + -i);
      longs.addFirst((long) -i);
    }
    assertCost(1, 7, () -> texts.addLast("at the end"), () -> texts.addLast("at the very end"));
    assertCost(1, 7, () -> texts.addFirst("in front"), () -> texts.addFirst("at the front"));
    assertCost(1, 5, texts::pollFirst, texts::pollFirst);
    assertCost(1, 5, texts::pollLast, texts::pollLast);
    assertCost(1, 5, () -> texts.remove("element 7"), () -> texts.remove("element -7"));
    assertCost(1, 5, () -> longs.addLast(50L), () -> longs.addLast(51L));
    assertCost(1, 4, longs::pollFirst, longs::pollFirst);
    assertFree(() -> longs.remove(1000L));
    assertFree(() -> assertTrue(longs.contains(7L)));
    assertFree(() -> assertEquals(51L, longs.peekLast()));
    assertFree(() -> longs.forEach(element -> {}));
    assertFree(() -> assertEquals(100, longs.size()));
    assertFree(longs::verify);
    assertFree(() -> heap.transact(longs::peekFirst));
    longs.clear();
    assertFree(longs::clear);
    assertFree(longs::pollFirst);
    assertFree(() -> longs.addAll(List.of()));
  }

  /** What was done before it is put under the log first. */
  @Test
  void clearOfADequeInATransaction() {
    PersistentDeque<Long> longs = heap.deque("longs", Types.LONG);
    longs.addAll(List.of(1L, 2L, 3L));
    list.add(0, "makes a run for the extents of logs");
    longs.add(4L);
    Counts alone = cost(() -> heap.transact(longs::clear));
    assertEquals(1, alone.fences(), alone::toString);
    longs.add(5L);
    longs.add(6L);
    Counts behind =
        cost(
            () ->
                heap.transact(
                    () -> {
                      map.put(500L, 77L);
                      longs.clear();
                    }));
    assertEquals(4, behind.fences(), behind::toString);
  }

  /** Where a segment is made, or taken out of the chain, too: a record vouches for it. */
  @Test
  void segmentsOfADeque() {
    PersistentDeque<Long> longs = heap.deque("longs", Types.LONG);
    int elements = 20 * DequeLayout.CAPACITY;
    Set<Long> linesOfAdditions = new TreeSet<>();
    long fences = 0;
    for (long i = 0; i < elements; i++) {
      long element = i;
      Counts cost = cost(() -> longs.add(element));
      fences += cost.fences();
      linesOfAdditions.add(cost.flushedLines());
    }
    assertTrue(fences <= elements + 3, fences + " fences, of which few made a run");
    assertTrue(Collections.max(linesOfAdditions) <= 16, linesOfAdditions::toString);
    for (int i = 0; i < elements; i++) {
      Counts cost = cost(i % 2 == 0 ? longs::pollFirst : longs::pollLast);
      assertEquals(1, cost.fences(), cost::toString);
      assertTrue(cost.flushedLines() <= 6, cost::toString);
    }
    Counts added = cost(() -> longs.addAll(List.of(1L, 2L, 3L, 4L, 5L)));
    assertEquals(1, added.fences(), added::toString);
    longs.clear();
    assertEquals(2, cost(() -> longs.addAll(List.of(1L, 2L))).fences(), "a new segment, changed");
  }

  private void assertExactly(long fences, long lines, Runnable operation) {
    Counts cost = cost(operation);
    assertEquals(fences, cost.fences(), cost::toString);
    assertEquals(lines, cost.flushedLines(), cost::toString);
  }

  @Test
  void remove() {
    assertCost(1, 5, () -> map.remove(500L), () -> map.remove(501L));
    assertCost(1, 5, () -> map.delete(502L), () -> map.delete(503L));
  }

  @Test
  void whatChangesNothingCostsNothing() {
    assertFree(() -> map.putIfAbsent(500L, 1L));
    assertFree(() -> map.replace(-1L, 1L));
    assertFree(() -> map.replace(500L, 1L, 2L));
    assertFree(() -> map.remove(-1L));
    assertFree(() -> map.delete(-1L));
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
    assertCost(1, 7, () -> list.add("one more element"), () -> list.add("another"));
    assertCost(1, 8, () -> list.set(500, "other"), () -> list.set(600, "another"));
    assertCost(1, 5, () -> list.remove(1001), () -> list.remove(1000));
  }

  /** One, as long as the record has room; then three, whatever the number. */
  @Test
  void transactionOfManyPuts() {
    for (int puts : new int[] {1, 2, 5, 10, 30, 100, 150, 200, 300}) {
      assertFencesOfPuts(puts <= 150 ? 1 : 3, puts, key -> map.put(key, -key - puts));
    }
  }

  /** Of new blocks, a record has room for fewer. */
  @Test
  void transactionOfManyPutsOfOtherLengths() {
    PersistentHashMap<Long, String> texts = heap.map("texts", Types.LONG, Types.STRING);
    for (long key = 0; key < 450; key += 3) {
      texts.put(key, "20 characters of old");
    }
    int length = 20;
    for (int puts : new int[] {1, 2, 5, 10, 20, 30, 100, 150}) {
      length ^= 1;
      String text = "x".repeat(length);
      assertFencesOfPuts(puts <= 30 ? 1 : 3, puts, key -> texts.put(key, text));
    }
  }

  /** Values of many words are overwritten by short transactions only: they would fill a record. */
  @Test
  void transactionOfManyPutsOfTheSameLength() {
    PersistentHashMap<Long, byte[]> blobs = heap.map("blobs", Types.LONG, Types.BYTES);
    for (long key = 0; key < 450; key += 3) {
      blobs.put(key, new byte[100]);
    }
    byte[] blob = new byte[100];
    for (int puts : new int[] {1, 2, 5, 10, 20, 30, 100, 130}) { // more outgrow the lane's log
      Arrays.fill(blob, (byte) puts);
      assertFencesOfPuts(puts <= 30 ? 1 : 3, puts, key -> blobs.put(key, blob));
    }
  }

  private void assertFencesOfPuts(int fences, int puts, LongConsumer put) {
    Counts cost =
        cost(() -> heap.transact(() -> LongStream.range(0, puts).map(i -> i * 3).forEach(put)));
    assertEquals(fences, cost.fences(), puts + " puts");
  }

  @Test
  void transactionOfDifferentOperations() {
    Counts cost =
        cost(
            () ->
                heap.transact(
                    () -> {
                      map.put(5000L, 1L);
                      map.remove(7L);
                      map.merge(8L, 1L, Long::sum);
                      list.add("last");
                      list.set(3, "third");
                    }));
    assertEquals(1, cost.fences(), cost::toString);
  }

  /** Each in-place group costs its own, and what was deferred before it goes with it. */
  @Test
  void transactionWithRanges() {
    list.add(0, "makes a run for the extents of logs");
    assertEquals(3, cost(() -> list.add(0, "first")).fences());
    Counts cost =
        cost(
            () ->
                heap.transact(
                    () -> {
                      map.put(5001L, 1L);
                      list.remove(0);
                      list.add(0, "first");
                      map.put(5002L, 1L);
                    }));
    assertEquals(6, cost.fences(), cost::toString);
  }

  /** An abort has nothing to undo where nothing was stored. */
  @Test
  void abort() {
    Counts cost =
        cost(
            () ->
                assertThrows(
                    TransactionAbortedException.class,
                    () ->
                        heap.transact(
                            () -> {
                              map.remove(5L);
                              list.set(1, "other");
                              throw new IllegalStateException();
                            })));
    assertEquals(0, cost.fences() + cost.flushes(), cost::toString);
  }

  /** Content that is too long for a checksum gets a fence of its own. */
  @Test
  void largeValues() {
    PersistentHashMap<Long, byte[]> values = heap.map("values", Types.LONG, Types.BYTES);
    for (long key = 0; key < 100; key++) {
      values.put(key, new byte[3000]);
    }
    assertEquals(1, cost(() -> values.put(1L, new byte[3001])).fences());
    values.put(1L, new byte[6000]);
    assertEquals(2, cost(() -> values.put(1L, new byte[6001])).fences());
  }

  @Test
  void clear() {
    PersistentHashMap<Long, Long> smallMap = heap.map("small", Types.LONG, Types.LONG);
    for (long key = 0; key < 20; key++) {
      smallMap.put(key, key);
    }
    assertEquals(1, cost(smallMap::clear).fences());
    for (int i = 0; i < 2; i++) { // the first makes a run for the extents of its log
      for (long key = 0; key < 500; key++) {
        smallMap.put(key, key);
      }
      Counts cost = cost(smallMap::clear);
      assertTrue(i == 0 || cost.fences() == 3, cost::toString);
    }
    PersistentArrayList<String> smallList = heap.list("small list", Types.STRING);
    smallList.addAll(List.of("a", "b", "c"));
    assertEquals(1, cost(smallList::clear).fences());
    assertFree(smallList::clear);
  }

  /** Each of 64 stripes makes its first table when a key comes. */
  @Test
  void firstPutsOfAMap() {
    PersistentHashMap<Long, Long> young =
        heap.map("young", Types.LONG, Types.LONG, Collisions.SEED);
    young.put(-1L, 0L); // makes the run that small segments lie in
    young.clear();
    young.put(-2L, 0L); // settles what the clear has stored
    Set<Long> linesOfPuts = new TreeSet<>();
    for (long key = 0; key < 63; key++) {
      long put = key;
      Counts cost = cost(() -> young.put(put, put));
      assertEquals(1, cost.fences(), cost::toString);
      assertEquals(0, cost.idleLines(), cost::toString);
      linesOfPuts.add(cost.flushedLines());
    }
    assertEquals(11, Collections.max(linesOfPuts), linesOfPuts::toString); // 4 of them the table's
  }

  /** A record vouches for first tables, but not if more is put into one. */
  @Test
  void transactionOfFirstPuts() {
    PersistentHashMap<Long, Long> young =
        heap.map("young", Types.LONG, Types.LONG, Collisions.SEED);
    long[] stripe = Collisions.keysOfOneStripe(2);
    assertEquals(2, costOfPuts(young, stripe).fences());
    young.clear();
    young.put(-1L, 0L); // settles what the clear has stored
    assertEquals(1, costOfPuts(young, stripe[0], stripe[0] + 1).fences());
  }

  private Counts costOfPuts(PersistentHashMap<Long, Long> young, long... keys) {
    return cost(
        () ->
            heap.transact(
                () -> {
                  for (long key : keys) {
                    young.put(key, key);
                  }
                }));
  }

  /** One, and one more when a segment is split, whose sibling will be changed later. */
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
    assertEquals(Set.of(1L, 2L), putsByFences.keySet());
    assertTrue(putsByFences.getOrDefault(2L, 0) < 500, putsByFences::toString);
  }

  /** With splits, runs, frees and the retiring of records, over a life. */
  @Test
  void operationsCostOneFenceAmortized() {
    int operations = 30_000;
    Counts before = medium.counts();
    for (long i = 0; i < operations; i++) {
      switch ((int) (i % 6)) {
        case 0, 1, 2 -> map.put(10_000 + i, i);
        case 3 -> map.put(10_000 + i / 2, i);
        case 4 -> map.remove(10_000 + i / 3);
        default -> list.add("element " + i);
      }
    }
    Counts cost = medium.counts().minus(before);
    assertTrue(cost.fences() <= operations * 11L / 10, cost::toString);
    assertEquals(0, cost.idleFences(), cost::toString);
  }
}
