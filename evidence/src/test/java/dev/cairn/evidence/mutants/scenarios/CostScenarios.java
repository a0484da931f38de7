package dev.cairn.evidence.mutants.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.List;

/** What operations cost: nothing is flushed that is clean, nothing fenced that is not flushed. */
final class CostScenarios {
  private CostScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.COSTS, "fences and lines of transactions", CostScenarios::transactions),
        new Scenario(Area.COSTS, "fences and lines of the file", CostScenarios::file),
        new Scenario(Area.COSTS, "fences and lines of blocks", CostScenarios::blocks),
        new Scenario(Area.COSTS, "fences of maps and lists", CostScenarios::collections));
  }

  private static void assertNoneIdle(Counts counts) {
    assertEquals(0, counts.idleLines(), counts::toString);
    assertEquals(0, counts.idleFences(), counts::toString);
  }

  private static void assertFences(long fences, SimulatedMedium medium, Runnable action) {
    Counts before = medium.counts();
    action.run();
    Counts cost = medium.counts().minus(before);
    assertNoneIdle(cost);
    assertEquals(fences, cost.fences(), cost::toString);
  }

  private static void assertCosts(
      long fences, long lines, SimulatedMedium medium, Runnable action) {
    Counts before = medium.counts();
    action.run();
    Counts cost = medium.counts().minus(before);
    assertNoneIdle(cost);
    assertEquals(fences, cost.fences(), cost::toString);
    assertEquals(lines, cost.flushedLines(), cost::toString);
  }

  private static void transactions() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(TxHeap.SIZE, TxHeap.SIZE)) {
      TxHeap heap = TxHeap.create(medium);
      assertCosts(0, 0, medium, () -> heap.transactions.enter().exit());
      assertCosts(3, 3, medium, () -> heap.commit(1, 0));
      assertCosts(
          3,
          4,
          medium,
          () -> {
            TxHeap.set(heap.transactions.enter(), 2, 0, 1);
            TxHeap.set(heap.current(), 3, 1, 0); // declared before
            heap.current().exit();
          });
      assertCosts(
          4,
          7,
          medium,
          () -> {
            Transaction transaction = heap.transactions.enter();
            transaction.declareAllocated(TxHeap.word(1), 4, TxHeap.word(100));
            transaction.fresh(TxHeap.word(100), 8);
            TxHeap.set(transaction, 2, 0);
            heap.file.accessor().putWord(TxHeap.word(100), 1);
            TxHeap.set(transaction, 3, 0, 1);
            transaction.exit();
          });
      assertCosts(
          3,
          3,
          medium,
          () -> {
            TxHeap.set(heap.transactions.enter(), 7, 0);
            heap.abort();
          });
      assertCosts(
          3,
          131,
          medium,
          () -> {
            heap.transactions.enter().declareRange(TxHeap.word(1000), 4 << 10);
            TxHeap.set(heap.current(), 8, 0);
            heap.abort();
          });
      publishing(medium, heap);
      assertCosts(1, 1, medium, () -> TxHeap.open(medium));
      TxHeap.set(TxHeap.open(medium).transactions.enter(), 9, 0);
      assertCosts(2, 2, medium, () -> TxHeap.open(medium));
      publishContent(TxHeap.open(medium));
      // The record is confirmed, its word stored again, and the era raised: a line each.
      assertCosts(3, 3, medium, () -> TxHeap.open(medium));
    }
  }

  private static void publishContent(TxHeap heap) {
    VersionedLock lock = new VersionedLock(heap.file, TxHeap.word(200));
    Transaction transaction = heap.transactions.enter();
    transaction.lock(lock);
    transaction.changes(lock);
    transaction.constant(TxHeap.word(400), Long.BYTES);
    heap.file.accessor().putWord(TxHeap.word(400), 1);
    transaction.deferWord(TxHeap.word(201), TxHeap.word(400));
    transaction.exit();
  }

  /** A word, its mark and the record's line, which the next one and the close make durable. */
  private static void publishing(SimulatedMedium medium, TxHeap heap) {
    VersionedLock lock = new VersionedLock(heap.file, TxHeap.word(200));
    assertCosts(1, 1, medium, () -> publish(heap, lock, 1, 0));
    assertCosts(1, 2, medium, () -> publish(heap, lock, 2, 0));
    assertCosts(1, 3, medium, () -> publish(heap, lock, 3, 0));
    // 70 blocks are freed: two more fences to retire both records.
    assertCosts(3, 95, medium, () -> publish(heap, lock, 4, 70));
    assertCosts(1, 1, medium, () -> publish(heap, lock, 5, 0));
    assertCosts(2, 3, medium, heap.transactions::close);
  }

  private static void publish(TxHeap heap, VersionedLock lock, long value, int freed) {
    Transaction transaction = heap.transactions.enter();
    transaction.lock(lock);
    transaction.changes(lock);
    transaction.deferWord(TxHeap.word(201), value);
    for (int i = 0; i < freed; i++) {
      transaction.declareFreed(TxHeap.word(300 + i), 1, TxHeap.word(100));
    }
    transaction.exit();
  }

  private static void file() {
    Switches.countImage();
    HeapOptions options = HeapOptions.defaults();
    long size = HeapOptions.MINIMUM_SIZE;
    try (SimulatedMedium medium = Scenarios.medium(size, 2 * size)) {
      HeapFile heap = HeapFile.create(medium, options);
      assertCosts(2, 4, medium, heap::markInUse);
      assertCosts(0, 0, medium, heap::markInUse);
      medium.putLong(128, 7);
      medium.flush(128, 8);
      medium.fence();
      Counts before = medium.counts();
      HeapFile.open(medium, options);
      assertNoneIdle(medium.counts().minus(before));
      assertFences(2, medium, heap::close);
    }
  }

  private static void blocks() {
    Switches.countImage();
    long size = BlockHeap.ZONE + 6 * BlockHeap.CHUNK;
    try (SimulatedMedium medium = Scenarios.medium(size, size)) {
      BlockHeap heap = BlockHeap.create(medium);
      assertNoneIdle(medium.counts());
      assertFences(5, medium, () -> BlockHeap.pushing(100).accept(heap));
      assertFences(3, medium, () -> BlockHeap.pushing(100).accept(heap));
      assertFences(3, medium, () -> BlockHeap.popping(1).accept(heap));
      BlockHeap.popping(1).accept(heap);
      assertFences(4, medium, () -> BlockHeap.pushing(5 * BlockHeap.CHUNK).accept(heap));
    }
  }

  private static void collections() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(6 << 20, 6 << 20)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      PersistentHashMap<Long, String> map = heap.map("map", Types.LONG, Types.STRING);
      PersistentArrayList<String> list = heap.list("list", Types.STRING);
      map.put(1L, "one");
      map.put(2L, "two");
      list.add("first");
      long fences = medium.counts().fences();
      map.put(1L, "uno");
      map.replace(1L, "one");
      map.remove(2L);
      list.add("second");
      list.set(0, "the first");
      list.removeLast();
      assertEquals(fences + 6, medium.counts().fences(), "fences");
      list.add("third");
      list.remove(0);
      assertEquals(fences + 7 + 3, medium.counts().fences(), "fences");
      for (long key = 0; key < 300; key++) {
        map.put(key, "many");
      }
      map.clear();
      assertTrue(map.isEmpty(), "cleared");
    }
  }
}
