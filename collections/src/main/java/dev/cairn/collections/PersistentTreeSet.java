package dev.cairn.collections;

import dev.cairn.collections.PresentType.Present;
import dev.cairn.tx.spi.Transaction;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NavigableSet;
import java.util.Spliterator;
import org.jspecify.annotations.Nullable;

/**
 * A sorted set that lives in a heap. Get one from {@link PersistentHeap#treeSet}.
 *
 * <p>Durability, threads, cost and order are those of a {@link PersistentTreeMap}, with the
 * elements as its keys: {@code add} of what is not there and {@code remove} of what is cost one
 * fence, two if a node is split; others none. Bulk operations, but for {@link #clear}, are many
 * such ones; inside {@link PersistentHeap#transact} everything becomes durable, and visible to
 * other threads, with the transaction.
 *
 * @param <E> the elements
 */
public final class PersistentTreeSet<E> extends AbstractSet<E> implements NavigableSet<E> {
  /** The elements are its keys; its values have no bytes. */
  private final PersistentTreeMap<E, Present> map;

  private final TreeKeys<E, Present> keys;

  private PersistentTreeSet(PersistentTreeMap<E, Present> map) {
    this.map = map;
    this.keys = new TreeKeys<>(map.all(), Present.PRESENT);
  }

  /** Opens the set that lies at an offset: a tree map's block. */
  static <E> PersistentTreeSet<E> open(
      OpenHeap heap, Type<E> type, SortOrder<E> order, long offset) {
    return new PersistentTreeSet<>(
        PersistentTreeMap.open(heap, "tree set", type, order, PresentType.INSTANCE, offset));
  }

  /**
   * Counts the elements; {@link #size} cannot say more than {@link Integer#MAX_VALUE}.
   *
   * @return the number of elements
   */
  public long elementCount() {
    return map.mappingCount();
  }

  /**
   * Walks the set, and checks it as {@link PersistentTreeMap#verify} does.
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

  @Override
  public boolean add(E element) {
    return keys.add(element);
  }

  @Override
  public boolean remove(Object element) {
    return keys.remove(element);
  }

  @Override
  public boolean removeAll(Collection<?> others) {
    return keys.removeAll(others);
  }

  @Override
  public boolean contains(Object element) {
    return keys.contains(element);
  }

  @Override
  public int size() {
    return keys.size();
  }

  @Override
  public boolean isEmpty() {
    return keys.isEmpty();
  }

  @Override
  public void clear() {
    keys.clear();
  }

  @Override
  public Iterator<E> iterator() {
    return keys.iterator();
  }

  @Override
  public Iterator<E> descendingIterator() {
    return keys.descendingIterator();
  }

  @Override
  public Spliterator<E> spliterator() {
    return keys.spliterator();
  }

  @Override
  public @Nullable E lower(E element) {
    return keys.lower(element);
  }

  @Override
  public @Nullable E floor(E element) {
    return keys.floor(element);
  }

  @Override
  public @Nullable E ceiling(E element) {
    return keys.ceiling(element);
  }

  @Override
  public @Nullable E higher(E element) {
    return keys.higher(element);
  }

  @Override
  public E first() {
    return keys.first();
  }

  @Override
  public E last() {
    return keys.last();
  }

  @Override
  public @Nullable E pollFirst() {
    return keys.pollFirst();
  }

  @Override
  public @Nullable E pollLast() {
    return keys.pollLast();
  }

  @Override
  public NavigableSet<E> descendingSet() {
    return keys.descendingSet();
  }

  @Override
  public NavigableSet<E> subSet(E from, boolean fromInclusive, E to, boolean toInclusive) {
    return keys.subSet(from, fromInclusive, to, toInclusive);
  }

  @Override
  public NavigableSet<E> headSet(E to, boolean inclusive) {
    return keys.headSet(to, inclusive);
  }

  @Override
  public NavigableSet<E> tailSet(E from, boolean inclusive) {
    return keys.tailSet(from, inclusive);
  }

  @Override
  public NavigableSet<E> subSet(E from, E to) {
    return keys.subSet(from, to);
  }

  @Override
  public NavigableSet<E> headSet(E to) {
    return keys.headSet(to);
  }

  @Override
  public NavigableSet<E> tailSet(E from) {
    return keys.tailSet(from);
  }

  @Override
  public @Nullable Comparator<? super E> comparator() {
    return keys.comparator();
  }
}
