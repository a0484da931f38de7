package dev.cairn.collections;

import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One value, or none, that lives in a heap: the settings of a program, the state that it was in.
 * Get one from {@link PersistentHeap#reference}; a new one is null. Methods are named as those of
 * {@link java.util.concurrent.atomic.AtomicReference}, but values are compared by their content,
 * since each read makes a new object.
 *
 * <p><b>Durability.</b> An operation that changes the value is durable when it returns, and atomic.
 * Inside {@link PersistentHeap#transact} it becomes durable, and visible to other threads, with the
 * transaction; undone, it has not happened.
 *
 * <p><b>Threads.</b> Safe for use by many. Single operations are linearizable. Readers see
 * committed state only; they take no lock and write no shared memory. While a transaction that has
 * changed the value runs, they wait. Inside a transaction, reading locks the value just as changing
 * does, so that what was read stays true until the commit.
 *
 * <p><b>Cost.</b> {@code get}: no fence. A change, alone: one fence, and one more for a value of
 * more than 4 KiB. One that leaves the value as it is: none. Inside a transaction none of their
 * own.
 *
 * <p>All methods throw {@link dev.cairn.heap.HeapCorruptedException} if the reference's line was
 * lost or is that of something else. The value itself has no checksum: one that was damaged into
 * another is not noticed.
 *
 * @param <T> the value
 */
public final class PersistentReference<T> {
  private final Guard guard;
  private final VersionedLock lock;
  private final ReferenceKind<T> kind;
  private final Type<T> type;
  private final ReferenceCell<T> cell;

  private PersistentReference(OpenHeap heap, ReferenceKind<T> kind, Type<T> type, long offset) {
    this.guard = new Guard(heap, "reference", offset);
    this.lock = new VersionedLock(heap.file(), offset + CellLayout.MARK);
    this.kind = kind;
    this.type = type;
    this.cell = new ReferenceCell<>(heap, lock, type, offset);
  }

  /** Opens the reference that lies at an offset. */
  static <T> PersistentReference<T> open(
      OpenHeap heap, ReferenceKind<T> kind, Type<T> type, long offset) {
    try {
      CellVerifier.checkBlock(heap, BlockHeader.REFERENCE, offset);
      return new PersistentReference<>(heap, kind, type, offset);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, "reference", offset);
    }
  }

  private @Nullable T checked(@Nullable T value) {
    return type.javaType().cast(value);
  }

  // Reading.

  /**
   * Reads the value. No fence, and no lock outside of transactions.
   *
   * @return the value, which the caller may keep; null if there is none
   */
  public @Nullable T get() {
    return guard.read(lock, cell::get);
  }

  // Changing.

  /**
   * Sets the value.
   *
   * @param value null for none
   */
  public void set(@Nullable T value) {
    checked(value);
    guard.change(
        lock,
        transaction -> {
          cell.set(transaction, value);
          return true;
        });
  }

  /**
   * Sets the value.
   *
   * @param value null for none
   * @return the value before, or null
   */
  public @Nullable T getAndSet(@Nullable T value) {
    checked(value);
    return change(old -> value, true);
  }

  /**
   * Sets the value if its content is what was expected.
   *
   * @param expected what it should be; null for none
   * @param value what it is then set to; null for none
   * @return whether it was as expected; if not, nothing has changed, and nothing was fenced
   */
  public boolean compareAndSet(@Nullable T expected, @Nullable T value) {
    checked(expected);
    checked(value);
    return guard.change(
        lock,
        transaction -> {
          boolean found = cell.contentEquals(transaction, expected);
          if (found) {
            cell.set(transaction, value);
          }
          return found;
        });
  }

  /**
   * Sets the value to what a function makes of it. The function runs once, while the value is
   * locked. It should be short. What it changes itself becomes part of the same transaction; if it
   * throws, nothing has changed. Inside {@link PersistentHeap#transact}, after the function has
   * moved elements of a list, cleared a deque, or changed very much, that transaction can then only
   * be undone.
   *
   * @param function of the value before; both may be null
   * @return the value before, or null
   */
  public @Nullable T getAndUpdate(UnaryOperator<@Nullable T> function) {
    return change(Objects.requireNonNull(function), true);
  }

  /**
   * Sets the value to what a function makes of it, as {@link #getAndUpdate}.
   *
   * @param function of the value before; both may be null
   * @return the value now, or null
   */
  public @Nullable T updateAndGet(UnaryOperator<@Nullable T> function) {
    return change(Objects.requireNonNull(function), false);
  }

  /**
   * Sets the value to what a function makes of it and another, as {@link #getAndUpdate}.
   *
   * @param operand the function's second argument
   * @param function of the value before and the operand
   * @return the value before, or null
   */
  public @Nullable T getAndAccumulate(@Nullable T operand, BinaryOperator<@Nullable T> function) {
    Objects.requireNonNull(function);
    return change(old -> function.apply(old, operand), true);
  }

  /**
   * Sets the value to what a function makes of it and another, as {@link #getAndUpdate}.
   *
   * @param operand the function's second argument
   * @param function of the value before and the operand
   * @return the value now, or null
   */
  public @Nullable T accumulateAndGet(@Nullable T operand, BinaryOperator<@Nullable T> function) {
    Objects.requireNonNull(function);
    return change(old -> function.apply(old, operand), false);
  }

  private @Nullable T change(UnaryOperator<@Nullable T> function, boolean wantsOld) {
    return guard.<@Nullable T>change(
        lock,
        transaction -> {
          T old = cell.get(transaction);
          T changed = checked(function.apply(old));
          cell.set(transaction, changed);
          return wantsOld ? old : changed;
        });
  }

  // Checking.

  /**
   * Checks that the reference is where it should be, that its value can be decoded, and that each
   * block is allocated. {@link PersistentHeap#verify} does this for all collections, and finds
   * leaks too.
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
            kind.verify(guard.heap(), "reference", guard.offset(), reached, findings));
  }

  /** Locks the value for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    transaction.lock(lock);
  }

  /** Returns the value in words, as it is now. */
  @Override
  public String toString() {
    return String.valueOf(get());
  }
}
