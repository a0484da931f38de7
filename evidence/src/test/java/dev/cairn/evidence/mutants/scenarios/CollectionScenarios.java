package dev.cairn.evidence.mutants.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.collections.KnownKeys;
import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentDeque;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentLongMap;
import dev.cairn.collections.PersistentTreeMap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.evidence.mutants.scenarios.World.State;
import dev.cairn.evidence.mutants.scenarios.World.Step;
import dev.cairn.evidence.mutants.scenarios.World.Undo;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.TransactionTooLargeException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;

/** Maps and lists: what had returned is there, and what was under way is whole or absent. */
final class CollectionScenarios {
  private static final long SIZE = 6L << 20;

  /** Enough to see splits with and without a doubling of the directory. */
  private static final int SPLITS = 5;

  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(SIZE).withExhaustiveLimit(32).withSamples(8).withNestedDepth(0);

  /** A split stores to hundreds of words: each of them may be durable alone. */
  private static final CrashExplorer SPLIT_EXPLORER = EXPLORER.withExhaustiveLimit(1200);

  private CollectionScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            Area.COLLECTIONS, "put, replace, remove", CollectionScenarios::putReplaceRemove),
        new Scenario(Area.COLLECTIONS, "a list of one segment", CollectionScenarios::shortList),
        new Scenario(
            Area.COLLECTIONS,
            "collections that are made, and the heap closed",
            CollectionScenarios::made),
        new Scenario(Area.COLLECTIONS, "readers beside a writer", CollectionScenarios::readers),
        new Scenario(Area.COLLECTIONS, "values of whole chunks", CollectionScenarios::largeValues),
        new Scenario(Area.COLLECTIONS, "the catalog of a new heap", CollectionScenarios::catalog),
        new Scenario(
            Area.COLLECTIONS, "a damaged catalog record", CollectionScenarios::damagedRecord),
        new Scenario(
            Area.COLLECTIONS, "operations too large for the log", CollectionScenarios::tooLarge),
        new Scenario(Area.COLLECTIONS, "transactions over both", CollectionScenarios::transactions),
        new Scenario(Area.COLLECTIONS, "a list that needs segments", CollectionScenarios::longList),
        new Scenario(
            Area.COLLECTIONS, "first entries and the enlarged table", CollectionScenarios::enlarge),
        new Scenario(
            Area.COLLECTIONS, "slots that are used again", CollectionScenarios::reusedSlots),
        new Scenario(Area.COLLECTIONS, "splits and doublings", CollectionScenarios::splits),
        new Scenario(
            Area.COLLECTIONS,
            "a split that moves nothing of the first line",
            CollectionScenarios::splitOfHeaders),
        new Scenario(Area.COLLECTIONS, "splits that are undone", CollectionScenarios::undoneSplits),
        new Scenario(Area.COLLECTIONS, "overflow chains", CollectionScenarios::overflow),
        new Scenario(Area.COLLECTIONS, "cleared maps and lists", CollectionScenarios::cleared),
        new Scenario(Area.COLLECTIONS, "words without boxes", CollectionScenarios::words),
        new Scenario(
            Area.COLLECTIONS, "collections in used memory", CollectionScenarios::usedMemory));
  }

  private static void explore(Step preparation, Step... steps) {
    explore(EXPLORER, preparation, steps);
  }

  private static void explore(CrashExplorer explorer, Step preparation, Step... steps) {
    World model = World.model();
    preparation.on(model);
    List<State> states = new ArrayList<>();
    states.add(State.of(model));
    for (Step step : steps) {
      step.on(model);
      states.add(State.of(model));
    }
    Scenarios.explore(
        explorer,
        (medium, recorder) -> {
          World world = World.of(PersistentHeap.create(medium, TxHeap.OPTIONS));
          preparation.on(world);
          recorder.start();
          for (int i = 0; i < steps.length; i++) {
            steps[i].on(world);
            recorder.acknowledge(i);
          }
          assertEquals(states.getLast(), State.of(world));
        },
        (medium, progress) -> check(states, medium, progress));
  }

  private static void check(List<State> states, SimulatedMedium medium, Progress progress) {
    PersistentHeap heap = PersistentHeap.open(medium, TxHeap.OPTIONS);
    medium.onEvent(EventHook.NONE);
    heap.verify();
    World world = World.of(heap);
    State found = State.of(world);
    int done = progress.count();
    if (!found.equals(states.get(done))) {
      assertEquals(states.get(Math.min(done + 1, states.size() - 1)), found);
    }
    assertEquals(found.map().size(), world.map().size());
    for (Map.Entry<Long, String> entry : found.map().entrySet()) {
      assertEquals(entry.getValue(), world.map().get(entry.getKey()), "not found");
    }
  }

  private static UUID uuid() {
    try (SimulatedMedium medium = Scenarios.medium(2 << 20, 2 << 20)) {
      return HeapFile.create(medium, TxHeap.OPTIONS).uuid();
    }
  }

  private static long[] keysOfOneStripe(int count) {
    return KnownKeys.ofOneStripe(uuid(), "map", count);
  }

  private static long[] slice(long[] keys, int from, int to) {
    return Arrays.copyOfRange(keys, from, to);
  }

  private static Step fill(long[] keys) {
    return world ->
        world.transact(
            () -> {
              for (long key : keys) {
                world.map().put(key, "value " + key);
              }
            });
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

  private static Step undone(Step step) {
    return world ->
        world.transact(
            () -> {
              step.on(world);
              throw new Undo();
            });
  }

  private static void putReplaceRemove() {
    explore(
        world -> world.map().put(1L, "one"),
        world -> world.map().put(2L, "two"),
        world -> world.map().put(1L, "a longer one"),
        world -> world.map().replace(2L, "two", "2"),
        world -> world.map().remove(1L),
        undone(world -> world.map().put(3L, "three")),
        undone(world -> world.map().put(2L, "another")),
        undone(world -> world.map().remove(2L)));
  }

  private static void enlarge() {
    long[] keys = keysOfOneStripe(29);
    explore(world -> {}, puts(slice(keys, 0, 2)));
    explore(
        world -> {},
        world ->
            world.transact(
                () -> {
                  world.map().put(keys[0], "one");
                  world.map().put(keys[0], "two");
                }));
    explore(fill(slice(keys, 0, 26)), puts(slice(keys, 26, 29)));
    explore(fill(slice(keys, 0, 26)), undone(fill(slice(keys, 26, 29))));
  }

  private static void reusedSlots() {
    long[] keys = keysOfOneStripe(30);
    Step reuse =
        world -> {
          for (int i = 0; i < 10; i++) {
            world.map().remove(keys[i]);
            world.map().put(keys[20 + i], "taken");
          }
        };
    explore(
        fill(slice(keys, 0, 20)), undone(reuse), world -> world.transact(() -> reuse.on(world)));
  }

  /** The puts before which a segment is full: each costs more lines than others. */
  private static List<Integer> splitsOf(long[] keys) {
    try (SimulatedMedium medium = Scenarios.medium(SIZE, SIZE)) {
      World world = World.of(PersistentHeap.create(medium, TxHeap.OPTIONS));
      List<Integer> found = new ArrayList<>();
      for (int i = 0; i < keys.length && found.size() < SPLITS; i++) {
        long before = medium.counts().flushedLines();
        world.map().put(keys[i], "value " + keys[i]);
        if (medium.counts().flushedLines() - before > 40) {
          found.add(i);
        }
      }
      assertEquals(SPLITS, found.size(), "splits");
      return found;
    }
  }

  private static void splits() {
    long[] keys = keysOfOneStripe(700);
    List<Integer> splits = splitsOf(keys);
    for (int from : splits) {
      CrashExplorer explorer = from == splits.getLast() ? SPLIT_EXPLORER : EXPLORER;
      explore(explorer, fill(slice(keys, 0, from)), puts(slice(keys, from, from + 1)));
    }
  }

  /** Of the segment's first line, the header alone changes. */
  private static void splitOfHeaders() {
    long[] keys = KnownKeys.thatStayInTheFirstGroup(uuid(), "map", 700);
    for (int from : splitsOf(keys).subList(0, 2)) {
      explore(fill(slice(keys, 0, from)), puts(slice(keys, from, from + 1)));
    }
  }

  private static void undoneSplits() {
    long[] keys = keysOfOneStripe(700);
    for (int from : splitsOf(keys)) {
      explore(fill(slice(keys, 0, from)), undone(fill(slice(keys, from, from + 1))));
    }
  }

  private static void overflow() {
    long[] keys = KnownKeys.ofOneGroup(uuid(), "map", 60);
    explore(fill(slice(keys, 0, 26)), puts(slice(keys, 26, 30)));
    explore(fill(slice(keys, 0, 53)), puts(slice(keys, 53, 56))); // a second segment of the chain
    explore(fill(slice(keys, 0, 27)), undone(fill(slice(keys, 27, 60))));
    explore(
        fill(keys),
        world -> world.map().remove(keys[0]),
        world -> world.map().remove(keys[59]),
        world -> world.map().put(keys[59], "back"));
  }

  private static void cleared() {
    long[] keys = keysOfOneStripe(40);
    explore(
        world -> {
          fill(keys).on(world);
          world.map().put(-1L, "another stripe");
          append(20).on(world);
        },
        undone(world -> world.map().clear()),
        undone(world -> world.list().clear()),
        world -> world.map().clear(),
        world -> world.list().clear(),
        world -> world.map().put(5L, "five"),
        world -> world.list().add("again"));
  }

  private static void shortList() {
    explore(
        append(5),
        world -> world.list().add("six"),
        world -> world.list().set(0, "first"),
        world -> world.list().remove(5),
        world -> world.list().remove(1),
        world -> world.list().add(1, "second"),
        undone(world -> world.list().add(1, "nothing")),
        undone(world -> world.list().set(0, "nothing")),
        undone(world -> world.list().remove(1)),
        world -> world.list().removeIf(element -> element.contains("3")),
        undone(world -> world.list().removeIf(element -> element.contains("1"))),
        world -> world.list().sort(Collections.reverseOrder()),
        undone(world -> world.list().sort(null)));
  }

  private static void longList() {
    explore(
        append(14),
        world -> world.list().addAll(Collections.nCopies(40, "many")),
        undone(world -> world.list().addAll(Collections.nCopies(100, "many"))),
        world -> world.list().add(3, "in the middle"));
  }

  /** Values that take whole chunks: recovery gives chunks back that were thought to be in use. */
  private static void largeValues() {
    String large = "large".repeat(80_000);
    Scenarios.explore(
        EXPLORER.withExhaustiveLimit(8).withSamples(2),
        (medium, recorder) -> {
          World world = World.of(PersistentHeap.create(medium, TxHeap.OPTIONS));
          world.map().put(1L, large);
          recorder.start();
          world.map().remove(1L);
          recorder.acknowledge("removed");
        },
        (medium, progress) -> {
          PersistentHeap heap = PersistentHeap.open(medium, TxHeap.OPTIONS);
          medium.onEvent(EventHook.NONE);
          World world = World.of(heap);
          boolean there = world.map().containsKey(1L);
          assertTrue(!there || progress.count() == 0, "removed, and there");
          world.map().put(2L, "another".repeat(60_000));
          heap.verify();
          assertEquals(there ? large : null, world.map().get(1L), "a value of whole chunks");
        });
  }

  /** A thread that reads while another is about to commit says what it saw: that is durable. */
  private static void readers() {
    for (int fence = 1; fence <= 3; fence++) {
      int moment = fence;
      Scenarios.explore(
          EXPLORER,
          (inner, recorder) -> {
            MediumWithBystander medium = new MediumWithBystander(inner);
            World world = World.of(PersistentHeap.create(medium, TxHeap.OPTIONS));
            world.map().put(1L, "old");
            world.list().add("old");
            Thread reader =
                TxScenarios.thread(() -> recorder.acknowledge(world.map().get(1L) + " in map"));
            Thread other =
                TxScenarios.thread(() -> recorder.acknowledge(world.list().get(0) + " in list"));
            recorder.start();
            medium.beforeFence(moment, () -> TxScenarios.startAndSettle(reader));
            world.map().put(1L, "new");
            Scenarios.join(reader);
            medium.beforeFence(moment, () -> TxScenarios.startAndSettle(other));
            world.list().add(0, "new"); // in place, before the commit
            Scenarios.join(other);
          },
          (medium, progress) -> {
            World world = World.of(PersistentHeap.open(medium, TxHeap.OPTIONS));
            List<Object> seen = progress.acknowledged();
            assertTrue("new".equals(world.map().get(1L)) || !seen.contains("new in map"), "map");
            assertTrue("new".equals(world.list().get(0)) || !seen.contains("new in list"), "list");
          });
    }
  }

  private static void transactions() {
    Step both =
        world ->
            world.transact(
                () -> {
                  world.map().put(1L, "uno");
                  world.map().remove(2L);
                  world.list().add("more");
                  world.transact(() -> world.list().set(0, "zero"));
                });
    explore(
        world -> {
          world.map().put(1L, "one");
          world.map().put(2L, "two");
          append(3).on(world);
        },
        both,
        undone(
            world -> {
              world.map().remove(1L);
              world.map().put(7L, "seven");
              world.list().clear();
            }),
        both);
  }

  private static void made() {
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
          // What is made next lies where other bytes were.
          List<String> old = heap.list("old", Types.STRING);
          old.addAll(Collections.nCopies(8, "x".repeat(247)));
          old.add("y".repeat(4100));
          old.clear();
          recorder.start();
          heap.map("map", Types.LONG, Types.STRING).put(1L, "one");
          recorder.acknowledge("map");
          heap.list("list", Types.STRING).add("first");
          recorder.acknowledge("list");
          heap.close();
          recorder.acknowledge("closed");
        },
        (medium, progress) -> {
          HeapFile file = HeapFile.open(medium, TxHeap.OPTIONS);
          List<Object> done = progress.acknowledged();
          assertTrue(file.wasClosedCleanly() || !done.contains("closed"), "not closed");
          assertTrue(!file.wasClosedCleanly() || done.contains("list"), "closed early");
          PersistentHeap heap = PersistentHeap.open(medium, TxHeap.OPTIONS);
          medium.onEvent(EventHook.NONE);
          heap.verify();
          Set<String> names = heap.names();
          assertTrue(names.contains("map") || !done.contains("map"), "map");
          assertTrue(names.contains("list") || !done.contains("list"), "list");
          World world = World.of(heap);
          assertTrue(!done.contains("map") || "one".equals(world.map().get(1L)));
          assertTrue(!done.contains("list") || world.list().equals(List.of("first")));
        });
  }

  /** In a full heap a log cannot leave its lane: what is too large for it says so itself. */
  private static void tooLarge() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(SIZE, SIZE)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      World world = World.of(heap);
      append(600).on(world);
      fill(LongStream.range(0, 600).toArray()).on(world);
      PersistentTreeMap<Long, Long> tree = heap.treeMap("tree", Types.LONG, Types.LONG);
      LongStream.range(0, 600).forEach(key -> tree.put(key, key));
      PersistentDeque<String> deque = heap.deque("deque", Types.STRING);
      deque.addAll(world.list());
      PersistentHashMap<Long, byte[]> filler = heap.map("filler", Types.LONG, Types.BYTES);
      for (int size = 128 << 10; size >= 1 << 10; size /= 2) {
        fillWith(filler, size);
      }
      State before = State.of(world);
      List<Runnable> tooLarge =
          List.of(
              () -> world.map().clear(),
              () -> world.list().clear(),
              tree::clear,
              deque::clear,
              () -> world.list().subList(1, 600).clear());
      for (Runnable operation : tooLarge) {
        heap.transact(
            () -> {
              assertThrows(TransactionTooLargeException.class, operation::run);
            });
        assertEquals(before, State.of(world));
        assertEquals(600, tree.size());
        assertEquals(600, deque.size());
      }
    }
  }

  private static void fillWith(Map<Long, byte[]> filler, int size) {
    byte[] value = new byte[size];
    try {
      for (long key = filler.size(); ; key++) {
        filler.put(key, value);
      }
    } catch (OutOfPersistentMemoryException full) {
      // That was the last one.
    }
  }

  /** Whatever bit of a catalog record is flipped, nobody is led astray. */
  private static void damagedRecord() {
    try (SimulatedMedium medium = Scenarios.medium(SIZE, SIZE)) {
      World.of(PersistentHeap.create(medium, TxHeap.OPTIONS));
      byte[] types = "long\0string".getBytes(StandardCharsets.US_ASCII);
      long record = find(medium, types) - 17;
      for (int bit = 0; bit < (17 + types.length) * Byte.SIZE; bit++) {
        Switches.countImage();
        long at = record + bit / Byte.SIZE;
        byte[] sound = {medium.segment().get(ValueLayout.JAVA_BYTE, at)};
        medium.put(at, new byte[] {(byte) (sound[0] ^ (1 << bit % Byte.SIZE))});
        int flipped = bit;
        assertThrows(
            HeapCorruptedException.class,
            () -> World.of(PersistentHeap.open(medium, TxHeap.OPTIONS)),
            () -> "nobody noticed bit " + flipped);
        medium.put(at, sound);
      }
    }
  }

  private static long find(SimulatedMedium medium, byte[] bytes) {
    MemorySegment wanted = MemorySegment.ofArray(bytes);
    for (long at = HeapLayout.ZONES_OFFSET; at < SIZE - bytes.length; at++) {
      if (MemorySegment.mismatch(medium.segment(), at, at + bytes.length, wanted, 0, bytes.length)
          < 0) {
        return at;
      }
    }
    throw new AssertionError("not there");
  }

  /** A first open that is cut short: the catalog is there or not, and the next open makes it. */
  private static void catalog() {
    Scenarios.explore(
        EXPLORER.withExhaustiveLimit(16).withSamples(4),
        (medium, recorder) -> {
          HeapFile.create(medium, TxHeap.OPTIONS);
          recorder.start();
          PersistentHeap.open(medium, TxHeap.OPTIONS);
          recorder.acknowledge("open");
        },
        (medium, progress) -> {
          if (progress.count() > 0) {
            HeapFile file = HeapFile.open(medium, TxHeap.OPTIONS);
            assertFalse(file.wasClosedCleanly(), "in use, and marked as closed");
          }
          PersistentHeap heap = PersistentHeap.open(medium, TxHeap.OPTIONS);
          medium.onEvent(EventHook.NONE);
          heap.verify();
          assertEquals(Set.of(), heap.names());
        });
  }

  /** Longs in a map and in a list: step k leaves k everywhere. */
  private static void words() {
    Scenarios.explore(
        EXPLORER,
        (medium, recorder) -> {
          PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
          PersistentLongMap map = heap.longMap("longs");
          PersistentArrayList<Long> list = heap.list("list", Types.LONG);
          PersistentHashMap<Long, String> texts = heap.map("texts", Types.LONG, Types.STRING);
          PersistentArrayList<String> lines = heap.list("lines", Types.STRING);
          texts.put(1L, "one");
          texts.remove(1L);
          lines.add("one");
          lines.removeLast();
          recorder.start();
          map.put(1, 1);
          recorder.acknowledge("put");
          map.put(1, 2);
          recorder.acknowledge("replace");
          map.add(1, 1);
          recorder.acknowledge("add");
          map.remove(1);
          recorder.acknowledge("remove");
          list.add(5L);
          recorder.acknowledge("append");
          list.set(0, 6L);
          recorder.acknowledge("set");
          heap.transact(
              () -> {
                map.put(1, 6);
                map.put(1, 7);
                texts.put(1L, "six");
                texts.put(1L, "SIX");
                lines.add("six");
                lines.set(0, "SIX");
              });
          recorder.acknowledge("put twice");
        },
        (medium, progress) -> {
          PersistentHeap heap = PersistentHeap.open(medium, TxHeap.OPTIONS);
          medium.onEvent(EventHook.NONE);
          heap.verify();
          long inMap = heap.longMap("longs").get(1, 0);
          List<Long> list = heap.list("list", Types.LONG);
          long inList = list.isEmpty() ? 0 : list.getFirst();
          int done = progress.count();
          assertTrue(stateOf(done, inMap, inList) || stateOf(done + 1, inMap, inList), "state");
          List<String> twice = inMap == 7 ? List.of("SIX") : List.of();
          assertEquals(twice, List.copyOf(heap.list("lines", Types.STRING)));
          assertEquals(twice, List.copyOf(heap.map("texts", Types.LONG, Types.STRING).values()));
        });
  }

  private static boolean stateOf(int step, long inMap, long inList) {
    return inMap == (step < 4 || step > 6 ? Math.min(step, 7) : 0)
        && inList == (step > 4 ? Math.min(step, 6) : 0);
  }

  /** Blocks that held something else become collections: whatever they held means nothing. */
  private static void usedMemory() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(SIZE, SIZE)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      CollectionStory.useMemory(heap, 8, 40, 225, 4120);
      heap.map("map", Types.LONG, Types.LONG).put(1L, 2L);
      heap.list("list", Types.LONG).add(3L);
      assertEquals(0, heap.longValue("long").get());
      heap.longValue("long").set(4L);
      PersistentHashMap<BigInteger, Instant> instants =
          heap.map("instants", Types.BIG_INTEGER, Types.INSTANT);
      instants.put(BigInteger.TEN, Instant.EPOCH);
      PersistentHashMap<BigDecimal, Short> shorts =
          heap.map("shorts", Types.BIG_DECIMAL, Types.SHORT);
      shorts.put(BigDecimal.TEN, (short) 5);
      heap.verify();
      assertEquals(Map.of(BigInteger.TEN, Instant.EPOCH), instants);
      assertEquals(Map.of(BigDecimal.TEN, (short) 5), shorts);
      assertEquals(4L, heap.longValue("long").get());
      assertEquals(Map.of(1L, 2L), heap.map("map", Types.LONG, Types.LONG));
      assertEquals(List.of(3L), heap.list("list", Types.LONG));
    }
  }
}
