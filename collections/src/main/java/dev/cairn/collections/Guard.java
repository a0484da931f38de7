package dev.cairn.collections;

import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.Transactions;
import dev.cairn.tx.spi.VersionedLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How every operation of a structure begins and ends: a read sees one committed moment, a change is
 * a transaction, and a failure is told in words that users know.
 *
 * @param heap the open heap
 * @param structure what it is, for messages
 * @param offset where it lies
 * @param committed whether reads lock nothing in transactions either, and see what is committed:
 *     for what no transaction of a user changes
 */
record Guard(OpenHeap heap, String structure, long offset, boolean committed) {
  /** After so many disturbed attempts, a reader queues for the lock. */
  static final int OPTIMISTIC_ATTEMPTS = 64;

  /** Reads something. */
  @FunctionalInterface
  interface Reader<T extends @Nullable Object> {
    /**
     * Reads; may be called several times, and may meet garbage: it must end, and may throw.
     *
     * @param transaction holds the lock, and may have deferred what is read; or null
     */
    T read(@Nullable Transaction transaction);
  }

  Guard(OpenHeap heap, String structure, long offset) {
    this(heap, structure, offset, false);
  }

  /**
   * Reads something as it was at one moment, committed. Without a lock, unless the thread is in a
   * transaction, which then holds the lock until its end, or is disturbed too often.
   */
  <T extends @Nullable Object> T read(VersionedLock lock, Reader<T> reader) {
    if (readsWithoutLock()) {
      for (int i = 0; i < OPTIMISTIC_ATTEMPTS; i++) {
        long stamp = lock.awaitOptimisticRead();
        try {
          T result = reader.read(null);
          if (lock.validate(stamp)) {
            return result;
          }
        } catch (RuntimeException | Error e) {
          // Garbage can make anything throw: a record's constructor, even an array that is too
          // large. Only what was thrown at a committed state is true.
          if (lock.validate(stamp)) {
            throw explain(e);
          }
        }
      }
    }
    return change(lock, reader::read);
  }

  /** Says whether a read may do without a lock; throws if the heap cannot be read at all. */
  boolean readsWithoutLock() {
    heap.file().checkUsable();
    return committed || heap.transactions().current() == null;
  }

  /** Changes something: as a transaction of its own, or as part of the thread's. */
  <T extends @Nullable Object> T change(VersionedLock lock, Function<Transaction, T> action) {
    Transaction transaction = heap.transactions().enter();
    T result;
    try {
      transaction.lock(lock);
      result = action.apply(transaction);
      transaction.exit();
    } catch (Throwable t) {
      throw fail(transaction, t);
    }
    return result;
  }

  /** Checks a collection: locks it, walks it, and looks at each block that the walk has met. */
  void verify(Consumer<Transaction> lockAll, BiConsumer<ReachedBlocks, Findings> walk) {
    verify(
        transaction -> {
          lockAll.accept(transaction);
          Findings findings = new Findings(heap);
          ReachedBlocks reached = new ReachedBlocks(heap);
          walk.accept(reached, findings);
          reached.checkAllocated(findings);
          findings.throwIfAny();
        });
  }

  /** Checks something, which must not be in the middle of a transaction. */
  void verify(Consumer<Transaction> action) {
    if (heap.transactions().current() != null) {
      throw new IllegalStateException(heap.file().name() + ": verify inside a transaction");
    }
    Transaction transaction = heap.transactions().enter();
    try {
      action.accept(transaction);
      transaction.exit();
    } catch (Throwable t) {
      throw fail(transaction, t);
    }
  }

  /**
   * Ends an operation that failed, unless it had ended already and then failed; returns what to
   * throw. So an operation may end within its {@code try}: where the stack is too short to even
   * call for its end, it is ended here.
   */
  RuntimeException fail(Transaction transaction, Throwable failure) {
    if (!transaction.isRunningHere()) {
      return Guard.<RuntimeException>raise(failure);
    }
    Throwable told =
        failure instanceof RuntimeException unchecked
            ? heap.explain(unchecked, structure, offset)
            : failure;
    return transaction.exitFailed(told);
  }

  /** Says what a read that failed while nobody else was writing means. */
  RuntimeException explain(Throwable failure) {
    Transactions transactions = heap.transactions();
    Throwable told = transactions.translate(failure);
    if (told instanceof Error error) {
      throw error;
    }
    return heap.explain((RuntimeException) told, structure, offset);
  }

  /** Throws a failure as what it is. */
  @SuppressWarnings("unchecked")
  private static <X extends Throwable> RuntimeException raise(Throwable failure) throws X {
    throw (X) failure;
  }
}
