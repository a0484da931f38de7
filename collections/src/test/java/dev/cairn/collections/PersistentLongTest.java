package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.TransactionAbortedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PersistentLongTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentLong number = heap.longValue("number");
  private final AtomicLong model = new AtomicLong();

  @Test
  void behavesAsAnAtomicLong() {
    Random random = new Random(TestHeaps.seed("behavesAsAnAtomicLong"));
    assertEquals(0, number.get());
    for (int i = 0; i < 3000; i++) {
      long x = random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(-3, 4);
      String step = "step " + i;
      switch (random.nextInt(15)) {
        case 0 -> {
          number.set(x);
          model.set(x);
        }
        case 1 -> assertEquals(model.getAndSet(x), number.getAndSet(x), step);
        case 2 -> {
          long expected = random.nextBoolean() ? model.get() : x;
          assertEquals(model.compareAndSet(expected, x), number.compareAndSet(expected, x), step);
        }
        case 3 -> assertEquals(model.getAndAdd(x), number.getAndAdd(x), step);
        case 4 -> assertEquals(model.addAndGet(x), number.addAndGet(x), step);
        case 5 -> assertEquals(model.getAndIncrement(), number.getAndIncrement(), step);
        case 6 -> assertEquals(model.incrementAndGet(), number.incrementAndGet(), step);
        case 7 -> assertEquals(model.getAndDecrement(), number.getAndDecrement(), step);
        case 8 -> assertEquals(model.decrementAndGet(), number.decrementAndGet(), step);
        case 9 -> assertEquals(model.getAndUpdate(v -> v * x), number.getAndUpdate(v -> v * x));
        case 10 -> assertEquals(model.updateAndGet(v -> v ^ x), number.updateAndGet(v -> v ^ x));
        case 11 ->
            assertEquals(
                model.getAndAccumulate(x, Math::max), number.getAndAccumulate(x, Math::max), step);
        case 12 ->
            assertEquals(
                model.accumulateAndGet(x, (a, b) -> a - b),
                number.accumulateAndGet(x, (a, b) -> a - b),
                step);
        case 13 -> assertEquals(model.toString(), number.toString(), step);
        default -> assertEquals(model.get(), number.get(), step);
      }
      if (i % 500 == 0) {
        PersistentHeap again = TestHeaps.reopened(medium);
        assertEquals(model.get(), again.longValue("number").get(), step);
        again.verify();
      }
    }
    heap.verify();
    number.verify();
  }

  @Test
  void theSameNameIsTheSameLong() {
    assertSame(number, heap.longValue("number"));
    heap.map("map", Types.LONG, Types.LONG);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> heap.list("number", Types.LONG));
    assertTrue(
        TestHeaps.message(refused).endsWith("is a long, and cannot be opened as a list of long"));
    refused = assertThrows(IllegalArgumentException.class, () -> heap.longValue("map"));
    assertTrue(
        TestHeaps.message(refused)
            .endsWith("is a map of long to long, and cannot be opened as a long"));
    number.set(5);
    assertEquals(5, TestHeaps.reopened(medium).longValue("number").get());
    assertEquals(Set.of("number", "map"), heap.names());
  }

  @Test
  void takesPartInTransactions() {
    PersistentHashMap<Long, String> orders = heap.map("orders", Types.LONG, Types.STRING);
    heap.transact(
        () -> {
          orders.put(number.incrementAndGet(), "a");
          assertEquals(1, number.get());
          orders.put(number.incrementAndGet(), "b");
          assertTrue(number.compareAndSet(2, 7));
          assertFalse(number.compareAndSet(2, 9));
        });
    assertEquals(7, number.get());
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  orders.put(number.incrementAndGet(), "c");
                  throw new World.Undo();
                }));
    assertEquals(7, number.get());
    assertEquals(Set.of(1L, 2L), orders.keySet());
  }

  @Test
  void functionsThatFailOrChangeTheLongThemselves() {
    number.set(3);
    assertThrows(
        World.Undo.class,
        () ->
            number.updateAndGet(
                old -> {
                  number.set(old + 1);
                  throw new World.Undo();
                }));
    assertEquals(3, number.get());
    number.updateAndGet(
        old -> {
          number.set(old + 1);
          return old;
        });
    assertEquals(3, number.get());
    assertThrows(NullPointerException.class, () -> number.updateAndGet(TestHeaps.nothing()));
    assertThrows(NullPointerException.class, () -> number.accumulateAndGet(1, TestHeaps.nothing()));
  }

  @Test
  void noNumberIsGivenOutTwice() throws Exception {
    Set<Long> given = ConcurrentHashMap.newKeySet();
    int threads = 6;
    int rounds = 500;
    TestHeaps.inThreads(
        threads,
        thread -> {
          for (int i = 0; i < rounds; i++) {
            assertTrue(given.add(number.incrementAndGet()));
          }
        });
    assertEquals((long) threads * rounds, number.get());
    heap.verify();
  }

  /** A transaction sets an odd number and then an even one: nobody may see the odd one. */
  @Test
  void readsSeeCommittedValuesOnly() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (int i = 0; i < 2000; i++) {
              heap.transact(
                  () -> {
                    number.incrementAndGet();
                    number.incrementAndGet();
                  });
            }
            done.set(true);
          } else {
            long last = 0;
            do {
              long seen = number.get();
              assertEquals(0, seen % 2);
              assertTrue(seen >= last, "back in time: " + seen + " after " + last);
              last = seen;
            } while (!done.get());
          }
        });
    assertEquals(4000, number.get());
  }

  @Test
  void everyCrashLeavesOneOfTheTwoValues() {
    List<Consumer<PersistentLong>> steps =
        List.of(
            value -> value.set(-1),
            value -> value.addAndGet(8),
            value -> value.compareAndSet(7, Long.MIN_VALUE),
            value -> value.updateAndGet(old -> old >>> 1),
            PersistentLong::incrementAndGet);
    long[] values = {0, -1, 7, Long.MIN_VALUE, 1L << 62, (1L << 62) + 1};
    ExplorationReport report =
        CrashExplorer.onMedium(6 * TestHeaps.MIB)
            .explore(
                (simulated, recorder) -> {
                  PersistentLong value = TestHeaps.on(simulated).longValue("number");
                  recorder.start();
                  for (int i = 0; i < steps.size(); i++) {
                    steps.get(i).accept(value);
                    assertEquals(values[i + 1], value.get());
                    recorder.acknowledge(i);
                  }
                },
                (simulated, progress) -> {
                  PersistentHeap found = PersistentHeap.open(simulated, TestHeaps.OPTIONS);
                  simulated.onEvent(EventHook.NONE);
                  found.verify();
                  long value = found.longValue("number").get();
                  int count = progress.count();
                  if (value != values[count]) {
                    assertEquals(values[Math.min(count + 1, steps.size())], value);
                  }
                });
    System.out.printf(
        "long: %d images, and %d of recovery%n", report.imagesDistinct(), report.nestedImages());
    assertTrue(report.imagesDistinct() > steps.size());
  }

  /** The map and the number that names its keys, and the creation of the number. */
  @Test
  void everyCrashLeavesTransactionsWhole() {
    ExplorationReport report =
        CrashExplorer.onMedium(6 * TestHeaps.MIB)
            .withExhaustiveLimit(48)
            .withSamples(16)
            .explore(
                (simulated, recorder) -> {
                  PersistentHeap explored = TestHeaps.on(simulated);
                  PersistentHashMap<Long, String> orders =
                      explored.map("orders", Types.LONG, Types.STRING, Collisions.SEED);
                  recorder.start();
                  PersistentLong next = explored.longValue("next");
                  recorder.acknowledge(0);
                  for (int i = 1; i <= 3; i++) {
                    explored.transact(() -> orders.put(next.incrementAndGet(), "order"));
                    recorder.acknowledge(i);
                  }
                },
                (simulated, progress) -> {
                  PersistentHeap found = PersistentHeap.open(simulated, TestHeaps.OPTIONS);
                  simulated.onEvent(EventHook.NONE);
                  found.verify();
                  int count = progress.count();
                  assertTrue(count == 0 || found.names().contains("next"));
                  long next = found.longValue("next").get();
                  assertTrue(next >= count - 1 && next <= count, () -> next + " after " + count);
                  assertEquals(
                      next, found.map("orders", Types.LONG, Types.STRING, Collisions.SEED).size());
                });
    System.out.printf(
        "long in transactions: %d images, and %d of recovery%n",
        report.imagesDistinct(), report.nestedImages());
  }

  // Damage.

  private long field(String field) {
    return named("long \"number\", " + field);
  }

  private long named(String name) {
    for (long offset = TestHeaps.MIB; offset < medium.size(); offset += Long.BYTES) {
      if (heap.describe(offset).equals(name)) {
        return offset;
      }
    }
    throw new AssertionError("no " + name);
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  private void assertRefused(String structure) {
    List<HeapCorruptedException> thrown = new ArrayList<>();
    thrown.add(assertThrows(HeapCorruptedException.class, number::verify));
    thrown.add(assertThrows(HeapCorruptedException.class, heap::verify));
    if (structure.equals("long")) {
      thrown.add(assertThrows(HeapCorruptedException.class, number::get));
      heap.transact(
          () -> {
            thrown.add(assertThrows(HeapCorruptedException.class, number::get));
          });
      thrown.add(assertThrows(HeapCorruptedException.class, () -> number.set(1)));
      thrown.add(assertThrows(HeapCorruptedException.class, () -> number.compareAndSet(0, 1)));
      thrown.add(assertThrows(HeapCorruptedException.class, number::incrementAndGet));
      PersistentHeap again = TestHeaps.reopened(medium);
      thrown.add(assertThrows(HeapCorruptedException.class, () -> again.longValue("number")));
    }
    for (HeapCorruptedException found : thrown) {
      assertTrue(found.structure().startsWith(structure), found::toString);
    }
  }

  private void fade() {
    number.set(1);
    number.set(2);
    // Overwrites the records of these, which would repair what is damaged.
    PersistentLong other = heap.longValue("other");
    for (int i = 0; i < 3; i++) {
      other.incrementAndGet();
    }
  }

  @Test
  void aHeaderThatIsNotItsOwnIsRefused() {
    fade();
    long header = field("header");
    long before = medium.getLong(header);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      patch(header, before ^ 1L << bit);
      assertRefused("long");
    }
    patch(header, before);
    heap.verify();
    assertEquals(2, number.get());
  }

  /** A line of zeros would be a 0; the line of another long would be that one's value. */
  @Test
  void aLineThatIsLostOrAnothersIsRefused() {
    fade();
    long line = field("header");
    long other = named("long \"other\", header");
    for (long at = 0; at < CellLayout.CELL_SIZE; at += Long.BYTES) {
      patch(line + at, 0);
    }
    assertRefused("long");
    for (long at = 0; at < CellLayout.CELL_SIZE; at += Long.BYTES) {
      patch(line + at, medium.getLong(other + at));
    }
    assertRefused("long");
  }

  @Test
  void otherMarksAndReservedWordsAreFound() {
    fade();
    long mark = field("mark");
    long before = medium.getLong(mark);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      patch(mark, before ^ 1L << bit);
      assertRefused("mark");
    }
    patch(mark, before);
    long reserved = field("reserved");
    patch(reserved, 1);
    assertRefused("long of long");
  }
}
