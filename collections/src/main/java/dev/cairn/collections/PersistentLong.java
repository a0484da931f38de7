package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.Transactions;
import dev.cairn.tx.spi.VersionedLock;
import java.util.Objects;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A long that lives in a heap: a counter, the next number of a sequence, a high-water mark. Get one
 * from {@link PersistentHeap#longValue}; a new one is 0. Methods are named as those of {@link
 * java.util.concurrent.atomic.AtomicLong}.
 *
 * <p><b>Durability.</b> An operation that changes the value is durable when it returns. Inside
 * {@link PersistentHeap#transact} it becomes durable, and visible to other threads, with the
 * transaction; undone, it has not happened. So a number that {@link #incrementAndGet} gave out is
 * never given out again after a crash; with what it is used for in the same transaction, none is
 * left out either.
 *
 * <p><b>Threads.</b> Safe for use by many. Single operations are linearizable. Readers see
 * committed state only; they take no lock and write no shared memory. While a transaction that has
 * changed the value runs, they wait. Inside a transaction, reading locks the value just as changing
 * does, so that what was read stays true until the commit.
 *
 * <p><b>Cost.</b> {@code get}: no fence. A change, alone: one fence, and two flushed lines. One
 * that leaves the value as it is: none. Inside a transaction none of their own. Nothing is
 * allocated on the Java heap, but 16 bytes by {@link #getAndUpdate} and {@link #updateAndGet}.
 *
 * <p>All methods throw {@link dev.cairn.heap.HeapCorruptedException} if the value's line was lost
 * or is that of something else. The value itself has no checksum: one that was damaged into another
 * is not noticed.
 */
public final class PersistentLong {
  private final Transactions transactions;
  private final Guard guard;
  private final VersionedLock lock;
  private final MediumAccessor accessor;
  private final long offset;

  private PersistentLong(OpenHeap heap, long offset) {
    this.transactions = heap.transactions();
    this.guard = new Guard(heap, "long", offset);
    this.lock = new VersionedLock(heap.file(), offset + CellLayout.MARK);
    this.accessor = heap.accessor();
    this.offset = offset;
  }

  /** Writes a 0 into fresh memory, as part of a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction) {
    long offset = heap.allocator().allocate(transaction, CellLayout.CELL_SIZE);
    heap.accessor().fill(offset, CellLayout.CELL_SIZE, (byte) 0);
    heap.accessor().putWord(offset, CellLayout.header(BlockHeader.LONG, offset));
    return offset;
  }

  /** Opens the long that lies at an offset. */
  static PersistentLong open(OpenHeap heap, long offset) {
    try {
      CellVerifier.checkBlock(heap, BlockHeader.LONG, offset);
      return new PersistentLong(heap, offset);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, "long", offset);
    }
  }

  // Reading.

  /**
   * Reads the value. No fence, and no lock outside of transactions.
   *
   * @return the value
   */
  public long get() {
    // What Guard.read does, without a lambda and its boxes.
    if (guard.readsWithoutLock()) {
      for (int i = 0; i < Guard.OPTIMISTIC_ATTEMPTS; i++) {
        long stamp = lock.awaitOptimisticRead();
        try {
          long value = read(null);
          if (lock.validate(stamp)) {
            return value;
          }
        } catch (RuntimeException | Error e) {
          if (lock.validate(stamp)) {
            throw guard.explain(e);
          }
        }
      }
    }
    Transaction transaction = transactions.enter();
    long value = 0;
    try {
      transaction.lock(lock);
      value = read(transaction);
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return value;
  }

  /** Reads the value, and the header beside it: a line that was lost is not a 0. */
  private long read(@Nullable Transaction transaction) {
    CellVerifier.checkHeader(accessor.getWord(offset), BlockHeader.LONG, offset);
    long at = offset + CellLayout.WORD;
    return transaction == null ? accessor.getWord(at) : transaction.getWord(at);
  }

  // Changing.

  /**
   * Sets the value.
   *
   * @param value any number
   */
  public void set(long value) {
    change(PersistentLong::replaced, value, false);
  }

  /**
   * Sets the value.
   *
   * @param value any number
   * @return the value before
   */
  public long getAndSet(long value) {
    return change(PersistentLong::replaced, value, true);
  }

  /**
   * Sets the value if it is what was expected.
   *
   * @param expected what it should be
   * @param value what it is then set to
   * @return whether it was as expected; if not, nothing has changed, and nothing was fenced
   */
  public boolean compareAndSet(long expected, long value) {
    Transaction transaction = transactions.enter();
    boolean found = false;
    try {
      transaction.lock(lock);
      found = read(transaction) == expected;
      if (found) {
        store(transaction, value);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return found;
  }

  /**
   * Adds a number; overflow wraps around.
   *
   * @param delta what to add
   * @return the value before
   */
  public long getAndAdd(long delta) {
    return change(Long::sum, delta, true);
  }

  /**
   * Adds a number; overflow wraps around.
   *
   * @param delta what to add
   * @return the value now
   */
  public long addAndGet(long delta) {
    return change(Long::sum, delta, false);
  }

  /**
   * Adds 1; overflow wraps around.
   *
   * @return the value before
   */
  public long getAndIncrement() {
    return getAndAdd(1);
  }

  /**
   * Adds 1; overflow wraps around.
   *
   * @return the value now
   */
  public long incrementAndGet() {
    return addAndGet(1);
  }

  /**
   * Subtracts 1; overflow wraps around.
   *
   * @return the value before
   */
  public long getAndDecrement() {
    return getAndAdd(-1);
  }

  /**
   * Subtracts 1; overflow wraps around.
   *
   * @return the value now
   */
  public long decrementAndGet() {
    return addAndGet(-1);
  }

  /**
   * Sets the value to what a function makes of it. The function runs once, while the value is
   * locked. It should be short. What it changes itself becomes part of the same transaction; if it
   * throws, nothing has changed. Inside {@link PersistentHeap#transact}, after the function has
   * moved elements of a list, cleared a deque, or changed very much, that transaction can then only
   * be undone.
   *
   * @param function of the value before
   * @return the value before
   */
  public long getAndUpdate(LongUnaryOperator function) {
    Objects.requireNonNull(function);
    return change((old, operand) -> function.applyAsLong(old), 0, true);
  }

  /**
   * Sets the value to what a function makes of it, as {@link #getAndUpdate}.
   *
   * @param function of the value before
   * @return the value now
   */
  public long updateAndGet(LongUnaryOperator function) {
    Objects.requireNonNull(function);
    return change((old, operand) -> function.applyAsLong(old), 0, false);
  }

  /**
   * Sets the value to what a function makes of it and a number, as {@link #getAndUpdate}.
   *
   * @param operand the function's second argument
   * @param function of the value before and the operand
   * @return the value before
   */
  public long getAndAccumulate(long operand, LongBinaryOperator function) {
    return change(Objects.requireNonNull(function), operand, true);
  }

  /**
   * Sets the value to what a function makes of it and a number, as {@link #getAndUpdate}.
   *
   * @param operand the function's second argument
   * @param function of the value before and the operand
   * @return the value now
   */
  public long accumulateAndGet(long operand, LongBinaryOperator function) {
    return change(Objects.requireNonNull(function), operand, false);
  }

  private static long replaced(long old, long operand) {
    return operand;
  }

  private long change(LongBinaryOperator function, long operand, boolean wantsOld) {
    Transaction transaction = transactions.enter();
    long result = 0;
    try {
      transaction.lock(lock);
      long old = read(transaction);
      long changed = function.applyAsLong(old, operand);
      store(transaction, changed);
      result = wantsOld ? old : changed;
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return result;
  }

  /** Sets the value with the lock; looks at it again, since a function may have changed it. */
  private void store(Transaction transaction, long value) {
    if (read(transaction) != value) {
      transaction.changes(lock);
      transaction.deferWord(offset + CellLayout.WORD, value);
    }
  }

  // Checking.

  /**
   * Checks that the long is where it should be, and whole but for its value, which may be any.
   * {@link PersistentHeap#verify} does this for all collections, and finds leaks too.
   *
   * @throws dev.cairn.heap.HeapCorruptedException if something is wrong: says what and where;
   *     further findings are its {@linkplain Throwable#getSuppressed suppressed} exceptions;
   *     nothing is changed
   * @throws dev.cairn.tx.TransactionConflictException if it waited for a transaction that waits for
   *     it, or for too long
   * @throws IllegalStateException if the thread is in a transaction
   */
  public void verify() {
    guard.verify(
        this::lockAll,
        (reached, findings) ->
            LongKind.INSTANCE.verify(guard.heap(), "long", offset, reached, findings));
  }

  /** Locks the value for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    transaction.lock(lock);
  }

  /** Returns the value in decimal, as it is now. */
  @Override
  public String toString() {
    return Long.toString(get());
  }
}
