package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionAbortedException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.Month;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PersistentTreeMapTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 12 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentTreeMap<String, String> map =
      heap.treeMap("map", Types.STRING, Types.STRING);

  record Version(int major, int minor) implements Comparable<Version> {
    @Override
    public int compareTo(Version other) {
      return major != other.major
          ? Integer.compare(major, other.major)
          : Integer.compare(minor, other.minor);
    }
  }

  private static String key(Random random) {
    // Four chars in common, or none: prefixes tell some keys apart, and others not.
    String start = List.of("", "a", "user-", "user", "z\uFFFF").get(random.nextInt(5));
    return start + random.nextInt(200);
  }

  /** Does the same to both, which must answer the same. */
  private static void step(
      NavigableMap<String, String> map, NavigableMap<String, String> model, Random random) {
    String key = key(random);
    String other = key(random);
    String value = "v".repeat(random.nextInt(30));
    switch (random.nextInt(18)) {
      case 0, 1, 2, 3, 4 -> assertEquals(model.put(key, value), map.put(key, value));
      case 5, 6, 7 -> assertEquals(model.remove(key), map.remove(key));
      case 8 -> assertEquals(model.get(key), map.get(key));
      case 9 -> assertEquals(model.putIfAbsent(key, value), map.putIfAbsent(key, value));
      case 10 ->
          assertEquals(model.merge(key, value, (a, b) -> b), map.merge(key, value, (a, b) -> b));
      case 11 -> {
        assertEquals(model.floorEntry(key), map.floorEntry(key));
        assertEquals(model.ceilingKey(key), map.ceilingKey(key));
        assertEquals(model.lowerKey(key), map.lowerKey(key));
        assertEquals(model.higherEntry(key), map.higherEntry(key));
      }
      case 12 -> {
        assertEquals(model.firstEntry(), map.firstEntry());
        assertEquals(model.lastEntry(), map.lastEntry());
      }
      case 13 -> {
        assertEquals(model.pollFirstEntry(), map.pollFirstEntry());
        assertEquals(model.pollLastEntry(), map.pollLastEntry());
      }
      case 14 -> {
        var part = map.headMap(key, true).tailMap(key.compareTo(other) < 0 ? key : other, false);
        var same = model.headMap(key, true).tailMap(key.compareTo(other) < 0 ? key : other, false);
        assertEquals(new ArrayList<>(same.entrySet()), new ArrayList<>(part.entrySet()));
        assertEquals(
            new ArrayList<>(same.descendingMap().entrySet()),
            new ArrayList<>(part.descendingMap().entrySet()));
      }
      case 15 -> {
        model.subMap(key.substring(0, 1), key).clear();
        map.subMap(key.substring(0, 1), key).clear();
      }
      case 16 -> {
        for (NavigableMap<String, String> each : List.of(model, map)) {
          for (Iterator<String> i = each.descendingMap().keySet().iterator(); i.hasNext(); ) {
            if (i.next().endsWith(other.substring(other.length() - 1))) {
              i.remove();
            }
          }
        }
      }
      default -> {
        if (random.nextInt(20) == 0) {
          model.clear();
          map.clear();
        } else {
          Map<String, String> many = new TreeMap<>();
          for (int i = 0; i < 60; i++) {
            many.put(key + i, value);
          }
          model.putAll(many);
          map.putAll(many);
        }
      }
    }
  }

  @Test
  void behavesAsATreeMap() {
    Random random = new Random(TestHeaps.seed("behavesAsATreeMap"));
    NavigableMap<String, String> model = new TreeMap<>();
    for (int i = 0; i < 1500; i++) {
      switch (random.nextInt(6)) {
        case 0 ->
            heap.transact(
                () -> {
                  for (int j = random.nextInt(6); j > 0; j--) {
                    step(map, model, random);
                  }
                });
        case 1 -> {
          NavigableMap<String, String> undone = new TreeMap<>(model);
          assertThrows(
              TransactionAbortedException.class,
              () ->
                  heap.transact(
                      () -> {
                        step(map, undone, random);
                        step(map, undone, random);
                        assertEquals(undone, new TreeMap<>(map));
                        throw new World.Undo();
                      }));
        }
        default -> step(map, model, random);
      }
      assertEquals(model.size(), map.size());
      if (i % 50 == 0) {
        assertEquals(model, map);
        assertEquals(map, model);
        assertEquals(model.hashCode(), map.hashCode());
        assertEquals(new ArrayList<>(model.keySet()), new ArrayList<>(map.keySet()));
        assertEquals(model.isEmpty(), map.isEmpty());
        heap.verify();
        map.verify();
      }
      if (i % 300 == 0) {
        PersistentHeap again = TestHeaps.reopened(medium);
        assertEquals(model, again.treeMap("map", Types.STRING, Types.STRING));
        again.verify();
      }
    }
  }

  /** Three levels, by rising, falling and random keys; then empty again, in such orders. */
  @Test
  void growsAndShrinksInAnyOrder() {
    int count = 20_000;
    List<Long> rising = LongStream.range(0, count).boxed().toList();
    List<Long> random = new ArrayList<>(rising);
    Collections.shuffle(random, new Random(TestHeaps.seed("growsAndShrinksInAnyOrder")));
    List<List<Long>> orders = List.of(rising, rising.reversed(), random);
    PersistentHeap large = TestHeaps.inMemory(16 * TestHeaps.MIB);
    PersistentTreeMap<Long, Long> numbers = large.treeMap("numbers", Types.LONG, Types.LONG);
    PersistentTreeMap<String, Long> texts = large.treeMap("texts", Types.STRING, Types.LONG);
    texts.put("", 0L);
    long before = 0;
    for (List<Long> in : orders) {
      for (List<Long> out : orders) {
        in.forEach(key -> numbers.put(key, -key));
        in.forEach(key -> texts.put("the same beginning of all keys " + key, key));
        assertEquals(count, numbers.size());
        assertEquals(rising, new ArrayList<>(numbers.keySet()));
        assertEquals(rising.reversed(), new ArrayList<>(numbers.descendingKeySet()));
        large.verify();
        for (long key = 0; key < count; key += 7) {
          assertEquals(-key, numbers.get(key));
          assertEquals(key, texts.get("the same beginning of all keys " + key));
        }
        assertNull(numbers.get((long) count));
        int half = count / 2;
        out.subList(0, half).forEach(numbers::delete);
        out.subList(0, half).forEach(key -> texts.delete("the same beginning of all keys " + key));
        large.verify();
        assertEquals(new TreeSet<>(out.subList(half, count)), numbers.keySet());
        out.subList(half, count).forEach(numbers::remove);
        out.subList(half, count).forEach(k -> texts.remove("the same beginning of all keys " + k));
        large.verify();
        assertEquals(Map.of(), numbers);
        assertEquals(Map.of("", 0L), texts);
        long used = large.stats().usedBytes();
        assertTrue(before == 0 || used <= before, () -> used + " bytes of nothing");
        before = before == 0 ? used : before;
      }
    }
    large.close();
  }

  /** Rising keys leave full leaves behind. */
  @Test
  void risingKeysFillTheirLeaves() {
    PersistentHeap large = TestHeaps.inMemory(16 * TestHeaps.MIB);
    long before = large.stats().usedBytes();
    PersistentTreeMap<Long, Long> numbers = large.treeMap("numbers", Types.LONG, Types.LONG);
    int count = 52 * 500;
    for (long i = 0; i < count; i++) {
      numbers.put(i, i);
    }
    long entries = 32L * count;
    long nodes = large.stats().usedBytes() - before - entries;
    assertTrue(nodes < 20L * count, () -> nodes + " bytes of nodes");
    large.close();
  }

  @Test
  void ordersEachType() {
    assertOrdered(Types.LONG, -1L, Long.MIN_VALUE, 7L, Long.MAX_VALUE, 0L);
    assertOrdered(Types.INT, -1, Integer.MIN_VALUE, 7, Integer.MAX_VALUE, 0);
    assertOrdered(Types.SHORT, (short) -1, Short.MIN_VALUE, Short.MAX_VALUE, (short) 0);
    assertOrdered(Types.BYTE, (byte) -1, Byte.MIN_VALUE, Byte.MAX_VALUE, (byte) 0);
    assertOrdered(Types.CHAR, 'a', '\0', '\uFFFF');
    assertOrdered(Types.BOOLEAN, true, false);
    assertOrdered(
        Types.DOUBLE,
        -0.0,
        0.0,
        -1.5,
        Double.NaN,
        Double.NEGATIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MAX_VALUE);
    assertOrdered(
        Types.FLOAT, -0.0f, 0.0f, -1.5f, Float.NaN, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 3f);
    assertOrdered(
        Types.STRING, "", "\0", "\0\0", "a", "ab", "abcd", "abcde", "abcd\0", "\uFFFF", "\uD800");
    assertOrdered(Types.UUID, new UUID(1, 2), new UUID(-1, 2), new UUID(1, -2), new UUID(0, 0));
    assertOrdered(
        Types.INSTANT,
        Instant.EPOCH,
        Instant.MIN,
        Instant.MAX,
        Instant.EPOCH.plusNanos(1),
        Instant.EPOCH.minusNanos(1));
    assertOrdered(Types.enumOf(Month.class), Month.MAY, Month.JANUARY, Month.DECEMBER);
    assertOrdered(
        Types.BIG_DECIMAL, new BigDecimal("1.5"), new BigDecimal("-1e100"), BigDecimal.ZERO);
    assertOrdered(
        Types.record(Version.class), new Version(2, 0), new Version(1, 10), new Version(1, 9));
  }

  @SafeVarargs
  private <K extends Comparable<? super K>> void assertOrdered(Type<K> type, K... keys) {
    String name = "of " + type.signature();
    PersistentTreeMap<K, Integer> sorted = heap.treeMap(name, type, Types.INT);
    TreeMap<K, Integer> model = new TreeMap<>();
    for (int i = 0; i < keys.length; i++) {
      model.put(keys[i], i);
      assertNull(sorted.put(keys[i], i));
      heap.verify();
    }
    for (PersistentHeap each : List.of(heap, TestHeaps.reopened(medium))) {
      PersistentTreeMap<K, Integer> found = each.treeMap(name, type, Types.INT);
      assertEquals(new ArrayList<>(model.entrySet()), new ArrayList<>(found.entrySet()));
      for (K key : keys) {
        assertEquals(model.get(key), found.get(key));
        assertEquals(model.lowerKey(key), found.lowerKey(key));
        assertEquals(model.higherKey(key), found.higherKey(key));
        assertEquals(model.headMap(key), found.headMap(key));
      }
    }
    for (K key : keys) {
      assertNotNull(sorted.remove(key));
    }
    assertTrue(sorted.isEmpty());
  }

  @Test
  void ordersBytesWithoutSign() {
    PersistentTreeMap<byte[], String> bytes = heap.treeMap("bytes", Types.BYTES, Types.STRING);
    byte[][] keys = {
      {-1}, {}, {0}, {1, 2}, {1}, {0, 0, 0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 0, 0, -1}, {0, 0}
    };
    for (byte[] key : keys) {
      assertNull(bytes.put(key, Arrays.toString(key)));
      assertEquals(Arrays.toString(key), bytes.put(key.clone(), Arrays.toString(key)));
    }
    Arrays.sort(keys, Arrays::compareUnsigned);
    byte[][] found = bytes.keySet().toArray(new byte[0][]);
    assertArrayEquals(keys, found);
    assertNotNull(bytes.comparator());
    heap.verify();
  }

  @Test
  void ordersBySomethingElse() {
    KeyOrder<String> ignoringCase = KeyOrder.of("ignoring case", String.CASE_INSENSITIVE_ORDER);
    PersistentTreeMap<String, Integer> headers =
        heap.treeMap("headers", Types.STRING, ignoringCase, Types.INT);
    for (int i = 0; i < 200; i++) {
      assertNull(headers.put("Header " + i, i));
    }
    assertEquals(7, headers.put("HEADER 7", 70));
    assertEquals(200, headers.size());
    assertEquals("Header 7", headers.floorKey("hEADER 7"), "the key stays as it was first");
    assertEquals(70, headers.remove("hEaDeR 7"));
    assertSame(ignoringCase.comparator(), headers.comparator());
    headers.verify();
    heap.verify(); // does not know the order
    PersistentHeap again = TestHeaps.reopened(medium);
    again.verify();
    assertEquals(
        8, again.treeMap("headers", Types.STRING, ignoringCase, Types.INT).get("hEADER 8"));
    KeyOrder<String> byLength = KeyOrder.of("by length", Comparator.comparingInt(String::length));
    assertRefused(
        "is a tree map of string to int, ordered by \"ignoring case\", and cannot be opened as a"
            + " tree map of string to int, ordered by \"by length\"",
        () -> again.treeMap("headers", Types.STRING, byLength, Types.INT));
    assertRefused(
        "and cannot be opened as a tree map of string to int",
        () -> heap.treeMap("headers", Types.STRING, Types.INT));
  }

  /** Decimals that differ in scale alone are one key, as in a {@link TreeMap}. */
  @Test
  void keysThatCompareAsEqualAreOne() {
    PersistentTreeMap<BigDecimal, Integer> prices =
        heap.treeMap("prices", Types.BIG_DECIMAL, Types.INT);
    for (int i = 0; i < 100; i++) {
      prices.put(new BigDecimal(i + ".50"), i);
    }
    assertEquals(3, prices.get(new BigDecimal("3.5")));
    assertEquals(3, prices.put(new BigDecimal("3.500"), 4));
    assertEquals(new BigDecimal("3.50"), prices.ceilingKey(new BigDecimal("3.5")));
    assertEquals(100, prices.size());
    heap.verify();
  }

  @Test
  void refusesWhatHasNoOrder() {
    record Point(int x, int y) {}
    assertRefused(
        "have no natural order: dev.cairn.collections.PersistentTreeMapTest$1Point is not"
            + " Comparable",
        () -> heap.treeMap("points", Types.record(Point.class), Types.INT));
    KeyOrder<Point> byX = KeyOrder.of("by x", Comparator.comparingInt(Point::x));
    PersistentTreeMap<Point, Integer> points =
        heap.treeMap("points", Types.record(Point.class), byX, Types.INT);
    points.put(new Point(1, 2), 3);
    assertEquals(3, points.get(new Point(1, 9)));
    heap.verify();
    assertRefused("must have 1 to 100 chars", () -> KeyOrder.of("natural", byX.comparator()));
    assertRefused("must have 1 to 100 chars", () -> KeyOrder.of("", byX.comparator()));
    assertRefused("must have 1 to 100 chars", () -> KeyOrder.of("a\0", byX.comparator()));
    assertRefused("must have 1 to 100 chars", () -> KeyOrder.of("a".repeat(101), byX.comparator()));
  }

  @Test
  void theSameNameIsTheSameMapAndNoOther() {
    assertSame(map, heap.treeMap("map", Types.STRING, Types.STRING));
    assertRefused(
        "is a tree map of string to string, and cannot be opened as a map of string to string",
        () -> heap.map("map", Types.STRING, Types.STRING));
    assertRefused(
        "and cannot be opened as a tree set of string", () -> heap.treeSet("map", Types.STRING));
    assertThrows(NullPointerException.class, () -> map.put(TestHeaps.nothing(), ""));
    assertThrows(NullPointerException.class, () -> map.put("", TestHeaps.nothing()));
    assertThrows(NullPointerException.class, () -> map.floorKey(TestHeaps.nothing()));
    assertThrows(NullPointerException.class, () -> map.headMap(TestHeaps.nothing()));
    assertTrue(map.isEmpty());
  }

  private static void assertRefused(String words, Supplier<?> action) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, action::get);
    assertTrue(TestHeaps.message(refused).contains(words), refused::toString);
  }

  @Test
  void rangesAreOfTheMap() {
    for (int i = 0; i < 300; i++) {
      map.put("%03d".formatted(i), "");
    }
    NavigableMap<String, String> part = map.subMap("100", true, "200", false);
    assertEquals(100, part.size());
    assertEquals("100", part.firstKey());
    assertEquals("199", part.lastKey());
    map.remove("150");
    part.put("1505", "");
    assertEquals("1505", map.higherKey("149"));
    assertThrows(IllegalArgumentException.class, () -> part.put("200", ""));
    assertThrows(IllegalArgumentException.class, () -> part.subMap("050", "150"));
    assertThrows(IllegalArgumentException.class, () -> map.subMap("b", "a"));
    NavigableSet<String> keys = part.descendingKeySet();
    assertEquals("199", keys.first());
    assertEquals("198", keys.higher("199"));
    assertEquals("198", keys.pollFirst() == null ? null : keys.first());
    part.clear();
    assertEquals(200, map.size());
    assertTrue(part.isEmpty());
    assertNull(part.firstEntry());
    heap.verify();
  }

  /** Keys that stay are shown once and in order, whoever adds and removes others meanwhile. */
  @Test
  void iteratorsAreWeaklyConsistent() throws Exception {
    PersistentTreeMap<Long, Long> numbers = heap.treeMap("numbers", Types.LONG, Types.LONG);
    Set<Long> stay = new HashSet<>();
    for (long i = 0; i < 500; i++) {
      numbers.put(i * 10, i);
      stay.add(i * 10);
    }
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (long i = 0; i < 6000; i++) {
              numbers.put(i * 3 % 5000 / 10 * 10 + 1 + i % 9, i);
              if (i % 4 != 0) {
                numbers.delete(i * 7 % 5000 / 10 * 10 + 1 + i % 9);
              }
            }
            done.set(true);
          } else {
            do {
              List<Long> seen = new ArrayList<>(numbers.keySet());
              assertEquals(new ArrayList<>(new TreeSet<>(seen)), seen, "in order, and once");
              assertTrue(new HashSet<>(seen).containsAll(stay), "not shown");
              List<Long> down = new ArrayList<>(numbers.descendingKeySet());
              assertEquals(new ArrayList<>(new TreeSet<>(down).descendingSet()), down);
              assertTrue(new HashSet<>(down).containsAll(stay), "not shown");
              for (long key = 0; key < 5000; key += 310) {
                assertEquals(key / 10, numbers.get(key));
              }
            } while (!done.get());
          }
        });
    heap.verify();
  }

  @Test
  void eachKeyIsAddedAndRemovedByOneThreadAlone() throws Exception {
    PersistentTreeMap<Long, Integer> numbers = heap.treeMap("numbers", Types.LONG, Types.INT);
    AtomicInteger added = new AtomicInteger();
    AtomicInteger removed = new AtomicInteger();
    TestHeaps.inThreads(
        4,
        thread -> {
          for (long i = 0; i < 500; i++) {
            added.addAndGet(numbers.putIfAbsent(i, thread) == null ? 1 : 0);
          }
        });
    assertEquals(500, added.get());
    Set<Long> polled = Collections.synchronizedSet(new HashSet<>());
    TestHeaps.inThreads(
        4,
        thread -> {
          for (var e = numbers.pollFirstEntry(); e != null; e = numbers.pollFirstEntry()) {
            removed.incrementAndGet();
            assertTrue(polled.add(e.getKey()));
          }
        });
    assertEquals(500, removed.get());
    assertTrue(numbers.isEmpty());
  }

  @Test
  void transactionsSeeWhatTheyChanged() {
    heap.transact(
        () -> {
          for (int i = 0; i < 200; i++) {
            map.put("k" + i, "");
          }
          assertEquals(200, map.size());
          assertEquals("k0", map.firstKey());
          assertEquals(
              IntStream.range(0, 200).mapToObj(i -> "k" + i).sorted().toList(),
              new ArrayList<>(map.keySet()));
          map.clear();
          assertTrue(map.isEmpty());
          map.put("x", "y");
        });
    assertEquals(Map.of("x", "y"), map);
    assertFalse(map.containsKey("k0"));
    heap.verify();
  }

  /** A record's constructor that changes the map that it is read from. */
  record Meddler(String key) {
    static Runnable meddle = () -> {};

    Meddler {
      meddle.run();
    }
  }

  @Test
  void valuesThatChangeTheMapWhileTheyAreRead() {
    PersistentTreeMap<Long, Meddler> meddled =
        heap.treeMap("meddled", Types.LONG, Types.record(Meddler.class));
    for (long i = 0; i < 60; i++) {
      meddled.put(i, new Meddler("v" + i));
    }
    try {
      Meddler.meddle =
          () -> {
            Meddler.meddle = () -> {};
            meddled.delete(0L);
            for (long i = 100; i < 200; i++) {
              meddled.put(i, new Meddler("new"));
            }
          };
      assertNotNull(meddled.pollFirstEntry());
      assertFalse(meddled.containsKey(0L));
      Meddler before = new Meddler("v7");
      Meddler after = new Meddler("again");
      Meddler.meddle =
          () -> {
            Meddler.meddle = () -> {};
            meddled.delete(7L);
          };
      assertEquals(before, meddled.put(7L, after));
      assertEquals(after, meddled.get(7L));
    } finally {
      Meddler.meddle = () -> {};
    }
    heap.verify();
  }
}
