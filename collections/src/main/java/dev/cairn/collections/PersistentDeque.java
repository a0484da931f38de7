package dev.cairn.collections;

import dev.cairn.collections.DequeElements.Batch;
import dev.cairn.tx.TransactionConflictException;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A queue with two ends that lives in a heap: constant time for adding and removing at either. Get
 * one from {@link PersistentHeap#deque}.
 *
 * <p><b>Durability.</b> An operation that changes the deque is durable when it returns, and atomic;
 * {@code addAll} and {@code clear} are one operation, {@code removeIf}, {@code removeAll} and
 * {@code retainAll} one for each element that they remove. Inside {@link PersistentHeap#transact}
 * it becomes durable, and visible to other threads, with the transaction: an element that was taken
 * in one that is undone is back where it was. So a job that is taken, and whose result is stored,
 * in the same transaction is done once, whenever the process is killed.
 *
 * <p><b>Threads.</b> Safe for use by many producers and consumers. Single operations are
 * linearizable; one thread changes the deque at a time, and a transaction that has changed it keeps
 * others out until its end. Readers see committed state only, take no lock and write no shared
 * memory. Inside a transaction, reading locks the deque too. Iterators are weakly consistent: they
 * show each element at most once, in order; up to 56 that lie together are read together. Outside
 * of transactions they never show an uncommitted one; what one has read ahead inside a transaction,
 * it shows even if that is undone meanwhile, so do not use it after that. {@link #blocking()} waits
 * for elements.
 *
 * <p><b>Cost.</b> Reads: no fence. Adding and removing an element, anywhere: one fence, and one
 * more for a value of more than 4 KiB. Inside a transaction none of their own, but for a {@code
 * clear} behind other changes, which puts those under the undo log: four fences in all. {@code
 * size} reads a word; {@code remove(Object)} and {@code contains} look at one element after the
 * other.
 *
 * <p>Elements may not be null. Those of a fixed size of up to 8 bytes lie in the deque itself,
 * others in a block each.
 *
 * @param <E> the elements
 */
public final class PersistentDeque<E> extends AbstractCollection<E> implements Deque<E> {
  private final Guard guard;
  private final VersionedLock lock;
  private final Type<E> type;
  private final DequeElements<E> elements;

  private PersistentDeque(OpenHeap heap, Type<E> type, long deque) {
    this.guard = new Guard(heap, "deque", deque);
    this.lock = new VersionedLock(heap.file(), deque + DequeLayout.MARK);
    this.type = type;
    this.elements = new DequeElements<>(heap, lock, type, deque);
  }

  /** Opens the deque that lies at an offset. */
  static <E> PersistentDeque<E> open(OpenHeap heap, Type<E> type, long deque) {
    try {
      DequeVerifier.checkBlock(heap, deque);
      return new PersistentDeque<>(heap, type, deque);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, "deque", deque);
    }
  }

  private E checked(E element) {
    return type.javaType().cast(Objects.requireNonNull(element));
  }

  private static <E> E present(@Nullable E element) {
    if (element == null) {
      throw new NoSuchElementException("the deque is empty");
    }
    return element;
  }

  // Reading.

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, elementCount());
  }

  /**
   * Counts the elements; {@link #size} cannot say more than {@link Integer#MAX_VALUE}.
   *
   * @return the number of elements
   */
  public long elementCount() {
    return guard.read(lock, elements::count);
  }

  @Override
  public boolean isEmpty() {
    return elementCount() == 0;
  }

  @Override
  public @Nullable E peekFirst() {
    return guard.read(lock, tx -> elements.peek(tx, false));
  }

  @Override
  public @Nullable E peekLast() {
    return guard.read(lock, tx -> elements.peek(tx, true));
  }

  @Override
  public @Nullable E peek() {
    return peekFirst();
  }

  @Override
  public E getFirst() {
    return present(peekFirst());
  }

  @Override
  public E getLast() {
    return present(peekLast());
  }

  @Override
  public E element() {
    return getFirst();
  }

  @Override
  public boolean contains(@Nullable Object object) {
    E value = type.asValue(object);
    return value != null && guard.read(lock, tx -> elements.contains(tx, value));
  }

  // Changing.

  private void push(E element, boolean atLast) {
    checked(element);
    guard.change(
        lock,
        transaction -> {
          elements.push(transaction, element, atLast);
          return true;
        });
  }

  @Override
  public void addFirst(E element) {
    push(element, false);
  }

  @Override
  public void addLast(E element) {
    push(element, true);
  }

  @Override
  public boolean offerFirst(E element) {
    push(element, false);
    return true;
  }

  @Override
  public boolean offerLast(E element) {
    push(element, true);
    return true;
  }

  @Override
  public boolean add(E element) {
    return offerLast(element);
  }

  @Override
  public boolean offer(E element) {
    return offerLast(element);
  }

  @Override
  public void push(E element) {
    push(element, false);
  }

  @Override
  public boolean addAll(Collection<? extends E> added) {
    if (added == this) {
      throw new IllegalArgumentException("a deque cannot be added to itself");
    }
    List<E> values = new ArrayList<>(added.size());
    for (E element : added) {
      values.add(checked(element));
    }
    if (!values.isEmpty()) {
      guard.change(
          lock,
          transaction -> {
            values.forEach(value -> elements.push(transaction, value, true));
            return true;
          });
    }
    return !values.isEmpty();
  }

  @Override
  public @Nullable E pollFirst() {
    return guard.change(lock, transaction -> elements.poll(transaction, false));
  }

  @Override
  public @Nullable E pollLast() {
    return guard.change(lock, transaction -> elements.poll(transaction, true));
  }

  @Override
  public @Nullable E poll() {
    return pollFirst();
  }

  @Override
  public E removeFirst() {
    return present(pollFirst());
  }

  @Override
  public E removeLast() {
    return present(pollLast());
  }

  @Override
  public E remove() {
    return removeFirst();
  }

  @Override
  public E pop() {
    return removeFirst();
  }

  private boolean removeOccurrence(@Nullable Object object, boolean fromLast) {
    E value = type.asValue(object);
    return value != null
        && guard.change(
            lock, transaction -> elements.removeOccurrence(transaction, value, fromLast));
  }

  @Override
  public boolean removeFirstOccurrence(@Nullable Object object) {
    return removeOccurrence(object, false);
  }

  @Override
  public boolean removeLastOccurrence(@Nullable Object object) {
    return removeOccurrence(object, true);
  }

  @Override
  public boolean remove(@Nullable Object object) {
    return removeFirstOccurrence(object);
  }

  /**
   * Removes all elements, atomically. Costs one fence if there are few blocks, else three, and one
   * step for each block; the log takes 16 bytes for each.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException if the heap has no room for the log; the
   *     deque is as before
   */
  @Override
  public void clear() {
    guard.change(
        lock,
        transaction -> {
          if (elements.count(transaction) > 0) {
            transaction.settle();
            elements.clear(transaction);
            transaction.sealIfLarge();
          }
          return true;
        });
  }

  // Waiting.

  /**
   * Waits until there is an element, if there is none, and until no transaction holds the deque.
   * Another thread may take the element right then. To be called before a transaction that takes
   * elements: within one, nobody could add any.
   *
   * @param timeout how long to wait at most; 0 or less to look, and not to wait
   * @return whether there was an element
   * @throws InterruptedException if the thread is interrupted before or while it waits
   * @throws IllegalStateException if there is none, and the thread would wait in a transaction; or
   *     if the heap is closed, before or meanwhile
   */
  public boolean awaitElement(Duration timeout) throws InterruptedException {
    return awaitCount(1, Long.MAX_VALUE, TimeUnit.NANOSECONDS.convert(timeout));
  }

  /** Waits until the number of elements is within limits; says whether it was. */
  boolean awaitCount(long least, long most, long nanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long deadline = System.nanoTime() + Math.max(0, nanos);
    boolean isInTransaction = guard.heap().transactions().current() != null;
    while (true) {
      long stamp = lock.tryOptimisticRead();
      long count = isInTransaction ? elementCount() : tryCount(stamp);
      if (count >= least && count <= most) {
        return true;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      if (isInTransaction) {
        throw new IllegalStateException(
            "%s: waiting for others inside a transaction, which keeps them out"
                .formatted(guard.heap().file().name()));
      }
      lock.awaitChange(stamp, left);
    }
  }

  /** Throws a conflict again where the thread is in a transaction, which has to be undone. */
  void checkMayWait(TransactionConflictException conflict) {
    if (guard.heap().transactions().current() != null) {
      throw conflict;
    }
  }

  /**
   * Counts the elements without waiting; negative if somebody has the lock, or had it meanwhile.
   */
  private long tryCount(long stamp) {
    guard.heap().file().checkUsable();
    if ((stamp & 1) != 0) {
      return -1;
    }
    try {
      long count = elements.count(null);
      return lock.validate(stamp) ? count : -1;
    } catch (RuntimeException | Error e) {
      if (lock.validate(stamp)) {
        throw guard.explain(e);
      }
      return -1;
    }
  }

  /**
   * Shows this deque as a queue that waits: elements are added at its end, and taken from its
   * front. {@code put} waits for nobody's elements: there is always room, or the heap is full.
   *
   * <p>Waiting for an element, or for room, holds nothing, can be interrupted, and ends with its
   * timeout, also while a transaction holds the deque. Adding and taking are operations as all
   * others are: they wait for a transaction that has just got hold of it.
   *
   * @return a view; as durable, and as safe for many threads, as this
   */
  public BlockingQueue<E> blocking() {
    return new DequeBlockingQueue<>(this, Long.MAX_VALUE);
  }

  /**
   * The same, with a limit: while there are so many elements, {@code put} waits, and {@code offer}
   * refuses. Only this view knows the limit; others add what they like.
   *
   * <p>Inside a transaction nothing waits, since nobody else can change the deque then: what would
   * have to wait throws an {@link IllegalStateException}, and the transaction can go on.
   *
   * @param capacity how many elements at most, 1 or more
   * @return a view; as durable, and as safe for many threads, as this
   * @throws IllegalArgumentException if the capacity is less than 1
   */
  public BlockingQueue<E> blocking(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a capacity of 1 or more, not " + capacity);
    }
    return new DequeBlockingQueue<>(this, capacity);
  }

  /** Adds an element at the end, unless there are as many as may be; says whether it did. */
  boolean offerLast(E element, long capacity) {
    checked(element);
    return guard.change(
        lock,
        transaction -> {
          boolean hasRoom = elements.count(transaction) < capacity;
          if (hasRoom) {
            elements.push(transaction, element, true);
          }
          return hasRoom;
        });
  }

  /**
   * Moves elements from the front to a collection, all in one transaction; says how many. If that
   * collection fails, none is taken.
   */
  int drain(Collection<? super E> target, int most) {
    return guard.change(
        lock,
        transaction -> {
          List<E> taken = new ArrayList<>();
          long count = Math.min(most, elements.count(transaction));
          while (taken.size() < count) {
            taken.add(present(elements.poll(transaction, false)));
          }
          target.addAll(taken);
          return taken.size();
        });
  }

  // Walking.

  @Override
  public Iterator<E> iterator() {
    return new SegmentIterator(false);
  }

  @Override
  public Iterator<E> descendingIterator() {
    return new SegmentIterator(true);
  }

  @Override
  public Spliterator<E> spliterator() {
    return MapViews.unsized(iterator(), Spliterator.ORDERED);
  }

  @Override
  public Object[] toArray() {
    return snapshot().toArray();
  }

  @Override
  public <T> T[] toArray(T[] target) {
    return snapshot().toArray(target);
  }

  private List<E> snapshot() {
    List<E> found = new ArrayList<>();
    iterator().forEachRemaining(found::add);
    return found;
  }

  /** A walk, segment by segment. */
  private final class SegmentIterator implements Iterator<E> {
    private final boolean isDescending;
    private @Nullable Batch<E> batch;
    private int shown;
    private boolean isDone;

    /** What {@link #remove} removes. */
    private @Nullable Batch<E> lastBatch;

    private int lastIndex;

    SegmentIterator(boolean isDescending) {
      this.isDescending = isDescending;
    }

    @Override
    public boolean hasNext() {
      guard.heap().file().checkUsable(); // what was read ahead is no answer for a closed heap
      if (!isDone && (batch == null || shown == batch.elements().size())) {
        Batch<E> before = batch;
        Batch<E> next = guard.read(lock, tx -> elements.readNext(tx, before, isDescending));
        isDone = next == null;
        if (next != null) {
          batch = next;
          shown = 0;
        }
      }
      return !isDone;
    }

    @Override
    public E next() {
      if (!hasNext() || batch == null) {
        throw new NoSuchElementException();
      }
      lastBatch = batch;
      lastIndex = isDescending ? batch.elements().size() - 1 - shown : shown;
      shown++;
      return batch.elements().get(lastIndex);
    }

    @Override
    public void remove() {
      Batch<E> from = lastBatch;
      if (from == null) {
        throw new IllegalStateException("next has not been called, or its element is removed");
      }
      guard.change(lock, transaction -> elements.remove(transaction, from, lastIndex));
      lastBatch = null;
    }
  }

  // Checking.

  /**
   * Walks the deque: checks each invariant of its structure, that elements can be decoded, and that
   * each block is allocated. Elements have no checksum: one that was damaged into another value of
   * its type is not noticed. Locks the deque meanwhile. {@link PersistentHeap#verify} does this for
   * all collections, and finds leaks too.
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
            new DequeVerifier(guard.heap(), "deque", guard.offset(), type, reached, findings)
                .run());
  }

  /** Locks everything for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    transaction.lock(lock);
  }
}
