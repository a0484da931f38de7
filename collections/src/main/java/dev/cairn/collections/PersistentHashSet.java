package dev.cairn.collections;

import dev.cairn.collections.PresentType.Present;
import dev.cairn.tx.spi.Transaction;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Spliterator;

/**
 * A hash set that lives in a heap. Get one from {@link PersistentHeap#set}.
 *
 * <p><b>Durability.</b> An operation that changes the set is durable when it returns, and atomic: a
 * crash leaves all of it or nothing. Bulk operations, but for {@link #clear}, are many such ones;
 * inside {@link PersistentHeap#transact} everything becomes durable, and visible to other threads,
 * with the transaction.
 *
 * <p><b>Threads.</b> Safe for use by many. Single operations are linearizable. Readers see
 * committed state only; they take no lock and write no shared memory. A reader that meets an
 * element which a running transaction has changed, or one of the same stripe (a 64th of the
 * elements), waits until it has ended. Inside a transaction, reading locks a stripe just as writing
 * does, so that what was read stays true until the commit. Iterators are weakly consistent: they
 * show each element at most once, and never an uncommitted one.
 *
 * <p><b>Cost.</b> {@code contains}: no fence. {@code add} of what is not there, {@code remove} of
 * what is, alone: one fence; one more for an element of more than 4 KiB, and for an add that makes
 * a table larger: about one in eighty. Others: none. Inside a transaction none of their own. The
 * set grows segment by segment; it does not shrink, but for {@link #clear}. {@code size} adds up 64
 * counts.
 *
 * <p>Elements may not be null. They are equal if their encodings are: see {@link Type}. In
 * particular, {@code byte[]} elements are compared by content, though their {@code hashCode}, and
 * so the set's, is not of their content. Elements are decoded anew by each read: a change to an
 * array that an iterator returned changes nothing in the heap.
 *
 * @param <E> the elements
 */
public final class PersistentHashSet<E> extends AbstractSet<E> {
  /** The elements are its keys; its values have no bytes. */
  private final PersistentHashMap<E, Present> map;

  private PersistentHashSet(PersistentHashMap<E, Present> map) {
    this.map = map;
  }

  /** Opens the set that lies at an offset: a map's block. */
  static <E> PersistentHashSet<E> open(OpenHeap heap, Type<E> type, long set) {
    return new PersistentHashSet<>(
        PersistentHashMap.open(heap, "set", type, PresentType.INSTANCE, set, false));
  }

  @Override
  public boolean contains(Object element) {
    return map.containsKey(element);
  }

  @Override
  public int size() {
    return map.size();
  }

  /**
   * Counts the elements; {@link #size} cannot say more than {@link Integer#MAX_VALUE}.
   *
   * @return the number of elements: exact if nobody changes the set meanwhile
   */
  public long elementCount() {
    return map.mappingCount();
  }

  @Override
  public boolean isEmpty() {
    return map.isEmpty();
  }

  /** Returns a weakly consistent iterator, whose {@code remove} changes the set. */
  @Override
  public Iterator<E> iterator() {
    return map.keySet().iterator();
  }

  /** Returns a spliterator that promises no size: others may change the set meanwhile. */
  @Override
  public Spliterator<E> spliterator() {
    return map.keySet().spliterator();
  }

  @Override
  public boolean add(E element) {
    return map.putIfAbsent(element, Present.PRESENT) == null;
  }

  @Override
  public boolean remove(Object element) {
    return map.remove(element) != null;
  }

  /** Looks for each of the others here, however many they are: that costs less than a walk. */
  @Override
  public boolean removeAll(Collection<?> others) {
    return map.keySet().removeAll(others);
  }

  /**
   * Removes all elements, atomically. Costs one fence if there are few blocks, else three, and one
   * step for each block; the log takes 16 bytes for each.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException if the heap has no room for the log; the set
   *     is as before
   */
  @Override
  public void clear() {
    map.clear();
  }

  /**
   * Walks the set: checks each invariant of its structure, that elements are where their hashes say
   * and are there once, that they can be decoded, and that each block is allocated. Elements have
   * no checksum, but their place depends on what they are. Locks the set meanwhile. {@link
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
    map.verify();
  }

  /** Locks everything for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    map.lockAll(transaction);
  }

  long offset() {
    return map.offset();
  }
}
