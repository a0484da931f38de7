package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A list that lives in a heap: constant time for {@code get}, {@code set} and appending, which
 * never copies what is there. Get one from {@link PersistentHeap#list}.
 *
 * <p><b>Durability.</b> An operation that changes the list is durable when it returns, and atomic,
 * bulk operations ({@code addAll}, {@code removeIf}, {@code sort}, {@code clear}, ...) too: a crash
 * leaves all of it or nothing. Inside {@link PersistentHeap#transact} it becomes durable, and
 * visible to other threads, with the transaction.
 *
 * <p><b>Threads.</b> Safe for use by many. Single operations are linearizable; one thread changes
 * the list at a time. Readers see committed state only, take no lock and write no shared memory;
 * while a transaction that has changed the list runs, they wait. Inside a transaction, reading
 * locks the list too. Iterators and sub-lists are those of {@link AbstractList}: each step is a
 * read of its own, and a change by anyone else makes them throw {@link
 * java.util.ConcurrentModificationException}, as far as they notice.
 *
 * <p><b>Cost.</b> {@code get}: no fence. {@code add} at the end, {@code set}, {@code removeLast},
 * alone: one fence, and one more for a value of more than 4 KiB. Inside a transaction none of their
 * own. Inserting and removing in the middle, {@code sort} and the like: three fences alone, one of
 * their own in a transaction; they move what lies behind, and log it: time and log grow with its
 * length.
 *
 * <p>Elements may not be null; a list has at most 536,870,896 of them. Values of a type of fixed
 * size lie in the list itself, others in a block each.
 *
 * @param <E> the elements
 */
public final class PersistentArrayList<E> extends AbstractList<E> implements RandomAccess {
  private final Guard guard;
  private final VersionedLock lock;
  private final Type<E> type;
  private final ListElements<E> elements;

  private PersistentArrayList(OpenHeap heap, Type<E> type, long list) {
    this.guard = new Guard(heap, "list", list);
    this.lock = new VersionedLock(heap.file(), list + ListLayout.MARK);
    this.type = type;
    this.elements = new ListElements<>(heap, lock, type, list);
  }

  /** Opens the list that lies at an offset. */
  static <E> PersistentArrayList<E> open(OpenHeap heap, Type<E> type, long list) {
    try {
      ListVerifier.checkBlock(heap, list);
      long header = heap.accessor().getWord(list);
      if (header != ListLayout.header(type.fixedSize())) {
        throw new HeapCorruptedException(
            "list", list, "elements of type " + type, "0x" + Long.toHexString(header));
      }
      return new PersistentArrayList<>(heap, type, list);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw heap.explain(e, "list", list);
    }
  }

  // Reading.

  @Override
  public int size() {
    return guard.read(lock, elements::size);
  }

  @Override
  public E get(int index) {
    E element =
        index < 0
            ? null
            : guard.read(lock, tx -> index < elements.size(tx) ? elements.get(tx, index) : null);
    if (element == null) {
      throw new IndexOutOfBoundsException("index " + index + ", size " + size());
    }
    return element;
  }

  @Override
  public E getFirst() {
    return orNone(guard.read(lock, tx -> elements.size(tx) == 0 ? null : elements.get(tx, 0)));
  }

  @Override
  public E getLast() {
    return orNone(
        guard.read(
            lock,
            tx -> {
              int size = elements.size(tx);
              return size == 0 ? null : elements.get(tx, size - 1);
            }));
  }

  @Override
  public boolean contains(@Nullable Object object) {
    return indexOf(object) >= 0;
  }

  @Override
  public int indexOf(@Nullable Object object) {
    E value = type.asValue(object);
    if (value == null) {
      return -1;
    }
    return guard.read(
        lock,
        tx -> {
          int size = elements.size(tx);
          int index = 0;
          while (index < size && !elements.elementEquals(tx, index, value)) {
            index++;
          }
          return index < size ? index : -1;
        });
  }

  @Override
  public int lastIndexOf(@Nullable Object object) {
    E value = type.asValue(object);
    if (value == null) {
      return -1;
    }
    return guard.read(
        lock,
        tx -> {
          int index = elements.size(tx) - 1;
          while (index >= 0 && !elements.elementEquals(tx, index, value)) {
            index--;
          }
          return index;
        });
  }

  /** Returns the elements as they were at one moment. */
  private List<E> snapshot() {
    return guard.read(lock, elements::toList);
  }

  @Override
  public Object[] toArray() {
    return snapshot().toArray();
  }

  @Override
  public <T> T[] toArray(T[] target) {
    return snapshot().toArray(target);
  }

  // Changing.

  @Override
  public boolean add(E element) {
    return addAll(List.of(checked(element)));
  }

  @Override
  public void add(int index, E element) {
    addAll(index, List.of(checked(element)));
  }

  @Override
  public boolean addAll(Collection<? extends E> added) {
    List<E> values = checkedCopy(added);
    if (!values.isEmpty()) {
      change(transaction -> elements.insert(transaction, elements.size(transaction), values));
    }
    return !values.isEmpty();
  }

  @Override
  public boolean addAll(int index, Collection<? extends E> added) {
    List<E> values = checkedCopy(added);
    change(
        transaction -> {
          checkPosition(index, elements.size(transaction));
          if (!values.isEmpty()) {
            elements.insert(transaction, index, values);
          }
        });
    return !values.isEmpty();
  }

  @Override
  public E set(int index, E element) {
    checked(element);
    return guard.change(
        lock,
        transaction -> {
          checkIndex(index, elements.size(transaction));
          int before = modCount;
          E old = elements.get(transaction, index);
          checkUndisturbed(before); // by a record's constructor
          elements.set(transaction, index, element);
          return old;
        });
  }

  @Override
  public E remove(int index) {
    return guard.change(
        lock,
        transaction -> {
          checkIndex(index, elements.size(transaction));
          return removeAt(transaction, index);
        });
  }

  @Override
  public E removeFirst() {
    return orNone(
        guard.change(
            lock,
            transaction -> elements.size(transaction) == 0 ? null : removeAt(transaction, 0)));
  }

  @Override
  public E removeLast() {
    return orNone(
        guard.change(
            lock,
            transaction -> {
              int size = elements.size(transaction);
              return size == 0 ? null : removeAt(transaction, size - 1);
            }));
  }

  @Override
  public boolean remove(@Nullable Object object) {
    if (!type.isInstance(object)) {
      return false;
    }
    return guard.change(
        lock,
        transaction -> {
          int index = indexOf(object);
          if (index >= 0) {
            elements.remove(transaction, index, index + 1);
            modCount++;
          }
          return index >= 0;
        });
  }

  @Override
  protected void removeRange(int from, int to) {
    if (from < to) {
      change(
          transaction -> {
            checkPosition(to, elements.size(transaction));
            elements.remove(transaction, from, to);
          });
    }
  }

  @Override
  public boolean removeIf(Predicate<? super E> filter) {
    Objects.requireNonNull(filter);
    return keepOnly(element -> !filter.test(element));
  }

  @Override
  public boolean removeAll(Collection<?> removed) {
    Objects.requireNonNull(removed);
    return keepOnly(element -> !removed.contains(element));
  }

  @Override
  public boolean retainAll(Collection<?> retained) {
    Objects.requireNonNull(retained);
    return keepOnly(retained::contains);
  }

  private boolean keepOnly(Predicate<? super E> filter) {
    return guard.change(
        lock,
        transaction -> {
          List<E> values = snapshot();
          int modCountBefore = modCount;
          BitSet kept = new BitSet(values.size());
          for (int i = 0; i < values.size(); i++) {
            kept.set(i, filter.test(values.get(i)));
          }
          checkUndisturbed(modCountBefore);
          if (kept.cardinality() == values.size()) {
            return false;
          }
          elements.keep(transaction, kept);
          modCount++;
          return true;
        });
  }

  @Override
  public void replaceAll(UnaryOperator<E> operator) {
    Objects.requireNonNull(operator);
    guard.change(
        lock,
        transaction -> {
          List<E> values = snapshot();
          int modCountBefore = modCount;
          values.replaceAll(value -> checked(operator.apply(value)));
          checkUndisturbed(modCountBefore);
          elements.setAll(transaction, values);
          return true;
        });
  }

  @Override
  public void sort(@Nullable Comparator<? super E> comparator) {
    change(
        transaction -> {
          List<E> values = snapshot();
          int modCountBefore = modCount;
          values.sort(comparator);
          checkUndisturbed(modCountBefore);
          elements.setAll(transaction, values);
        });
  }

  @Override
  public void clear() {
    change(elements::clear);
  }

  // Shared.

  /** Changes the list's structure. Only who holds the lock counts changes. */
  private void change(Consumer<Transaction> action) {
    guard.change(
        lock,
        transaction -> {
          action.accept(transaction);
          modCount++;
          return true;
        });
  }

  private E removeAt(Transaction transaction, int index) {
    int before = modCount;
    E old = elements.get(transaction, index);
    checkUndisturbed(before); // by a record's constructor
    elements.remove(transaction, index, index + 1);
    modCount++;
    return old;
  }

  /**
   * Throws if a caller's function, called under the lock, has changed the structure of this list:
   * what was prepared before no longer fits it.
   */
  private void checkUndisturbed(int modCountBefore) {
    if (modCount != modCountBefore) {
      throw new ConcurrentModificationException(
          "a function, or a record's constructor, changed the list that it was called for");
    }
  }

  private static <E> E orNone(@Nullable E element) {
    if (element == null) {
      throw new NoSuchElementException("the list is empty");
    }
    return element;
  }

  /**
   * Walks the list: checks each invariant of its structure, that elements can be decoded, and that
   * each block is allocated. Elements have no checksum: one that was damaged into another value of
   * its type is not noticed. Locks the list meanwhile. {@link PersistentHeap#verify} does this for
   * all collections, and finds leaks too.
   *
   * @throws HeapCorruptedException if something is wrong: says what and where; further findings are
   *     its {@linkplain Throwable#getSuppressed suppressed} exceptions; nothing is changed
   * @throws dev.cairn.tx.TransactionConflictException if it waited for a transaction that waits for
   *     it, or for too long
   * @throws IllegalStateException if the thread is in a transaction
   */
  public void verify() {
    guard.verify(
        this::lockAll,
        (reached, findings) ->
            new ListVerifier(guard.heap(), "list", guard.offset(), type, reached, findings).run());
  }

  /** Locks everything for a transaction, so that a walker finds a committed state. */
  void lockAll(Transaction transaction) {
    transaction.lock(lock);
  }

  private static void checkIndex(int index, int size) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index " + index + ", size " + size);
    }
  }

  private static void checkPosition(int index, int size) {
    if (index < 0 || index > size) {
      throw new IndexOutOfBoundsException("index " + index + ", size " + size);
    }
  }

  private E checked(E element) {
    return type.javaType().cast(Objects.requireNonNull(element));
  }

  private List<E> checkedCopy(Collection<? extends E> added) {
    List<E> values = new ArrayList<>(added.size());
    for (E element : added) {
      values.add(checked(element));
    }
    return values;
  }
}
