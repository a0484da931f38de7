package dev.cairn.tx.spi;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.tx.TransactionAbortedException;
import dev.cairn.tx.TransactionConflictException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of an open heap: recovers those that a crash cut short, hands out lanes, joins
 * nested ones.
 *
 * <p>Safe for use by many threads, virtual ones too. At most {@value HeapLayout#LANE_COUNT}
 * transactions run at once; others wait their turn, for at most the heap's lock timeout.
 */
public final class Transactions {
  private final HeapFile file;
  private final LaneTable lanes;
  private final boolean recovered;

  private Transactions(HeapFile file, LogSpace space, boolean recovered) {
    this.file = file;
    this.recovered = recovered;
    this.lanes = new LaneTable(file, lane -> new Transaction(this, file, space, lane));
  }

  /**
   * Undoes what was running when the heap was last used, stores again what had committed and may
   * not be in place, and makes ready for new transactions. Idempotent, so that a crash during it is
   * a crash like any other. Costs up to two fences, and a look at each lane.
   *
   * @param file the open heap
   * @param space where logs grow; not used before this returns
   * @return the heap's transactions
   * @throws dev.cairn.heap.HeapCorruptedException if a valid log record makes no sense; nothing was
   *     changed
   */
  public static Transactions open(HeapFile file, LogSpace space) {
    return open(file, space, LogRecovery.read(file));
  }

  /**
   * As above, with logs that have been read: between the two, more can be checked before anything
   * is stored.
   *
   * @param file the open heap
   * @param space where logs grow; not used before this returns
   * @param recovery read from this heap just now
   * @return the heap's transactions
   */
  public static Transactions open(HeapFile file, LogSpace space, LogRecovery recovery) {
    return new Transactions(file, space, recovery.run());
  }

  /**
   * Says whether the open found something to do: as a rule, after a crash.
   *
   * @return whether a transaction was rolled back, or a committed one stored again
   */
  public boolean recovered() {
    return recovered;
  }

  /**
   * Counts the transactions that changed something and committed since the heap was opened.
   *
   * @return the number, not exact while others commit
   */
  public long commits() {
    return lanes.commits();
  }

  /**
   * Checks the lanes: their reserved words are zero, and their logs void. For a quiet heap: no
   * other transaction may have declared anything.
   *
   * @param findings is told of everything that is wrong
   */
  public void verify(Consumer<HeapCorruptedException> findings) {
    LogRollback log = new LogRollback(file.accessor(), new LineSet());
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      long offset = LaneLayout.offset(lane);
      for (long at = offset + Long.BYTES; at < offset + LaneLayout.LOG; at += Long.BYTES) {
        long word = file.accessor().getWord(at);
        if (word != 0) {
          findings.accept(corrupted("lane " + lane, at, "reserved words of zero", word));
        }
      }
      long generation = file.accessor().getWord(offset + LaneLayout.GENERATION);
      if (!log.isVoid(lane, generation)) {
        String expected = "no valid record of its generation";
        findings.accept(
            corrupted("log of lane " + lane, offset + LaneLayout.LOG, expected, generation));
      }
    }
  }

  private static HeapCorruptedException corrupted(
      String structure, long offset, String expected, long actual) {
    return new HeapCorruptedException(structure, offset, expected, "0x" + Long.toHexString(actual));
  }

  /**
   * Returns the calling thread's transaction.
   *
   * @return the transaction, or null if none is running
   */
  public @Nullable Transaction current() {
    return ThreadContext.current().running(this);
  }

  /**
   * Joins the calling thread's transaction, or begins one. End it with {@link Transaction#exit} or
   * {@link Transaction#exitFailed}. Costs no fence.
   *
   * @return the transaction
   * @throws IllegalStateException if the heap is closed
   * @throws HeapFailedException if the heap has failed
   * @throws TransactionConflictException if no lane becomes free in time
   */
  public Transaction enter() {
    ThreadContext context = ThreadContext.current();
    Transaction running = context.running(this);
    if (running != null) {
      running.join();
      return running;
    }
    Transaction transaction = acquireLane(context);
    transaction.begin(context);
    context.started(transaction);
    return transaction;
  }

  private Transaction acquireLane(ThreadContext context) {
    try {
      return lanes.acquire(context);
    } catch (InternalError fault) { // a lane's first use reads its generation
      throw Transactions.<RuntimeException>raise(translate(fault));
    }
  }

  /**
   * Runs a body as one transaction. If the thread has one already, joins it; then only the
   * outermost commits.
   *
   * @param <T> what the body returns
   * @param body may throw anything
   * @return what the body returned; all its changes are durable if this was the outermost
   * @throws TransactionAbortedException if the body threw, with that as its cause; everything is
   *     undone, that of outer transactions too
   */
  public <T extends @Nullable Object> T transact(Callable<T> body) {
    Transaction transaction = enter();
    T result;
    try {
      result = body.call();
    } catch (Throwable t) {
      Throwable translated = translate(t);
      Throwable thrown = translated instanceof Error ? translated : aborted(translated);
      transaction.doom(thrown);
      throw transaction.exitFailed(thrown);
    }
    transaction.exit();
    return result;
  }

  /**
   * Refuses new transactions and waits for those that run. Makes durable in place what they have
   * published, and their records void: two fences, or none if nothing was published. After this, no
   * thread flushes.
   *
   * @throws IllegalStateException if the calling thread is in a transaction of this heap, or others
   *     do not end within the lock timeout; the heap stays open
   */
  public void close() {
    if (current() != null) {
      throw new IllegalStateException(file.name() + ": close inside a transaction");
    }
    if (lanes.close()) {
      retireAll();
    }
  }

  /** Leaves nothing to a recovery. */
  private void retireAll() {
    try {
      file.checkUsable();
    } catch (HeapFailedException | IllegalStateException unusable) {
      return; // then recovery has to find out what was durable
    }
    try {
      settle(lanes.all());
      if (lanes.all().stream().anyMatch(transaction -> transaction.publisher().published() > 0)) {
        LogRecovery.raiseEra(file.protocolAccessor());
      }
    } catch (HeapFailedException | InternalError e) {
      throw fail("close", e);
    }
  }

  /** Makes durable in place what transactions have published, whose lanes the caller has. */
  private void settle(List<Transaction> owned) {
    boolean isFlushed = false;
    for (Transaction transaction : owned) {
      isFlushed |= transaction.publisher().flushUnsettled();
    }
    if (isFlushed) {
      file.protocolAccessor().fence();
    }
    owned.forEach(transaction -> transaction.publisher().fenced());
  }

  /** Lets what the running transaction's lane, and idle ones, keep be allocated. Two fences. */
  synchronized boolean reclaim(Transaction running) {
    List<Transaction> owned = lanes.takeIdle(idle -> idle.publisher().hasFreed());
    try {
      List<Transaction> keeping = new ArrayList<>(owned);
      if (running.publisher().hasFreed()) {
        keeping.add(running);
      }
      retire(keeping);
      return !keeping.isEmpty();
    } finally {
      owned.forEach(lanes::release);
    }
  }

  /** Makes the records of lanes void, which the caller has, so that what they freed is free. */
  void retire(List<Transaction> owned) {
    if (owned.isEmpty()) {
      return;
    }
    try {
      settle(owned);
      owned.forEach(transaction -> transaction.publisher().voidRecords());
      file.protocolAccessor().fence();
    } catch (Throwable t) {
      throw fail("retiring records", t);
    }
    owned.forEach(transaction -> transaction.publisher().releaseAllFreed());
  }

  String name() {
    return file.name();
  }

  void checkUsable() {
    file.checkUsable();
  }

  void ended(Transaction transaction, ThreadContext context) {
    context.ended(transaction);
    lanes.release(transaction);
  }

  /** Poisons the heap. */
  RuntimeException fail(String what, Throwable cause) {
    return file.fail(what, cause);
  }

  /**
   * Turns a fault of the mapping into what users should see: an access to a page that is not there
   * any more is an {@link InternalError}, and the heap has failed.
   *
   * @param failure what an access threw
   * @return what to throw
   */
  public Throwable translate(Throwable failure) {
    return isFault(failure) ? file.fail("access to the mapped file", failure) : failure;
  }

  /** Whether the JVM met a missing page; other internal errors are somebody else's. */
  private static boolean isFault(Throwable failure) {
    return failure instanceof InternalError
        && failure.getMessage() != null
        && failure.getMessage().contains("unsafe memory access");
  }

  /** Whether a failure of an inner operation must end the whole transaction. */
  static boolean isFatal(Throwable failure) {
    return failure instanceof TransactionAbortedException
        || failure instanceof HeapFailedException
        || failure instanceof Error;
  }

  static RuntimeException aborted(@Nullable Throwable cause) {
    if (cause instanceof TransactionAbortedException already) {
      return already;
    }
    if (cause instanceof HeapFailedException failed) {
      return failed;
    }
    return new TransactionAbortedException(
        "the transaction's body, or an operation in it, threw %s; everything is undone"
            .formatted(cause),
        cause);
  }

  /** Throws what a body threw as what it is, even where the compiler cannot know of it. */
  @SuppressWarnings("unchecked")
  static <X extends Throwable> RuntimeException raise(Throwable failure) throws X {
    throw (X) failure;
  }
}
