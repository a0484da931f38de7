package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.assertMessage;
import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MemoryMedium;
import dev.cairn.tx.TransactionConflictException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many threads. The timeouts end a test that hangs; no test depends on how fast anything is. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TransactionConcurrencyTest {
  private static final int ACCOUNTS = 16;
  private static final long SEED = Long.getLong("cairn.test.seed", System.nanoTime());

  private TestHeap heap;
  private final VersionedLock[] locks = new VersionedLock[ACCOUNTS];

  @BeforeEach
  void create() throws IOException {
    heap = heap(TestHeap.OPTIONS.lockTimeout());
    for (int i = 0; i < ACCOUNTS; i++) {
      locks[i] = heap.lock();
    }
  }

  @AfterEach
  void close() {
    heap.close();
  }

  private static TestHeap heap(Duration timeout) throws IOException {
    return TestHeap.create(MemoryMedium.anonymous(TestHeap.SIZE, TestHeap.SIZE), timeout);
  }

  private static <T> Future<T> start(Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    new Thread(task).start();
    return task;
  }

  /** Moves money between accounts; every fifth transfer is given up halfway. */
  private void transfer(SplittableRandom random) {
    int from = random.nextInt(ACCOUNTS);
    int to = random.nextInt(ACCOUNTS);
    boolean givesUp = random.nextInt(5) == 0;
    Transaction transaction = heap.transactions.enter();
    try {
      transaction.lock(locks[from]);
      set(transaction, heap.get(from) - 1, from);
      transaction.lock(locks[to]);
      set(transaction, heap.get(to) + 1, to);
      if (givesUp) {
        throw new IllegalArgumentException();
      }
    } catch (Throwable t) {
      throw transaction.exitFailed(t);
    }
    transaction.exit();
  }

  /** Reads all accounts without a lock; null if somebody wrote meanwhile. */
  private boolean sumIsZeroIfUndisturbed() {
    long[] stamps = new long[ACCOUNTS];
    long sum = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
      stamps[i] = locks[i].awaitOptimisticRead();
    }
    for (int i = 0; i < ACCOUNTS; i++) {
      sum += heap.get(i);
    }
    for (int i = 0; i < ACCOUNTS; i++) {
      if (!locks[i].validate(stamps[i])) {
        return true;
      }
    }
    return sum == 0;
  }

  private void runTransfers(ExecutorService executor, int threads, int each) throws Exception {
    System.out.println("seed " + SEED + " (-Dcairn.test.seed)");
    List<Future<Integer>> results = new ArrayList<>();
    try (executor) {
      for (int t = 0; t < threads; t++) {
        SplittableRandom random = new SplittableRandom(SEED + t);
        results.add(
            executor.submit(
                () -> {
                  int conflicts = 0;
                  for (int i = 0; i < each; i++) {
                    try {
                      transfer(random);
                    } catch (TransactionConflictException e) {
                      conflicts++;
                    } catch (IllegalArgumentException e) {
                      assertNull(heap.transactions.current());
                    }
                    assertTrue(sumIsZeroIfUndisturbed());
                  }
                  return conflicts;
                }));
      }
    }
    for (Future<Integer> result : results) {
      result.get();
    }
    long sum = 0;
    for (int i = 0; i < ACCOUNTS; i++) {
      sum += heap.get(i);
      assertEquals(0, locks[i].awaitOptimisticRead() & 1);
    }
    assertEquals(0, sum);
    assertTrue(heap.transactions.commits() > 0);
    heap.transactions.close();
    // Whatever a log still says is void: an open undoes nothing.
    assertTrue(!LogRecovery.read(heap.file).run());
  }

  /** A lane's first use reads its generation: the fault came out as an InternalError. */
  @Test
  void firstUseOfALaneOfAFileThatWasCutShort(@TempDir Path directory) throws IOException {
    Path path = directory.resolve("heap");
    HeapFile file = HeapFile.create(path, TestHeap.OPTIONS.withInitialSize(TestHeap.SIZE));
    Transactions transactions = Transactions.open(file, new TestSpace());
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(HeapLayout.LANES_OFFSET);
    }
    assertThrows(HeapFailedException.class, transactions::enter);
    transactions.close();
    file.close();
  }

  /** A lane whose transaction could not be made stayed taken, and the heap could not be closed. */
  @Test
  void laneIsFreeAgainIfItsTransactionCannotBeMade() throws IOException {
    try (TestHeap impatient = heap(Duration.ofMillis(50))) {
      LaneTable lanes =
          new LaneTable(
              impatient.file,
              lane -> {
                throw new OutOfMemoryError("planted");
              });
      for (int i = 0; i <= HeapLayout.LANE_COUNT; i++) {
        assertThrows(OutOfMemoryError.class, () -> lanes.acquire(ThreadContext.current()));
      }
      lanes.close();
    }
  }

  @Test
  void platformThreadsKeepTheSum() throws Exception {
    runTransfers(Executors.newFixedThreadPool(8), 8, 2000);
  }

  @Test
  void moreVirtualThreadsThanLanesKeepTheSum() throws Exception {
    runTransfers(Executors.newVirtualThreadPerTaskExecutor(), 300, 30);
  }

  @Test
  void morePlatformThreadsThanLanesAllGetTheirTurn() throws Exception {
    int threads = 100;
    CountDownLatch allLanesTaken = new CountDownLatch(64);
    List<Future<Integer>> results = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int index = 100 + t;
      results.add(
          start(
              () -> {
                Transaction transaction = heap.transactions.enter();
                allLanesTaken.countDown();
                allLanesTaken.await();
                set(transaction, index, index);
                transaction.exit();
                return index;
              }));
    }
    for (Future<Integer> result : results) {
      int index = result.get();
      assertEquals(index, heap.get(index));
    }
    assertEquals(threads, heap.transactions.commits());
  }

  @Test
  void whoFindsNoLaneInTimeIsTold() throws Exception {
    try (TestHeap impatient = heap(Duration.ofMillis(1))) {
      CountDownLatch taken = new CountDownLatch(64);
      CountDownLatch end = new CountDownLatch(1);
      List<Future<Boolean>> holders = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        holders.add(
            start(
                () -> {
                  Transaction transaction = impatient.transactions.enter();
                  taken.countDown();
                  end.await();
                  transaction.exit();
                  return true;
                }));
      }
      taken.await();
      TransactionConflictException thrown =
          assertThrows(TransactionConflictException.class, impatient.transactions::enter);
      assertMessage("all 64 lanes were taken", thrown);
      IllegalStateException stays =
          assertThrows(IllegalStateException.class, impatient.transactions::close);
      assertMessage("the heap stays open", stays);
      end.countDown();
      for (Future<Boolean> holder : holders) {
        assertTrue(holder.get());
      }
      set(impatient.transactions.enter(), 1, 0);
      impatient.current().exit();
      impatient.transactions.close();
    }
  }

  /** Each thread takes its own lock, then its neighbour's: a ring. Returns how many gave up. */
  private int deadlock(List<TestHeap> heaps, List<VersionedLock> ring) throws Exception {
    CyclicBarrier holding = new CyclicBarrier(ring.size());
    List<Future<Boolean>> results = new ArrayList<>();
    for (int t = 0; t < ring.size(); t++) {
      int me = t;
      results.add(
          start(
              () -> {
                TestHeap mine = heaps.get(me);
                int next = (me + 1) % ring.size();
                try {
                  mine.transactions.transact(
                      () -> {
                        mine.current().lock(ring.get(me));
                        set(mine.current(), 1, 200 + me);
                        holding.await();
                        TestHeap neighbours = heaps.get(next);
                        return neighbours.transactions.transact(
                            () -> {
                              neighbours.current().lock(ring.get(next));
                              return true;
                            });
                      });
                  assertEquals(1, mine.get(200 + me));
                  return false;
                } catch (TransactionConflictException e) {
                  assertMessage("deadlock", e);
                  assertEquals(0, mine.get(200 + me));
                  return true;
                }
              }));
    }
    int victims = 0;
    for (Future<Boolean> result : results) {
      victims += result.get() ? 1 : 0;
    }
    for (VersionedLock lock : ring) {
      assertEquals(0, lock.awaitOptimisticRead() & 1, "a lock is still held");
    }
    return victims;
  }

  @Test
  void oneOfTwoThreadsInADeadlockGivesUp() throws Exception {
    assertEquals(1, deadlock(List.of(heap, heap), List.of(locks[0], locks[1])));
  }

  @Test
  void oneOfThreeThreadsInADeadlockGivesUp() throws Exception {
    assertEquals(1, deadlock(List.of(heap, heap, heap), List.of(locks[0], locks[1], locks[2])));
  }

  @Test
  void aDeadlockAcrossHeapsIsSeen() throws Exception {
    try (TestHeap other = heap(TestHeap.OPTIONS.lockTimeout())) {
      assertEquals(1, deadlock(List.of(heap, other), List.of(locks[0], other.lock())));
    }
  }

  @Test
  void readingOptimisticallyWhatOneHasLockedIsRefused() {
    Transaction transaction = heap.transactions.enter();
    transaction.lock(locks[0]);
    assertThrows(TransactionConflictException.class, locks[0]::awaitOptimisticRead);
    transaction.exit();
  }

  @Test
  void aLockIsReentrantAndFreedOnce() {
    long stamp = locks[0].awaitOptimisticRead();
    Transaction transaction = heap.transactions.enter();
    transaction.lock(locks[0]);
    transaction.lock(locks[0]);
    heap.transactions.enter().lock(locks[0]);
    transaction.exit();
    assertTrue(!locks[0].validate(stamp));
    transaction.exit();
    assertEquals(stamp + 2, locks[0].awaitOptimisticRead());
  }

  @Test
  void aLockThatIsNotHadInTimeEndsTheTransaction() throws Exception {
    try (TestHeap impatient = heap(Duration.ofMillis(1))) {
      VersionedLock lock = impatient.lock();
      Transaction holder = impatient.transactions.enter();
      holder.lock(lock);
      TransactionConflictException thrown =
          start(
                  () ->
                      assertThrows(
                          TransactionConflictException.class,
                          () ->
                              impatient.transactions.transact(
                                  () -> {
                                    set(impatient.current(), 1, 0);
                                    impatient.current().lock(lock);
                                    return null;
                                  })))
              .get();
      assertMessage("waited 1 ms for a lock held by Thread[", thrown);
      assertEquals(0, impatient.get(0));
      holder.exit();
    }
  }

  /** Waits until a thread waits: it may take long, but not for ever. */
  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING
        && thread.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
  }

  @Test
  void closeWaitsForRunningTransactionsAndRefusesNewOnes() throws Exception {
    AtomicInteger order = new AtomicInteger();
    Transaction running = heap.transactions.enter();
    FutureTask<Integer> closing =
        new FutureTask<>(
            () -> {
              heap.transactions.close();
              return order.incrementAndGet();
            });
    Thread closer = new Thread(closing);
    closer.start();
    awaitWaiting(closer);
    start(() -> assertThrows(IllegalStateException.class, heap.transactions::enter)).get();
    set(running, 1, 0);
    assertEquals(1, order.incrementAndGet());
    running.exit();
    assertEquals(2, closing.get());
    assertEquals(1, heap.get(0));
  }

  /**
   * Two threads closed the heap. The second saw that the first had begun, took it for done, and
   * unmapped the medium under a transaction that the first was still waiting for.
   */
  @Test
  void aSecondCloseWaitsAsWell() throws Exception {
    AtomicInteger order = new AtomicInteger();
    Transaction running = heap.transactions.enter();
    List<FutureTask<Integer>> closers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      FutureTask<Integer> closing =
          new FutureTask<>(
              () -> {
                heap.transactions.close();
                return order.incrementAndGet();
              });
      Thread closer = new Thread(closing);
      closer.start();
      awaitWaiting(closer);
      closers.add(closing);
    }
    assertEquals(1, order.incrementAndGet(), "closed under a running transaction");
    running.exit();
    assertEquals(5, closers.get(0).get() + closers.get(1).get());
  }

  @Test
  void interruptsChangeNothingAndAreRemembered() throws Exception {
    Transaction holder = heap.transactions.enter();
    holder.lock(locks[0]);
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              Thread.currentThread().interrupt();
              Transaction transaction = heap.transactions.enter();
              transaction.lock(locks[0]);
              set(transaction, heap.get(0) + 1, 0);
              transaction.exit();
              boolean remembered = Thread.interrupted();
              Thread.currentThread().interrupt();
              locks[0].awaitOptimisticRead();
              return remembered && Thread.interrupted();
            });
    Thread waiting = new Thread(task);
    waiting.start();
    awaitWaiting(waiting);
    waiting.interrupt();
    set(holder, 41, 0);
    holder.exit();
    assertTrue(task.get());
    assertEquals(42, heap.get(0));
  }

  /** A medium whose fence fails from some moment on, with or without a cause. */
  private static final class FailingMedium extends ForwardingMedium {
    volatile boolean fails;

    FailingMedium() throws IOException {
      super(MemoryMedium.anonymous(TestHeap.SIZE, TestHeap.SIZE));
    }

    @Override
    public void fence() {
      if (fails) {
        throw new HeapFailedException("the device is gone", null);
      }
      super.fence();
    }
  }

  /**
   * The medium's exception had no cause, and was taken for one that the heap itself had thrown: the
   * heap was not marked as failed. Who waited for the lock waited for the whole timeout, and was
   * then told to try again.
   */
  @Test
  void whenTheMediumFailsEverybodyIsTold() throws Exception {
    FailingMedium medium = new FailingMedium();
    TestHeap failing = TestHeap.create(medium);
    VersionedLock lock = failing.lock();
    Transaction transaction = failing.transactions.enter();
    transaction.lock(lock);
    set(transaction, 1, 0);
    List<Thread> threads = new ArrayList<>();
    List<FutureTask<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      boolean reads = i % 2 == 0;
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                if (reads) {
                  lock.awaitOptimisticRead();
                } else {
                  failing.transactions.transact(
                      () -> {
                        failing.current().lock(lock);
                        return null;
                      });
                }
                return null;
              });
      Thread thread = new Thread(task);
      thread.start();
      threads.add(thread);
      waiting.add(task);
    }
    threads.forEach(TransactionConcurrencyTest::awaitWaiting);

    medium.fails = true;
    HeapFailedException thrown = assertThrows(HeapFailedException.class, transaction::exit);
    assertMessage("the device is gone", thrown);
    for (FutureTask<Void> task : waiting) {
      ExecutionException told = assertThrows(ExecutionException.class, task::get);
      assertInstanceOf(HeapFailedException.class, told.getCause());
    }
    assertNull(failing.transactions.current());
    assertThrows(HeapFailedException.class, failing.transactions::enter);
    assertThrows(HeapFailedException.class, failing.file::checkUsable);
    failing.transactions.close();
    failing.close();
  }

  @Test
  void aFailureDuringTheSealFailsTheHeapWhenTheTransactionEnds() throws Exception {
    FailingMedium medium = new FailingMedium();
    TestHeap failing = TestHeap.create(medium);
    medium.fails = true;
    HeapFailedException thrown =
        assertThrows(
            HeapFailedException.class,
            () ->
                failing.transactions.transact(
                    () -> {
                      set(failing.current(), 1, 0);
                      return null;
                    }));
    assertMessage("the device is gone", thrown);
    assertThrows(HeapFailedException.class, failing.transactions::enter);
    assertEquals(0, failing.file.accessor().getWord(word(0)));
    failing.close();
  }

  /** A fault of the mapping is an InternalError in Java; users see that the heap has failed. */
  @Test
  void aFaultOfTheMappingFailsTheHeap() {
    HeapFailedException thrown =
        assertThrows(
            HeapFailedException.class,
            () ->
                heap.transactions.transact(
                    () -> {
                      set(heap.current(), 1, 0);
                      throw new InternalError("a fault occurred in an unsafe memory access");
                    }));
    assertInstanceOf(InternalError.class, thrown.getCause());
    assertThrows(HeapFailedException.class, heap.transactions::enter);
  }
}
