package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.tx.TransactionConflictException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads, platform and virtual ones, on the same collections. */
@Timeout(120) // ends what hangs; nothing depends on it
class ConcurrencyTest {
  private final PersistentHeap heap = TestHeaps.inMemory(32 * TestHeaps.MIB);
  private final PersistentHashMap<Long, Long> map =
      heap.map("map", Types.LONG, Types.LONG, Collisions.SEED);
  private final PersistentArrayList<Long> list = heap.list("list", Types.LONG);

  @AfterEach
  void verifyAndClose() {
    heap.verify();
    heap.close();
  }

  private long sum() {
    return map.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * A transaction that had looked a name up kept the catalog's lock, and waited for who held the
   * monitor of the collections in use; that one waited for the catalog's lock: until the timeout.
   */
  @Test
  void collectionsCanBeOpenedInTransactionsWhileOthersMakeThem() throws Exception {
    AnonymousMedium medium = AnonymousMedium.of(4 * TestHeaps.MIB);
    try (PersistentHeap first = PersistentHeap.create(medium, TestHeaps.OPTIONS)) {
      first.list("a", Types.LONG);
      first.list("b", Types.LONG);
    }
    PersistentHeap second =
        PersistentHeap.open(medium, TestHeaps.OPTIONS.withLockTimeout(Duration.ofSeconds(5)));
    CountDownLatch looked = new CountDownLatch(1);
    CountDownLatch made = new CountDownLatch(1);
    TestHeaps.inThreads(
        2,
        thread -> {
          if (thread == 0) {
            second.transact(
                () -> {
                  second.list("a", Types.LONG);
                  looked.countDown();
                  assertTrue(made.await(60, TimeUnit.SECONDS), "waits for this transaction");
                  second.list("b", Types.LONG);
                });
          } else {
            looked.await();
            second.list("new", Types.LONG);
            made.countDown();
          }
        });
    second.close();
  }

  @Test
  void readersInTransactionsSeeWholeTransfers() throws Exception {
    map.put(1L, 500L);
    map.put(2L, 500L);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger looks = new AtomicInteger();
    TestHeaps.inThreads(
        4,
        thread -> {
          if (thread == 0) {
            for (long i = 1; i <= 3000; i++) {
              long amount = i % 7;
              TestHeaps.retry(
                  () ->
                      heap.transact(
                          () -> {
                            map.merge(1L, -amount, Long::sum);
                            map.merge(2L, amount, Long::sum);
                          }));
            }
            done.set(true);
          } else {
            do {
              TestHeaps.retry(
                  () -> {
                    long total =
                        heap.transact(() -> map.getOrDefault(1L, 0L) + map.getOrDefault(2L, 0L));
                    assertEquals(1000L, total);
                  });
              looks.incrementAndGet();
            } while (!done.get());
          }
        });
    assertTrue(looks.get() >= 3);
    assertEquals(1000, sum());
  }

  /** A transaction stores an odd number and then an even one: nobody may see the odd one. */
  @Test
  void singleReadsSeeCommittedValuesOnly() throws Exception {
    map.put(1L, 0L);
    list.add(0L);
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        4,
        thread -> {
          if (thread == 0) {
            for (long i = 0; i < 4000; i += 2) {
              long even = i;
              boolean abort = i % 10 == 0;
              try {
                heap.transact(
                    () -> {
                      map.put(1L, even + 1);
                      list.set(0, even + 1);
                      if (abort) {
                        throw new World.Undo();
                      }
                      map.put(1L, even + 2);
                      list.set(0, even + 2);
                    });
              } catch (dev.cairn.tx.TransactionAbortedException undone) {
                assertTrue(undone.getCause() instanceof World.Undo, undone::toString);
              }
            }
            done.set(true);
          } else {
            long last = 0;
            do {
              long seen = map.getOrDefault(1L, -1L);
              assertEquals(0, seen % 2);
              assertTrue(seen >= last, "back in time: " + seen + " after " + last);
              last = seen;
              assertEquals(0, list.get(0) % 2);
              assertEquals(0, map.values().iterator().next() % 2);
            } while (!done.get());
          }
        });
  }

  @Test
  void noIncrementIsLost() throws Exception {
    int threads = 6;
    int rounds = 500;
    TestHeaps.inThreads(
        threads,
        thread -> {
          for (int i = 0; i < rounds; i++) {
            map.merge(1L, 1L, Long::sum);
            map.compute(2L, (key, value) -> value == null ? 1L : value + 1);
            TestHeaps.retry(() -> heap.transact(() -> map.put(3L, map.getOrDefault(3L, 0L) + 1)));
            long expected;
            do {
              map.putIfAbsent(4L, 0L);
              expected = map.getOrDefault(4L, 0L);
            } while (!map.replace(4L, expected, expected + 1));
          }
        });
    long all = (long) threads * rounds;
    assertEquals(Map.of(1L, all, 2L, all, 3L, all, 4L, all), map);
  }

  @Test
  void deadlocksEnd() throws Exception {
    long accounts = 16;
    for (long i = 0; i < accounts; i++) {
      map.put(i, 100L);
    }
    long seed = TestHeaps.seed("deadlocksEnd");
    AtomicInteger transfers = new AtomicInteger();
    TestHeaps.inThreads(
        8,
        thread -> {
          Random random = new Random(seed + thread);
          for (int i = 0; i < 200; i++) {
            long from = random.nextLong(accounts);
            long to = random.nextLong(accounts);
            TestHeaps.retry(
                () ->
                    heap.transact(
                        () -> {
                          map.merge(from, -1L, Long::sum);
                          map.merge(to, 1L, Long::sum);
                        }));
            transfers.incrementAndGet();
          }
        });
    assertEquals(1600, transfers.get());
    assertEquals(100 * accounts, sum());
  }

  /** Two transactions that certainly wait for each other: one gives up, and none waits for ever. */
  @Test
  void certainDeadlockEndsForOneOfTheTwo() throws Exception {
    long second = 1;
    while (stripe(second) == stripe(0)) {
      second++;
    }
    long[] keys = {0, second};
    CyclicBarrier bothHoldOne = new CyclicBarrier(2);
    AtomicInteger conflicts = new AtomicInteger();
    TestHeaps.inThreads(
        2,
        thread -> {
          try {
            heap.transact(
                () -> {
                  map.merge(keys[thread], 1L, Long::sum);
                  bothHoldOne.await();
                  map.merge(keys[1 - thread], 1L, Long::sum);
                });
          } catch (TransactionConflictException conflict) {
            conflicts.incrementAndGet();
          }
        });
    assertEquals(1, conflicts.get());
    assertEquals(Map.of(0L, 1L, second, 1L), map);
  }

  private static int stripe(long key) {
    return HashMapLayout.stripeOf((int) Types.LONG.hash(key, Collisions.SEED));
  }

  @Test
  void thousandsOfVirtualThreads() throws Exception {
    int threads = 3000;
    TestHeaps.inVirtualThreads(
        threads,
        thread -> {
          map.put((long) thread, (long) thread);
          TestHeaps.retry(
              () ->
                  heap.transact(
                      () -> {
                        map.merge(-1L, 1L, Long::sum);
                        list.add((long) thread);
                      }));
        });
    assertEquals((long) threads, map.remove(-1L));
    assertEquals(threads, map.size());
    assertEquals(LongStream.range(0, threads).boxed().toList(), list.stream().sorted().toList());
  }

  @Test
  void iteratorsShowEachUntouchedEntryOnceWhileTheMapGrows() throws Exception {
    int fixed = 2000;
    for (long i = 0; i < fixed; i++) {
      map.put(i, i);
    }
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (long i = fixed; i < 20_000; i++) {
              map.put(i, i);
              if (i % 3 == 0) {
                map.remove(i - 1);
              }
            }
            done.set(true);
          } else {
            do {
              Set<Long> seen = new HashSet<>();
              int untouched = 0;
              for (long key : map.keySet()) {
                assertTrue(seen.add(key), () -> "twice: " + key);
                untouched += key < fixed ? 1 : 0;
              }
              assertEquals(fixed, untouched);
            } while (!done.get());
          }
        });
  }

  @Test
  void listIsReadWhileItGrowsAndIsEmptied() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        4,
        thread -> {
          if (thread == 0) {
            for (int round = 0; round < 20; round++) {
              for (long i = 0; i < 200; i++) {
                list.add(i);
              }
              list.clear();
            }
            done.set(true);
          } else {
            do {
              Object[] snapshot = list.toArray();
              for (int i = 0; i < snapshot.length; i++) {
                assertEquals((long) i, snapshot[i]);
              }
              assertEquals(-1, list.indexOf(-5L));
            } while (!done.get());
          }
        });
    assertEquals(List.of(), list);
  }

  @Test
  void appendsOfManyThreadsAreAllThereInTheOrderOfEach() throws Exception {
    int threads = 4;
    int rounds = 500;
    TestHeaps.inThreads(
        threads,
        thread -> {
          for (long i = 0; i < rounds; i++) {
            list.add(thread * 1000L + i);
          }
        });
    Map<Long, Long> next = new HashMap<>();
    for (long element : list) {
      long expected = next.merge(element / 1000, 1L, Long::sum) - 1;
      assertEquals(expected, element % 1000);
    }
    assertEquals(threads * rounds, list.size());
  }

  @Test
  @Tag("long")
  void verifyRunsBesideTransactions() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (int i = 0; i < 300; i++) {
              TestHeaps.retry(heap::verify);
            }
            done.set(true);
          } else {
            for (long i = 0; !done.get(); i++) {
              long key = i % 5000;
              TestHeaps.retry(
                  () ->
                      heap.transact(
                          () -> {
                            map.merge(key, 1L, Long::sum);
                            map.remove(key + 2500);
                          }));
            }
          }
        });
  }
}
