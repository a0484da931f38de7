package dev.cairn.collections;

import dev.cairn.collections.LogRecords.Batch;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Records that are added at the end, read in order, and removed from the front: a journal, an audit
 * trail, the events of a system. Get one from {@link PersistentHeap#log}. Each record has an index,
 * which it keeps for ever; no index is used again.
 *
 * <p><b>Durability.</b> What was appended is durable when {@code append} returns; {@code appendAll}
 * and {@code truncate} are atomic. Inside {@link PersistentHeap#transact} they become durable, and
 * visible to other threads, with the transaction; undone, they have not happened.
 *
 * <p><b>Threads.</b> Safe for use by many. One thread appends at a time, and a transaction that has
 * appended keeps others out until its end. Readers see committed records only, take no lock and
 * write no shared memory. Inside a transaction, reading locks the log too. Iterators show each
 * record that is there when they come to it, once, in order; up to 64 are read together. What one
 * has read ahead inside a transaction, it shows even if that is undone meanwhile, so do not use it
 * after that.
 *
 * <p><b>Cost.</b> Reads: no fence. {@code append}, {@code truncate}: one fence; one more for more
 * than 4 KiB, or several new segments; three to free some two hundred segments or more at once.
 * Inside a transaction none of their own. A record takes 16 bytes more than its value. To find a
 * record by its index takes a look at each segment of up to 256 KiB before it, and at each record
 * before it in its own: up to half a millisecond for small ones. Walking is for reading many.
 *
 * <p><b>Damage.</b> Records have checksums, which each read looks at: a record whose bytes are not
 * those that were appended throws {@link dev.cairn.heap.HeapCorruptedException}.
 *
 * @param <E> the records' values
 */
public final class PersistentLog<E> implements Iterable<LogEntry<E>> {
  /** So many records are read together. */
  private static final int BATCH = 64;

  private final Guard guard;
  private final VersionedLock lock;
  private final Type<E> type;
  private final LogRecords<E> records;

  private PersistentLog(OpenHeap heap, Type<E> type, long log) {
    this.guard = new Guard(heap, "log", log);
    this.lock = new VersionedLock(heap.file(), log + LogLayout.MARK);
    this.type = type;
    this.records = new LogRecords<>(heap, lock, type, log);
  }

  /** Opens the log that lies at an offset. */
  static <E> PersistentLog<E> open(OpenHeap heap, Type<E> type, long log) {
    try {
      LogVerifier.checkBlock(heap, log);
      return new PersistentLog<>(heap, type, log);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, "log", log);
    }
  }

  private E checked(E value) {
    return type.javaType().cast(Objects.requireNonNull(value));
  }

  // Reading.

  /**
   * Tells the index of the first record that is kept; that of the next one if there is none.
   *
   * @return 0 or more
   */
  public long firstIndex() {
    return guard.read(lock, records::firstIndex);
  }

  /**
   * Tells the index that the next record will have: how many were ever appended.
   *
   * @return 0 or more
   */
  public long nextIndex() {
    return guard.read(lock, records::nextIndex);
  }

  /**
   * Counts the records that are kept.
   *
   * @return 0 or more
   */
  public long size() {
    return guard.read(lock, tx -> records.nextIndex(tx) - records.firstIndex(tx));
  }

  /**
   * Says whether no record is kept.
   *
   * @return whether there is none
   */
  public boolean isEmpty() {
    return size() == 0;
  }

  /**
   * Reads one record.
   *
   * @param index of a record
   * @return its value
   * @throws IndexOutOfBoundsException if it was truncated, or not yet appended
   */
  public E get(long index) {
    return guard.read(
        lock,
        tx -> {
          long first = records.firstIndex(tx);
          Batch<E> found = index < first ? null : records.read(tx, index, null, 1);
          if (found == null) {
            throw new IndexOutOfBoundsException(
                "record %d; the log has %s".formatted(index, range(first, records.nextIndex(tx))));
          }
          return found.values().getFirst();
        });
  }

  /** Walks all records, from the first that is kept. */
  @Override
  public Iterator<LogEntry<E>> iterator() {
    return iterator(0);
  }

  /**
   * Walks records.
   *
   * @param from the index to begin at; if that was truncated, the first one that is kept is next
   * @return a walk to the end of the log, which may move until the walk is there; a walk that has
   *     said that there is no more stays at its end
   */
  public Iterator<LogEntry<E>> iterator(long from) {
    return new Walk(from);
  }

  /**
   * Streams records, as {@link #iterator(long)}.
   *
   * @param from the index to begin at
   * @return the records, in order
   */
  public Stream<LogEntry<E>> stream(long from) {
    int characteristics = Spliterator.ORDERED | Spliterator.NONNULL;
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(iterator(from), characteristics), false);
  }

  // Changing.

  /**
   * Adds a record at the end.
   *
   * @param value what to append
   * @return its index
   */
  public long append(E value) {
    checked(value);
    return guard.change(lock, transaction -> records.append(transaction, value));
  }

  /**
   * Adds records at the end, all of them or none.
   *
   * @param values what to append, in this order
   * @return the index of the first one; of the next record, if there is none
   */
  public long appendAll(Collection<? extends E> values) {
    List<E> checked = new ArrayList<>(values.size());
    for (E value : values) {
      checked.add(checked(value));
    }
    return guard.change(
        lock,
        transaction -> {
          long first = records.nextIndex(transaction);
          checked.forEach(value -> records.append(transaction, value));
          return first;
        });
  }

  /**
   * Removes records from the front. Their memory is given back segment by segment.
   *
   * @param index of the first record that is kept; all go if there is no such record yet
   * @return how many were removed
   * @throws dev.cairn.tx.TransactionTooLargeException if the heap has no room for the log of so
   *     many segments; nothing is removed
   */
  public long truncate(long index) {
    return guard.change(lock, transaction -> records.truncate(transaction, index));
  }

  /** A walk that reads records in batches. */
  private final class Walk implements Iterator<LogEntry<E>> {
    /** Of the next record, unless that is truncated by then. */
    private long index;

    private @Nullable Batch<E> batch;
    private boolean isDone;

    Walk(long from) {
      this.index = from;
    }

    @Override
    public boolean hasNext() {
      guard.heap().file().checkUsable(); // what was read ahead is no answer for a closed heap
      if (!isDone && (batch == null || index == batch.first() + batch.values().size())) {
        long wanted = index;
        Batch<E> before = batch;
        Batch<E> next = guard.read(lock, tx -> records.read(tx, wanted, before, BATCH));
        isDone = next == null;
        if (next != null) {
          batch = next;
          index = next.first();
        }
      }
      return !isDone;
    }

    @Override
    public LogEntry<E> next() {
      if (!hasNext() || batch == null) {
        throw new NoSuchElementException();
      }
      E value = batch.values().get((int) (index - batch.first()));
      return new LogEntry<>(index++, value);
    }
  }

  // Checking.

  /**
   * Walks the log: checks each invariant of its structure, each checksum, that values can be
   * decoded, and that each block is allocated. Locks the log meanwhile. {@link
   * PersistentHeap#verify} does this for all collections, and finds leaks too.
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
            new LogVerifier(guard.heap(), "log", guard.offset(), type, reached, findings).run());
  }

  /** Locks everything for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    transaction.lock(lock);
  }

  /** Returns which records are kept, such as {@code records 17 to 41}, or {@code no records}. */
  @Override
  public String toString() {
    return guard.read(lock, tx -> range(records.firstIndex(tx), records.nextIndex(tx)));
  }

  private static String range(long first, long next) {
    return first == next ? "no records" : "records %d to %d".formatted(first, next - 1);
  }
}
