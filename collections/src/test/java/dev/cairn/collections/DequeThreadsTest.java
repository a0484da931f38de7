package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapOptions;
import dev.cairn.tx.TransactionAbortedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Producers and consumers on one deque, and those who wait. */
@Timeout(120) // ends what hangs; nothing depends on it
class DequeThreadsTest {
  /** Longer than any test may take. */
  private static final long LONG = 100;

  private final PersistentHeap heap = TestHeaps.inMemory(16 * TestHeaps.MIB);
  private final PersistentDeque<Long> deque = heap.deque("deque", Types.LONG);

  private boolean isClosed;

  @AfterEach
  void verifyAndClose() {
    if (!isClosed) {
      heap.verify();
      heap.close();
    }
  }

  private static void assertEachOnce(AtomicIntegerArray times) {
    for (int i = 0; i < times.length(); i++) {
      assertEquals(1, times.get(i), "element " + i);
    }
  }

  /** From both ends, alone and in transactions of which every third is undone. */
  @Test
  void eachElementIsTakenOnce() throws Exception {
    int producers = 3;
    int each = 3000;
    AtomicIntegerArray taken = new AtomicIntegerArray(producers * each);
    TestHeaps.inThreads(
        2 * producers,
        thread -> {
          if (thread < producers) {
            for (long i = 0; i < each; i++) {
              long element = (long) thread * each + i;
              if (i % 2 == 0) {
                deque.addLast(element);
              } else {
                deque.addFirst(element);
              }
            }
            return;
          }
          for (int i = 0; i < each; i++) {
            taken.incrementAndGet((int) (long) takeOne(i));
          }
        });
    assertEachOnce(taken);
    assertTrue(deque.isEmpty());
  }

  private Long takeOne(int i) throws InterruptedException {
    for (int attempt = i; ; attempt++) {
      assertTrue(deque.awaitElement(Duration.ofSeconds(LONG)));
      Long element;
      try {
        boolean isUndone = attempt % 3 == 0;
        element =
            attempt % 2 == 0
                ? deque.pollFirst()
                : heap.transact(
                    () -> {
                      Long found = deque.pollLast();
                      if (isUndone) {
                        throw new World.Undo();
                      }
                      return found;
                    });
      } catch (TransactionAbortedException e) {
        continue;
      }
      if (element != null) {
        return element;
      }
    }
  }

  /** The order of one producer is that of the queue, whoever takes. */
  @Test
  void aQueueOfLimitedCapacityKeepsTheOrder() throws Exception {
    BlockingQueue<Long> queue = deque.blocking(10);
    int each = 2000;
    List<Long> seen = new ArrayList<>();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread < 2) {
            for (long i = 0; i < each; i++) {
              queue.put((long) thread * each + i);
            }
            return;
          }
          while (seen.size() < 2 * each) {
            assertTrue(queue.size() <= 10);
            seen.add(queue.take());
          }
        });
    assertEquals(
        LongStream.range(0, each).boxed().toList(),
        seen.stream().filter(element -> element < each).toList());
    assertEquals(
        LongStream.range(each, 2L * each).boxed().toList(),
        seen.stream().filter(element -> element >= each).toList());
  }

  @Test
  void virtualThreadsWaitToo() throws Exception {
    BlockingQueue<Long> queue = deque.blocking();
    AtomicIntegerArray taken = new AtomicIntegerArray(50);
    TestHeaps.inVirtualThreads(
        100,
        thread -> {
          if (thread % 2 == 0) {
            taken.incrementAndGet((int) (long) queue.take());
          } else {
            Thread.sleep(1);
            queue.put(thread / 2L);
          }
        });
    assertEachOnce(taken);
  }

  /**
   * Who walks sees what was there all the time, once, and nothing of a transaction that is undone.
   */
  @Test
  void iteratorsAreWeaklyConsistent() throws Exception {
    List<Long> stays = LongStream.range(0, 500).map(i -> 10 * i).boxed().toList();
    deque.addAll(stays);
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (int i = 0; i < 300; i++) {
              boolean isUndone = i % 2 == 0;
              long number = i;
              try {
                heap.transact(
                    () -> {
                      for (int j = 0; j < 80; j++) {
                        deque.addFirst(isUndone ? -1L : number * 10 + 1);
                        deque.addLast(isUndone ? -1L : number * 10 + 1);
                      }
                      if (isUndone) {
                        throw new World.Undo();
                      }
                    });
                deque.removeIf(element -> element % 10 == 1);
              } catch (TransactionAbortedException e) {
                assertTrue(isUndone);
              }
            }
            done.set(true);
            return;
          }
          boolean isLast;
          do {
            isLast = done.get();
            assertTrue(deque.blocking().stream().count() >= stays.size());
            List<Long> seen = new ArrayList<>();
            Iterator<Long> walk = thread == 1 ? deque.iterator() : deque.descendingIterator();
            walk.forEachRemaining(seen::add);
            assertFalse(seen.contains(-1L));
            List<Long> found = seen.stream().filter(element -> element % 10 == 0).toList();
            assertEquals(stays, thread == 1 ? found : found.reversed());
          } while (!isLast);
        });
  }

  @Test
  void whoWaitsIsInterrupted() throws Exception {
    BlockingQueue<Long> queue = deque.blocking(1);
    assertInterrupted(queue::take);
    assertInterrupted(() -> queue.poll(LONG, TimeUnit.SECONDS));
    assertInterrupted(() -> deque.awaitElement(Duration.ofSeconds(LONG)));
    queue.add(1L);
    assertInterrupted(
        () -> {
          queue.put(2L);
          return true;
        });
    assertInterrupted(() -> queue.offer(2L, LONG, TimeUnit.SECONDS));
    assertEquals(1, deque.size());
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, queue::take, "there was an element");
    assertFalse(Thread.interrupted());
  }

  private static void assertInterrupted(java.util.concurrent.Callable<?> waiting) throws Exception {
    CountDownLatch begins = new CountDownLatch(1);
    AtomicBoolean wasInterrupted = new AtomicBoolean();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  begins.countDown();
                  try {
                    waiting.call();
                  } catch (InterruptedException e) {
                    wasInterrupted.set(true);
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                });
    begins.await();
    Thread.sleep(20);
    thread.interrupt();
    thread.join();
    assertTrue(wasInterrupted.get());
  }

  /** Timeouts and interrupts end a wait, though a transaction holds the deque all the time. */
  @Test
  void whoWaitsDoesNotWaitForTransactions() throws Exception {
    BlockingQueue<Long> queue = deque.blocking(1);
    CountDownLatch holds = new CountDownLatch(1);
    CountDownLatch isDone = new CountDownLatch(1);
    TestHeaps.inThreads(
        2,
        thread -> {
          if (thread == 0) {
            heap.transact(
                () -> {
                  deque.add(7L);
                  holds.countDown();
                  assertTrue(isDone.await(LONG, TimeUnit.SECONDS));
                });
            return;
          }
          holds.await();
          assertNull(queue.poll(1, TimeUnit.MILLISECONDS));
          assertFalse(queue.offer(1L, 1, TimeUnit.MILLISECONDS));
          assertFalse(deque.awaitElement(Duration.ofMillis(1)));
          assertInterrupted(queue::take);
          isDone.countDown();
          assertEquals(7L, queue.take());
        });
  }

  /** Takers run on while transactions hold the deque for longer than the heap's lock timeout. */
  @Test
  void takersOutliveLongTransactions() throws Exception {
    HeapOptions impatient = HeapOptions.defaults().withLockTimeout(Duration.ofMillis(20));
    try (PersistentHeap other =
        PersistentHeap.create(AnonymousMedium.of(4 * TestHeaps.MIB), impatient)) {
      PersistentDeque<Long> slow = other.deque("slow", Types.LONG);
      BlockingQueue<Long> queue = slow.blocking();
      TestHeaps.inThreads(
          2,
          thread -> {
            for (long i = 0; i < 5; i++) {
              long element = i;
              if (thread == 0) {
                TestHeaps.retry(
                    () ->
                        other.transact(
                            () -> {
                              slow.add(element);
                              Thread.sleep(60);
                            }));
              } else {
                assertEquals(element, queue.take());
              }
            }
          });
    }
  }

  @Test
  void whoWaitsHearsThatTheHeapIsClosed() throws Exception {
    BlockingQueue<Long> queue = deque.blocking();
    CountDownLatch begins = new CountDownLatch(1);
    TestHeaps.inThreads(
        2,
        thread -> {
          if (thread == 0) {
            begins.countDown();
            assertThrows(IllegalStateException.class, queue::take);
          } else {
            begins.await();
            Thread.sleep(20);
            isClosed = true;
            heap.close();
          }
        });
  }

  /** Nobody else could change it meanwhile. */
  @Test
  void nothingWaitsInATransaction() {
    BlockingQueue<Long> queue = deque.blocking(2);
    heap.transact(
        () -> {
          assertThrows(IllegalStateException.class, queue::take);
          assertThrows(IllegalStateException.class, () -> queue.poll(LONG, TimeUnit.SECONDS));
          assertThrows(
              IllegalStateException.class, () -> deque.awaitElement(Duration.ofSeconds(LONG)));
          assertNull(queue.poll(0, TimeUnit.SECONDS));
          queue.put(1L);
          queue.put(2L);
          assertThrows(IllegalStateException.class, () -> queue.put(3L));
          assertFalse(queue.offer(3L, 0, TimeUnit.SECONDS));
          assertEquals(1L, queue.take());
        });
    assertEquals(List.of(2L), new ArrayList<>(queue));
  }

  @Test
  void aQueueKnowsItsCapacity() throws InterruptedException {
    assertThrows(IllegalArgumentException.class, () -> deque.blocking(0));
    assertEquals(Integer.MAX_VALUE, deque.blocking().remainingCapacity());
    BlockingQueue<Long> queue = deque.blocking(3);
    assertEquals(3, queue.remainingCapacity());
    assertTrue(queue.offer(1L));
    assertTrue(queue.offer(2L, LONG, TimeUnit.SECONDS));
    assertTrue(queue.add(3L));
    assertFalse(queue.offer(4L));
    assertFalse(queue.offer(4L, 1, TimeUnit.MILLISECONDS));
    assertThrows(IllegalStateException.class, () -> queue.add(4L));
    assertEquals(0, queue.remainingCapacity());
    deque.add(4L); // others do not know of it
    assertEquals(0, queue.remainingCapacity());
    assertFalse(queue.offer(5L));
    assertTrue(queue.contains(4L));
    assertTrue(queue.remove(4L));
    assertEquals(1L, queue.peek());
    assertEquals(1L, queue.poll());
    assertEquals(2L, queue.poll(1, TimeUnit.SECONDS));
    assertThrows(NullPointerException.class, () -> queue.offer(TestHeaps.nothing()));
    assertThrows(
        NullPointerException.class,
        () -> queue.offer(TestHeaps.nothing(), 1, TimeUnit.MILLISECONDS));
    queue.clear();
    assertNull(queue.poll(1, TimeUnit.MILLISECONDS));
  }

  @Test
  void aQueueIsDrainedAtOnce() {
    BlockingQueue<Long> queue = deque.blocking();
    deque.addAll(LongStream.range(0, 200).boxed().toList());
    List<Long> first = new ArrayList<>();
    assertEquals(0, queue.drainTo(first, -1));
    assertEquals(3, queue.drainTo(first, 3));
    assertEquals(List.of(0L, 1L, 2L), first);
    assertThrows(IllegalArgumentException.class, () -> queue.drainTo(queue));
    assertThrows(IllegalArgumentException.class, () -> queue.drainTo(deque));
    assertThrows(IllegalArgumentException.class, () -> queue.drainTo(deque.blocking(5)));
    assertThrows(NullPointerException.class, () -> queue.drainTo(TestHeaps.nothing()));
    List<Long> fixed = Arrays.asList(1L);
    assertThrows(UnsupportedOperationException.class, () -> queue.drainTo(fixed));
    assertEquals(197, deque.size(), "nothing was taken");
    Collection<Long> list = heap.list("list", Types.LONG);
    assertEquals(197, queue.drainTo(list)); // from one to the other, in one transaction
    assertEquals(LongStream.range(3, 200).boxed().toList(), new ArrayList<>(list));
    assertTrue(queue.isEmpty());
    assertEquals(0, queue.drainTo(list));
  }
}
