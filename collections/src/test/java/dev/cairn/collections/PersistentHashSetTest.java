package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.CrashStory.Step;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.TransactionAbortedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PersistentHashSetTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentHashSet<String> set = heap.set("set", Types.STRING);

  record Point(int x, String y) {}

  /** Does the same to both, which must answer the same. */
  private static void step(Set<String> set, Set<String> model, Random random) {
    String element = "x".repeat(random.nextInt(12)) + random.nextInt(40);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> assertEquals(model.add(element), set.add(element));
      case 4, 5 -> assertEquals(model.remove(element), set.remove(element));
      case 6, 7 -> assertEquals(model.contains(element), set.contains(element));
      case 8 -> {
        List<String> others = List.of(element, "x0", "xx1");
        assertEquals(model.removeAll(others), set.removeAll(others));
      }
      case 9 -> {
        int length = random.nextInt(20);
        assertEquals(
            model.removeIf(e -> e.length() == length), set.removeIf(e -> e.length() == length));
      }
      case 10 -> {
        for (Set<String> each : List.of(set, model)) {
          for (Iterator<String> i = each.iterator(); i.hasNext(); ) {
            if (i.next().endsWith(element)) {
              i.remove();
            }
          }
        }
      }
      default -> {
        if (random.nextInt(20) == 0) {
          set.clear();
          model.clear();
        } else {
          assertEquals(model.addAll(List.of(element, "y")), set.addAll(List.of(element, "y")));
        }
      }
    }
  }

  @Test
  void behavesAsAHashSet() {
    Random random = new Random(TestHeaps.seed("behavesAsAHashSet"));
    Set<String> model = new HashSet<>();
    for (int i = 0; i < 1500; i++) {
      switch (random.nextInt(6)) {
        case 0 ->
            heap.transact(
                () -> {
                  for (int j = random.nextInt(6); j > 0; j--) {
                    step(set, model, random);
                  }
                });
        case 1 -> {
          Set<String> undone = new HashSet<>(model);
          assertThrows(
              TransactionAbortedException.class,
              () ->
                  heap.transact(
                      () -> {
                        step(set, undone, random);
                        step(set, undone, random);
                        assertEquals(undone, new HashSet<>(set));
                        throw new World.Undo();
                      }));
        }
        default -> step(set, model, random);
      }
      assertEquals(model.size(), set.size());
      if (i % 50 == 0) {
        assertEquals(model, set);
        assertEquals(set, model);
        assertEquals(model.hashCode(), set.hashCode());
        assertEquals(model.size(), set.elementCount());
        assertEquals(model.isEmpty(), set.isEmpty());
        heap.verify();
        set.verify();
      }
      if (i % 300 == 0) {
        PersistentHeap again = TestHeaps.reopened(medium);
        assertEquals(model, again.set("set", Types.STRING));
        again.verify();
      }
    }
  }

  @Test
  void growsToManyElements() {
    PersistentHeap large = TestHeaps.inMemory(32 * TestHeaps.MIB);
    PersistentHashSet<Long> numbers = large.set("numbers", Types.LONG);
    int count = 50_000;
    for (long i = 0; i < count; i++) {
      assertTrue(numbers.add(i * i));
    }
    large.verify();
    assertEquals(count, numbers.size());
    assertEquals(count, numbers.stream().distinct().count());
    for (long i = 0; i < count; i++) {
      assertTrue(numbers.contains(i * i));
      assertFalse(numbers.contains(-i - 1));
    }
    numbers.clear();
    large.verify();
    assertEquals(Set.of(), numbers);
    large.close();
  }

  @Test
  void holdsEachType() {
    PersistentHashSet<byte[]> bytes = heap.set("bytes", Types.BYTES);
    assertTrue(bytes.add(new byte[] {1, 2}));
    assertFalse(bytes.add(new byte[] {1, 2}));
    assertTrue(bytes.contains(new byte[] {1, 2}));
    assertTrue(bytes.add(new byte[0]));
    assertTrue(bytes.remove(new byte[] {1, 2}));
    assertEquals(1, bytes.size());
    PersistentHashSet<Point> points = heap.set("points", Types.record(Point.class));
    points.add(new Point(1, "a"));
    PersistentHashSet<UUID> ids = heap.set("ids", Types.UUID);
    ids.add(new UUID(1, 2));
    heap.set("ints", Types.INT).add(3);
    heap.verify();
    PersistentHeap again = TestHeaps.reopened(medium);
    again.verify(); // knows nothing of the record
    assertEquals(Set.of(new Point(1, "a")), again.set("points", Types.record(Point.class)));
    assertEquals(Set.of(new UUID(1, 2)), again.set("ids", Types.UUID));
  }

  @Test
  void theSameNameIsTheSameSetAndNoMap() {
    assertSame(set, heap.set("set", Types.STRING));
    assertRefused("is a set of string, and cannot be opened as a set of long", Types.LONG, "set");
    heap.map("map", Types.STRING, Types.STRING);
    assertRefused("is a map of string to string, and cannot be", Types.STRING, "map");
    assertThrows(IllegalArgumentException.class, () -> heap.map("set", Types.STRING, Types.STRING));
    assertThrows(NullPointerException.class, () -> set.add(TestHeaps.nothing()));
    assertThrows(NullPointerException.class, () -> heap.set("a", TestHeaps.nothing()));
  }

  private void assertRefused(String words, Type<?> type, String name) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> heap.set(name, type));
    assertTrue(TestHeaps.message(refused).contains(words), refused::toString);
  }

  /** Elements that stay are shown once, whoever adds and removes others meanwhile. */
  @Test
  void iteratorsAreWeaklyConsistent() throws Exception {
    PersistentHashSet<Long> numbers = heap.set("numbers", Types.LONG);
    Set<Long> stay = new HashSet<>();
    for (long i = 0; i < 500; i++) {
      numbers.add(i);
      stay.add(i);
    }
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (long i = 500; i < 3000; i++) {
              numbers.add(i);
              numbers.remove(i - 300 < 500 ? -1 : i - 300);
            }
            done.set(true);
          } else {
            do {
              List<Long> seen = new ArrayList<>();
              numbers.forEach(seen::add);
              Set<Long> distinct = new HashSet<>(seen);
              assertEquals(seen.size(), distinct.size(), "shown twice");
              assertTrue(distinct.containsAll(stay), "not shown");
              assertTrue(new HashSet<>(numbers.stream().toList()).containsAll(stay));
            } while (!done.get());
          }
        });
    assertEquals(800, numbers.size());
    heap.verify();
  }

  @Test
  void eachElementIsAddedByOneThreadAlone() throws Exception {
    PersistentHashSet<Long> numbers = heap.set("numbers", Types.LONG);
    AtomicInteger added = new AtomicInteger();
    TestHeaps.inThreads(
        4,
        thread -> {
          for (long i = 0; i < 500; i++) {
            added.addAndGet(numbers.add(i) ? 1 : 0);
          }
        });
    assertEquals(500, added.get());
    assertEquals(500, numbers.size());
  }

  // Crashes.

  /** Explores the steps on a set that holds some elements. */
  private static void explore(String name, long[] before, List<Step<Set<Long>>> steps) {
    CrashStory<Set<Long>> story =
        new CrashStory<>(
            heap -> heap.set("set", Types.LONG, Collisions.SEED), HashSet::new, HashSet::new);
    story.explore(name, set -> Arrays.stream(before).forEach(set::add), steps);
  }

  @Test
  void everyCrashLeavesAnElementThereOrNot() {
    explore(
        "set",
        new long[] {1, 2},
        List.of(
            set -> set.add(3L),
            set -> set.remove(1L),
            set -> set.add(1L),
            set -> set.remove(2L),
            Set::clear,
            set -> set.add(4L)));
  }

  /** The table of a stripe is made, and then enlarged. */
  @Test
  void everyCrashLeavesATableThatGrows() {
    long[] elements = Collisions.keysOfOneStripe(29);
    List<Step<Set<Long>>> adds = new ArrayList<>();
    for (long element : Collisions.slice(elements, 26, 29)) {
      adds.add(set -> set.add(element));
    }
    explore("set that grows", Collisions.slice(elements, 0, 26), adds);
    long first = elements[0];
    explore("first element", new long[0], List.of(set -> set.add(first)));
  }

  /** A set and a long, both made in the middle. */
  @Test
  void everyCrashLeavesTransactionsWhole() {
    ExplorationReport report =
        CrashExplorer.onMedium(6 * TestHeaps.MIB)
            .withExhaustiveLimit(48)
            .withSamples(16)
            .withNestedLimits(1, 1)
            .explore(
                (simulated, recorder) -> {
                  PersistentHeap explored = TestHeaps.on(simulated);
                  recorder.start();
                  PersistentLong next = explored.longValue("next");
                  PersistentHashSet<Long> given = explored.set("given", Types.LONG);
                  recorder.acknowledge(0);
                  for (int i = 1; i <= 3; i++) {
                    explored.transact(
                        () -> {
                          given.add(next.incrementAndGet());
                          given.remove(next.get() - 2);
                        });
                    recorder.acknowledge(i);
                  }
                },
                (simulated, progress) -> {
                  PersistentHeap found = PersistentHeap.open(simulated, TestHeaps.OPTIONS);
                  simulated.onEvent(EventHook.NONE);
                  found.verify();
                  int count = progress.count();
                  assertTrue(count == 0 || found.names().equals(Set.of("next", "given")));
                  long next = found.longValue("next").get();
                  assertTrue(next >= count - 1 && next <= count, () -> next + " after " + count);
                  Set<Long> expected = new HashSet<>();
                  for (long i = Math.max(1, next - 1); i <= next; i++) {
                    expected.add(i);
                  }
                  assertEquals(expected, found.set("given", Types.LONG));
                });
    System.out.printf(
        "set and long in transactions: %d images, and %d of recovery%n",
        report.imagesDistinct(), report.nestedImages());
  }

  // Damage.

  private long named(String name) {
    for (long offset = TestHeaps.MIB; offset < medium.size(); offset += Long.BYTES) {
      if (heap.describe(offset).equals(name)) {
        return offset;
      }
    }
    throw new AssertionError("nothing is called " + name);
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  private void fill() {
    set.add("an element of the set");
    PersistentLong other = heap.longValue("other");
    for (int i = 0; i < 3; i++) {
      other.incrementAndGet(); // overwrites the records, which would repair what is damaged
    }
    heap.verify();
  }

  private void assertFound(String structure) {
    for (Runnable check : List.<Runnable>of(set::verify, heap::verify)) {
      HeapCorruptedException found = assertThrows(HeapCorruptedException.class, check::run);
      assertTrue(found.structure().startsWith(structure), found::toString);
    }
  }

  /** A value of an element would be read by nobody; its length is looked at all the same. */
  @Test
  void anElementWithAValueIsFound() {
    fill();
    long entry = named("entry of set \"set\", header");
    long lengths = medium.getLong(entry + EntryLayout.ENTRY_LENGTHS);
    int hash = EntryLayout.entryHash(medium.getLong(entry));
    long changed = EntryLayout.lengths(EntryLayout.keyLength(lengths), 4);
    patch(entry + EntryLayout.ENTRY_LENGTHS, changed);
    assertThrows(HeapCorruptedException.class, () -> set.contains("an element of the set"));
    assertThrows(HeapCorruptedException.class, () -> set.add("an element of the set"));
    assertFound("entry");
    patch(entry, EntryLayout.entryHeader(hash, changed));
    assertThrows(HeapCorruptedException.class, () -> set.remove("an element of the set"));
    assertThrows(HeapCorruptedException.class, () -> set.forEach(element -> {}));
    assertFound("present");
  }

  @Test
  void anElementThatIsAnotherIsFound() {
    fill();
    long key = named("entry of set \"set\", key");
    patch(key, medium.getLong(key) ^ 1);
    assertFound("entry");
  }

  @Test
  void aStripeThatIsLostIsRefused() {
    fill();
    int index =
        HashMapLayout.stripeOf(
            EntryLayout.entryHash(medium.getLong(named("entry of set \"set\", header"))));
    long stripe = HashMapLayout.stripe(set.offset(), index);
    for (long at = 0; at < HashMapLayout.STRIPE_SIZE; at += Long.BYTES) {
      patch(stripe + at, 0);
    }
    assertThrows(HeapCorruptedException.class, () -> set.contains("an element of the set"));
    assertThrows(HeapCorruptedException.class, () -> set.add("an element of the set"));
    assertThrows(HeapCorruptedException.class, () -> set.remove("an element of the set"));
    assertThrows(HeapCorruptedException.class, set::size);
    assertThrows(HeapCorruptedException.class, () -> set.forEach(element -> {}));
    assertFound("stripe");
  }

  @Test
  void aBlockThatIsNoMapsIsRefused() {
    fill();
    patch(set.offset(), BlockHeader.of(BlockHeader.LIST, 0));
    assertFound("map");
    PersistentHeap again = TestHeaps.reopened(medium);
    assertThrows(HeapCorruptedException.class, () -> again.set("set", Types.STRING));
  }
}
