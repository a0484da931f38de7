package dev.cairn.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashScenario;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Operation;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;
import dev.cairn.tx.TransactionAbortedException;
import dev.cairn.tx.TransactionConflictException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Two and three threads on one heap, in many interleavings, each cut short by a power failure at
 * every flush and fence: whatever had returned is there, in an order that could have been.
 */
class InterleavingTest {
  /** How many interleavings of each scenario to run: more of them look closer, and take longer. */
  private static final int SCHEDULES = Integer.getInteger("cairn.crash.schedules", 100);

  private static final HeapOptions OPTIONS =
      HeapOptions.defaults().withLockTimeout(Duration.ofSeconds(60));

  /** A map, a list and transactions over them, on a heap or in plain memory. */
  private record World(Map<Long, String> map, List<Long> list, @Nullable PersistentHeap heap) {

    static World model() {
      return new World(new HashMap<>(), new ArrayList<>(), null);
    }

    static World create(SimulatedMedium medium) {
      return of(PersistentHeap.create(medium, OPTIONS));
    }

    static World recover(SimulatedMedium medium) {
      return of(PersistentHeap.open(medium, OPTIONS));
    }

    private static World of(PersistentHeap heap) {
      PersistentHashMap<Long, String> map = heap.map("map", Types.LONG, Types.STRING);
      PersistentArrayList<Long> list = heap.list("list", Types.LONG);
      return new World(map, list, heap);
    }

    Object state() {
      return List.of(new HashMap<>(map), new ArrayList<>(list));
    }

    void verify() {
      if (heap != null) {
        heap.verify();
      }
    }

    <T extends @Nullable Object> T transact(Callable<T> body) throws Exception {
      return heap == null ? body.call() : heap.transact(body::call);
    }
  }

  private static CrashScenario<World> scenario() {
    return CrashScenario.of(World::create, World::recover)
        .withModel(World::model)
        .withState(World::state)
        .withVerify(World::verify);
  }

  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(6L << 20)
          .withExhaustiveLimit(24)
          .withSamples(8)
          .withNestedDepth(0)
          .withNestedLimits(0, 0);

  private static void explore(String name, CrashScenario<World> scenario) {
    explore(name, EXPLORER.withSchedules(SCHEDULES), scenario);
  }

  private static void explore(String name, CrashExplorer explorer, CrashScenario<World> scenario) {
    ExplorationReport report = explorer.explore(scenario);
    System.out.printf(
        "%s: %d schedules, %d events, %d images, and %d of recovery, %,d images/s, %.0f schedules/s%n",
        name,
        report.schedules(),
        report.events(),
        report.imagesDistinct(),
        report.nestedImages(),
        (long) report.imagesPerSecond(),
        report.schedules() * 1e3 / Math.max(1, report.time().toMillis()));
    assertTrue(report.imagesDistinct() > report.schedules() / 2, report.toString());
  }

  private static Operation<World> put(long key, String value) {
    return Operation.call("put " + key, world -> world.map().put(key, value));
  }

  private static Operation<World> remove(long key) {
    return Operation.call("remove " + key, world -> world.map().remove(key));
  }

  private static Operation<World> get(long key) {
    return Operation.call("get " + key, world -> world.map().get(key));
  }

  private static Operation<World> add(long value) {
    return Operation.call("add " + value, world -> world.list().add(value));
  }

  @Test
  void putReplaceAndRemoveOfTheSameKeys() {
    explore(
        "same keys",
        scenario()
            .prepare(put(1, "one"), put(2, "two"))
            .thread(put(1, "uno"), remove(2))
            .thread(put(2, "dos"), put(1, "eins")));
  }

  @Test
  void aReaderBesidesAWriter() {
    explore(
        "reader and writer",
        scenario()
            .prepare(put(1, "one"))
            .thread(put(1, "uno"), remove(1), put(1, "un"))
            .thread(get(1), get(1), get(1)));
  }

  @Test
  void differentKeys() {
    explore(
        "different keys",
        scenario()
            .thread(put(1, "one"), put(2, "two"))
            .thread(put(3, "three"), put(4, "four"))
            .thread(put(5, "five")));
  }

  @Test
  void appendsToOneList() {
    explore("list", scenario().thread(add(1), add(2)).thread(add(3), add(4)));
  }

  private static Operation<World> transfer(long from, long to) {
    return Operation.call(
        "transfer from " + from + " to " + to,
        world ->
            world.transact(
                () -> {
                  String amount = world.map().remove(from);
                  if (amount != null) {
                    world.map().merge(to, amount, (a, b) -> a + b);
                  }
                  world.list().add(from);
                  return amount;
                }));
  }

  @Test
  void transfersAgainstEachOther() {
    explore(
        "transfers",
        scenario()
            .withRefusal(TransactionAbortedException.class)
            .prepare(put(1, "a"), put(2, "b"))
            .thread(transfer(1, 2))
            .thread(transfer(2, 1)));
    explore(
        "transfers and puts",
        scenario()
            .withRefusal(TransactionConflictException.class)
            .prepare(put(1, "a"), put(2, "b"))
            .thread(transfer(1, 2), get(2))
            .thread(put(2, "c"), put(1, "d")));
  }

  /** All that is random comes from the seed: or a failure could not be seen again. */
  @Test
  void theSameSeedVisitsTheSameImages() {
    CrashExplorer explorer = EXPLORER.withSchedules(1 + SCHEDULES / 5);
    CrashScenario<World> scenario =
        scenario()
            .withRefusal(TransactionConflictException.class)
            .prepare(put(1, "a"))
            .thread(transfer(1, 2), add(7))
            .thread(put(1, "c"), add(8));
    ExplorationReport first = explorer.explore(scenario);
    ExplorationReport second = explorer.explore(scenario);
    assertEquals(first.digest(), second.digest());
    assertEquals(first.events(), second.events());
  }

  /** Recovery from a crash of two transactions, crashed as well: it undoes two logs. */
  @Test
  void recoveryFromTwoTransactions() {
    explore(
        "recovery",
        EXPLORER.withSchedules(1 + SCHEDULES / 20).withNestedDepth(1),
        scenario()
            .withRefusal(TransactionConflictException.class)
            .prepare(put(1, "a"), put(2, "b"))
            .thread(transfer(1, 2))
            .thread(put(3, "c")));
  }
}
