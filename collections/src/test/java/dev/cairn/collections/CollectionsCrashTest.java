package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.collections.World.State;
import dev.cairn.collections.World.Step;
import dev.cairn.collections.World.Undo;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.spi.HeapFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every operation, cut short by a power failure: what had returned is there, what was under way is
 * there as a whole or not at all, and no block has leaked. Recovery is cut short as well.
 */
class CollectionsCrashTest {
  /** How many random images at an event: more of them look closer, and take longer. */
  private static final int SAMPLES = Integer.getInteger("cairn.crash.samples", 16);

  private static final Step NOTHING = world -> {};

  private static CrashExplorer explorer() {
    return CrashExplorer.onMedium(6 * TestHeaps.MIB)
        .withExhaustiveLimit(SAMPLES * 3)
        .withSamples(SAMPLES)
        .withNestedLimits(SAMPLES / 64, SAMPLES / 64);
  }

  /** Explores the steps, after a preparation that is not explored. */
  private static void explore(String name, Step preparation, Step... steps) {
    World model = World.model();
    preparation.on(model);
    List<State> states = new ArrayList<>();
    states.add(State.of(model));
    for (Step step : steps) {
      step.on(model);
      states.add(State.of(model));
    }
    ExplorationReport report =
        explorer()
            .explore(
                (medium, recorder) -> {
                  World world = World.of(TestHeaps.on(medium));
                  preparation.on(world);
                  recorder.start();
                  for (int i = 0; i < steps.length; i++) {
                    steps[i].on(world);
                    assertEquals(states.get(i + 1), State.of(world));
                    recorder.acknowledge(i);
                  }
                },
                (medium, progress) -> {
                  PersistentHeap heap = PersistentHeap.open(medium, TestHeaps.OPTIONS);
                  medium.onEvent(EventHook.NONE);
                  heap.verify();
                  State found = State.of(World.of(heap));
                  State acknowledged = states.get(progress.count());
                  if (!found.equals(acknowledged)) {
                    int next = Math.min(progress.count() + 1, steps.length);
                    assertEquals(states.get(next), found);
                  }
                });
    System.out.printf(
        "%s: %d images, and %d of recovery%n",
        name, report.imagesDistinct(), report.nestedImages());
    assertTrue(report.imagesDistinct() > steps.length);
  }

  private static Step fill(long[] keys) {
    return world -> {
      for (long key : keys) {
        world.map().put(key, "value " + key);
      }
    };
  }

  private static Step append(int count) {
    return world -> {
      List<String> values = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        values.add("element " + i);
      }
      world.list().addAll(values);
    };
  }

  private static Step[] puts(long[] keys) {
    return Arrays.stream(keys)
        .<Step>mapToObj(key -> world -> world.map().put(key, "new " + key))
        .toArray(Step[]::new);
  }

  @Test
  void putReplaceRemove() {
    explore(
        "put, replace, remove",
        world -> world.map().put(1L, "one"),
        world -> world.map().put(2L, "two"),
        world -> world.map().put(1L, "a longer one"),
        world -> world.map().putIfAbsent(3L, "three"),
        world -> world.map().replace(2L, "two", "2"),
        world -> world.map().remove(1L),
        world -> world.map().remove(3L, "three"));
  }

  @Test
  void firstEntryOfAStripe() {
    explore("first entry", NOTHING, puts(Collisions.keysOfOneStripe(2)));
  }

  /** The table is made with the first entry, then given others; or that entry another value. */
  @Test
  void firstEntriesOfAStripeInOneTransaction() {
    long[] keys = Collisions.keysOfOneStripe(3);
    explore(
        "first entries",
        NOTHING,
        world ->
            world.transact(
                () -> {
                  for (long key : keys) {
                    world.map().put(key, "new");
                  }
                }),
        world -> world.map().clear(),
        world ->
            world.transact(
                () -> {
                  world.map().put(keys[0], "one");
                  world.map().put(keys[0], "two");
                  world.map().put(keys[1], "other");
                  world.map().remove(keys[1]);
                }));
  }

  /** An entry that is in a first table, and so vouched for with it, gets another value. */
  @Test
  void firstEntryThatIsReplacedInItsTransaction() {
    long[] keys = Collisions.keysOfOneStripe(1);
    explore(
        "first entry, replaced",
        NOTHING,
        world ->
            world.transact(
                () -> {
                  world.map().put(keys[0], "one");
                  world.map().put(keys[0], "two");
                }));
  }

  @Test
  void segmentThatIsEnlarged() {
    long[] keys = Collisions.keysOfOneStripe(29);
    explore("enlarge", fill(Collisions.slice(keys, 0, 26)), puts(Collisions.slice(keys, 26, 29)));
  }

  /** Takes puts until the table has grown from the small segment to a directory of 8 words. */
  @Test
  void segmentsThatSplitAndDirectoriesThatDouble() {
    long[] keys = Collisions.keysOfOneStripe(700);
    for (int from : splits(keys)) {
      explore(
          "split at " + from,
          fill(Collisions.slice(keys, 0, from)),
          puts(Collisions.slice(keys, from, from + 1)));
    }
  }

  /**
   * Which puts cost more than the others: those that split, and those that double the directory.
   */
  private static List<Integer> splits(long[] keys) {
    SimulatedMedium medium = SimulatedMedium.create(6 * TestHeaps.MIB, 6 * TestHeaps.MIB);
    World world = World.of(TestHeaps.on(medium));
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      long before = medium.counts().flushedLines();
      world.map().put(keys[i], "value " + keys[i]);
      if (medium.counts().flushedLines() - before > 40) {
        found.add(i);
      }
    }
    assertTrue(found.size() >= 3, () -> "splits at " + found);
    return found.subList(0, 3);
  }

  /**
   * A put split a segment, had no room for its entry, and failed; the transaction went on, and
   * committed without having flushed what the split had changed. A crash then left a segment that
   * did not fit its sibling.
   */
  @Test
  void splitForAnEntryThatHasNoRoom() {
    long[] keys = Collisions.keysOfOneStripe(700);
    String tooLarge = "x".repeat(8 << 20);
    for (int from : splits(keys)) {
      SimulatedMedium medium = SimulatedMedium.create(6 * TestHeaps.MIB, 6 * TestHeaps.MIB);
      PersistentHeap heap = TestHeaps.on(medium);
      World world = World.of(heap);
      fill(Collisions.slice(keys, 0, from)).on(world);
      heap.transact(
          () -> {
            assertThrows(
                OutOfPersistentMemoryException.class, () -> world.map().put(keys[from], tooLarge));
            world.list().add("went on");
          });
      SimulatedMedium durable = SimulatedMedium.of(medium.durableImage());
      PersistentHeap again = PersistentHeap.open(durable, TestHeaps.OPTIONS);
      again.verify();
      assertEquals(State.of(world), State.of(World.of(again)));
    }
  }

  @Test
  void overflowChainsThatGrowAndShrink() {
    long[] keys = Collisions.keys(60);
    explore("chain", fill(Collisions.slice(keys, 0, 26)), puts(Collisions.slice(keys, 26, 32)));
    explore(
        "removal from a chain",
        fill(keys),
        world -> world.map().remove(keys[0]),
        world -> world.map().remove(keys[59]),
        world -> world.map().put(keys[59], "back"));
  }

  @Test
  void functions() {
    explore(
        "compute and merge",
        world -> world.map().put(1L, "one"),
        world -> world.map().compute(1L, (key, value) -> value + "!"),
        world -> world.map().merge(1L, "?", (old, added) -> old + added),
        world -> world.map().computeIfAbsent(2L, key -> "two"),
        world -> world.map().computeIfPresent(2L, (key, value) -> null));
  }

  @Test
  void clearedMap() {
    long[] keys = Collisions.keysOfOneStripe(40);
    explore(
        "map.clear",
        world -> {
          fill(keys).on(world);
          world.map().put(-1L, "another stripe");
        },
        world -> world.map().clear(),
        world -> world.map().put(5L, "five"));
  }

  @Test
  void listOfOneSegment() {
    explore(
        "list",
        append(5),
        world -> world.list().add("six"),
        world -> world.list().set(0, "first"),
        world -> world.list().remove(5),
        world -> world.list().add(1, "second"),
        world -> world.list().remove(0),
        world -> world.list().addAll(List.of("x", "y", "z")),
        world -> world.list().removeIf(element -> element.contains("e")),
        world -> world.list().sort(Collections.reverseOrder()));
  }

  @Test
  void listThatNeedsSegments() {
    explore(
        "list segments",
        append(14),
        world -> world.list().add("15"),
        world -> world.list().addAll(Collections.nCopies(40, "many")),
        world -> world.list().add(3, "in the middle"),
        world -> world.list().sort(null),
        world -> world.list().clear(),
        world -> world.list().add("again"));
  }

  @Test
  void transactions() {
    Step both =
        world ->
            world.transact(
                () -> {
                  world.map().put(1L, "uno");
                  world.map().remove(2L);
                  world.list().add("more");
                  world.transact(() -> world.list().set(0, "zero"));
                });
    Step undone =
        world ->
            world.transact(
                () -> {
                  world.map().remove(1L);
                  world.map().put(7L, "seven");
                  world.list().clear();
                  throw new Undo();
                });
    explore(
        "transactions",
        world -> {
          world.map().put(1L, "one");
          world.map().put(2L, "two");
          append(3).on(world);
        },
        both,
        undone,
        both);
  }

  /** A slot that is freed and taken again by a transaction that does not come to its end. */
  @Test
  void transactionThatReusesSlots() {
    long[] keys = Collisions.keysOfOneStripe(30);
    explore(
        "reused slots",
        fill(Collisions.slice(keys, 0, 20)),
        world ->
            world.transact(
                () -> {
                  for (int i = 0; i < 10; i++) {
                    world.map().remove(keys[i]);
                    world.map().put(keys[20 + i], "taken");
                  }
                }));
  }

  @Test
  void creationOfAHeapAndItsCollections() {
    ExplorationReport report =
        explorer()
            .explore(
                (medium, recorder) -> {
                  PersistentHeap heap = TestHeaps.on(medium);
                  recorder.start(); // the creation of the heap itself is explored by its module
                  heap.map("map", Types.LONG, Types.STRING, Collisions.SEED).put(1L, "one");
                  recorder.acknowledge("map");
                  heap.list("list", Types.STRING).add("first");
                  recorder.acknowledge("list");
                  heap.close();
                },
                (medium, progress) -> {
                  PersistentHeap heap = PersistentHeap.open(medium, TestHeaps.OPTIONS);
                  medium.onEvent(EventHook.NONE);
                  heap.verify();
                  Set<Object> names = Set.copyOf(heap.names());
                  assertTrue(names.containsAll(progress.acknowledged()), names::toString);
                  assertTrue(Set.of("map", "list").containsAll(names), names::toString);
                  World world = World.of(heap);
                  if (progress.acknowledged().contains("map")) {
                    assertEquals("one", world.map().get(1L));
                  }
                  if (progress.acknowledged().contains("list")) {
                    assertEquals(List.of("first"), world.list());
                  }
                });
    System.out.printf(
        "creation: %d images, and %d of recovery%n",
        report.imagesDistinct(), report.nestedImages());
  }

  /** A first open that is cut short: the catalog is there or not, and the next open makes it. */
  @Test
  void creationOfTheCatalog() {
    ExplorationReport report =
        explorer()
            .withExhaustiveLimit(16) // each recovery makes a catalog: many events
            .withSamples(4)
            .withNestedLimits(0, 0)
            .explore(
                (medium, recorder) -> {
                  HeapFile.create(medium, TestHeaps.OPTIONS);
                  recorder.start();
                  PersistentHeap.open(medium, TestHeaps.OPTIONS);
                  recorder.acknowledge("open");
                },
                (medium, progress) -> {
                  PersistentHeap heap = PersistentHeap.open(medium, TestHeaps.OPTIONS);
                  medium.onEvent(EventHook.NONE);
                  heap.verify();
                  assertEquals(Set.of(), heap.names());
                });
    System.out.printf(
        "catalog: %d images, and %d of recovery%n", report.imagesDistinct(), report.nestedImages());
  }

  /** Long random lives. Some steps are atomic in a transaction only: replaceAll of a map, say. */
  @Test
  @Tag("long")
  void randomSteps() {
    Random random = new Random(TestHeaps.seed("randomSteps"));
    for (int life = 0; life < 8; life++) {
      long seed = random.nextLong();
      Step[] steps = new Step[12];
      Arrays.setAll(
          steps, i -> world -> world.transact(() -> RandomSteps.step(world, new Random(seed + i))));
      explore("life " + seed, fill(Collisions.keysOfOneStripe(30)), steps);
    }
  }
}
