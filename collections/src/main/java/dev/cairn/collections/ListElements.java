package dev.cairn.collections;

import static dev.cairn.collections.ListLayout.LIST_SIZE;
import static dev.cairn.collections.ListLayout.SEGMENTS;
import static dev.cairn.collections.ListLayout.SIZE;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a list on the medium: segments that double in size, so that an append copies
 * nothing and an element is found in constant time.
 *
 * <pre>
 * I1  Elements 0 to size - 1 lie in segments that exist. The size has its check beside it.
 * I2  Where elements are offsets, each names a value block of its own.
 * I3  What lies behind the last element means nothing.
 * </pre>
 *
 * <p>Methods that change something need the list's lock, taken by the transaction; each leaves the
 * list intact whenever it returns or throws. Those that change few words defer them; those that
 * move elements settle the transaction first, and then log and change ranges in place. Methods that
 * only read are given the transaction, to see what it has deferred; or none, and then they may run
 * without the lock: they may return or throw anything, and the caller must validate.
 */
final class ListElements<E> {
  /** So many elements are appended word by word; more are logged as a range. */
  private static final int MOST_DEFERRED = 16;

  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final VersionedLock lock;
  private final Type<E> type;
  private final ValueBlocks<E> blocks;
  private final long list;
  private final int width;
  private final boolean inline;

  /** Writes an empty list into fresh memory, as part of a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction, Type<?> type) {
    long list = heap.allocator().allocate(transaction, LIST_SIZE);
    heap.accessor().fill(list, LIST_SIZE, (byte) 0);
    heap.accessor().putWord(list, ListLayout.header(type.fixedSize()));
    return list;
  }

  ListElements(OpenHeap heap, VersionedLock lock, Type<E> type, long list) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.lock = lock;
    this.type = type;
    this.blocks = new ValueBlocks<>(heap, type);
    this.list = list;
    this.width = ListLayout.elementWidth(type.fixedSize());
    this.inline = type.fixedSize() != Type.VARIABLE;
  }

  // Reading: with or without the lock.

  /** Reads a word that transactions change. */
  private long word(@Nullable Transaction transaction, long offset) {
    return transaction == null ? accessor.getWord(offset) : transaction.getWord(offset);
  }

  int size(@Nullable Transaction transaction) {
    return ListLayout.size(word(transaction, list + SIZE), list);
  }

  E get(@Nullable Transaction transaction, int index) {
    long element = element(transaction, index);
    if (inline) {
      return ValueWords.read(transaction, accessor, type, element, type.fixedSize());
    }
    return blocks.read(transaction, word(transaction, element));
  }

  boolean elementEquals(@Nullable Transaction transaction, int index, E value) {
    long element = element(transaction, index);
    if (inline) {
      return ValueWords.contentEquals(
          transaction, accessor, type, element, type.fixedSize(), value);
    }
    return blocks.contentEquals(transaction, word(transaction, element), value);
  }

  /** Returns all elements. */
  List<E> toList(@Nullable Transaction transaction) {
    int size = size(transaction);
    List<E> values = new ArrayList<>();
    long total = 0;
    for (int i = 0; i < size; i++) {
      long element = element(transaction, i);
      total += inline ? width : ValueBlocks.VALUE + blocks.length(word(transaction, element));
      if (total > accessor.size()) {
        // Blocks that are named more than once would fill memory.
        throw new HeapCorruptedException(
            "list", list, "elements that fit into the heap", "more than %d bytes".formatted(total));
      }
      values.add(get(transaction, i));
    }
    return values;
  }

  private long element(@Nullable Transaction transaction, int index) {
    int segment = ListLayout.segment(index);
    long start = word(transaction, ListLayout.segmentWord(list, segment));
    if (start == 0) {
      throw new HeapCorruptedException("list", list, "a segment " + segment, "none");
    }
    return start + (long) (index - ListLayout.firstIndex(segment)) * width;
  }

  // Changing few words: with the lock, deferred.

  /** Adds an element at the end. */
  void append(Transaction transaction, E value) {
    transaction.changes(lock);
    int size = size(transaction);
    makeSegments(transaction, size, 1);
    deferElement(transaction, size, value);
    transaction.deferWord(list + SIZE, ListLayout.sizeWord(size + 1L));
  }

  /**
   * Replaces an element: where it lies, if the new value is as long, else by another block. A block
   * that this transaction has made is not changed: its record vouches for the content.
   */
  void set(Transaction transaction, int index, E value) {
    transaction.changes(lock);
    long element = element(transaction, index);
    if (inline) {
      int length = type.encodedSize(value);
      ValueWords.overwrite(transaction, accessor, type, element, length, value);
      return;
    }
    long old = word(transaction, element);
    long block = blocks.replace(transaction, old, transaction.isDeferred(element), value);
    if (block != old) {
      transaction.deferWord(element, block);
    }
  }

  /** Removes elements at the end. */
  private void removeLast(Transaction transaction, int from, int to) {
    for (int i = from; i < to && !inline; i++) {
      allocator.free(transaction, word(transaction, element(transaction, i)));
    }
    transaction.deferWord(list + SIZE, ListLayout.sizeWord(from));
    transaction.sealIfLarge();
  }

  /** Removes everything, segments too; frees each block. */
  void clear(Transaction transaction) {
    transaction.changes(lock);
    int size = size(transaction);
    for (int i = 0; i < size && !inline; i++) {
      allocator.free(transaction, word(transaction, element(transaction, i)));
    }
    for (int segment = 0; segment < SEGMENTS; segment++) {
      long word = ListLayout.segmentWord(list, segment);
      long start = transaction.getWord(word);
      if (start != 0) {
        allocator.free(transaction, start);
        transaction.deferWord(word, 0);
      }
    }
    if (size != 0) {
      transaction.deferWord(list + SIZE, ListLayout.sizeWord(0));
    }
    transaction.sealIfLarge();
  }

  private void deferElement(Transaction transaction, int index, E value) {
    long element = element(transaction, index);
    if (inline) {
      ValueWords.defer(transaction, type, element, type.fixedSize(), value);
    } else {
      transaction.deferWord(element, blocks.write(transaction, value));
    }
  }

  // Changing ranges: with the lock, in place, under the undo log.

  /** Adds elements anywhere; those behind move up. */
  void insert(Transaction transaction, int index, List<? extends E> values) {
    int count = values.size();
    int oldSize = size(transaction);
    if (index == oldSize && count <= MOST_DEFERRED) {
      for (E value : values) {
        append(transaction, value);
      }
      return;
    }
    transaction.changes(lock);
    makeSegments(transaction, oldSize, count);
    transaction.settle();
    long[] written = writeValues(transaction, values);
    declare(transaction, index, oldSize + count);
    transaction.declareWord(list + SIZE);
    transaction.seal();
    for (int i = oldSize - 1; i >= index; i--) {
      accessor.copy(element(null, i), element(null, i + count), width);
    }
    for (int i = 0; i < count; i++) {
      store(index + i, values.get(i), written[i]);
    }
    transaction.putWord(list + SIZE, ListLayout.sizeWord((long) oldSize + count));
  }

  /** Replaces all elements. */
  void setAll(Transaction transaction, List<? extends E> values) {
    transaction.changes(lock);
    transaction.settle();
    assert values.size() == size(null) : values.size();
    long[] written = writeValues(transaction, values);
    for (int i = 0; i < values.size(); i++) {
      freeValue(transaction, i);
    }
    declare(transaction, 0, values.size());
    transaction.seal();
    for (int i = 0; i < values.size(); i++) {
      store(i, values.get(i), written[i]);
    }
  }

  /** Removes a range; the elements behind it move down. */
  void remove(Transaction transaction, int from, int to) {
    transaction.changes(lock);
    int oldSize = size(transaction);
    if (to == oldSize) {
      removeLast(transaction, from, to);
      return;
    }
    transaction.settle();
    for (int i = from; i < to; i++) {
      freeValue(transaction, i);
    }
    int behind = oldSize - to;
    declare(transaction, from, from + behind);
    transaction.declareWord(list + SIZE);
    transaction.seal();
    for (int i = 0; i < behind; i++) {
      accessor.copy(element(null, to + i), element(null, from + i), width);
    }
    transaction.putWord(list + SIZE, ListLayout.sizeWord((long) oldSize - (to - from)));
  }

  /** Removes the elements whose bit is clear; the others move together. */
  void keep(Transaction transaction, BitSet kept) {
    transaction.changes(lock);
    transaction.settle();
    int oldSize = size(null);
    int newSize = kept.cardinality();
    int first = kept.nextClearBit(0);
    for (int i = first; i < oldSize; i = kept.nextClearBit(i + 1)) {
      freeValue(transaction, i);
    }
    declare(transaction, first, newSize);
    transaction.declareWord(list + SIZE);
    transaction.seal();
    int target = first;
    for (int i = kept.nextSetBit(first); i >= 0; i = kept.nextSetBit(i + 1)) {
      accessor.copy(element(null, i), element(null, target++), width);
    }
    transaction.putWord(list + SIZE, ListLayout.sizeWord(newSize));
  }

  /** Makes the segments that elements behind the last one need; what they hold means nothing. */
  private void makeSegments(Transaction transaction, int oldSize, int count) {
    if (oldSize > 0) {
      // A size that is not true must not make segments for what never was.
      element(transaction, oldSize - 1);
    }
    if (count > ListLayout.MAX_SIZE - oldSize) {
      throw new IllegalStateException(
          "a list of %,d elements cannot take %,d more: the limit is %,d"
              .formatted(oldSize, count, ListLayout.MAX_SIZE));
    }
    int last = count == 0 ? -1 : ListLayout.segment(oldSize + count - 1);
    for (int segment = 0; segment <= last; segment++) {
      long word = ListLayout.segmentWord(list, segment);
      if (transaction.getWord(word) == 0) {
        long size = (long) ListLayout.segmentElements(segment) * width;
        transaction.deferWord(word, allocator.allocateUnwritten(transaction, size));
      }
    }
  }

  /** Writes value blocks, where elements are offsets; returns where they are. */
  private long[] writeValues(Transaction transaction, List<? extends E> values) {
    long[] written = new long[values.size()];
    for (int i = 0; i < written.length; i++) {
      E value = values.get(i);
      if (inline) {
        type.encodedSize(value); // refuses what cannot be stored, before anything is
      } else {
        written[i] = blocks.write(transaction, value);
      }
    }
    return written;
  }

  /** Declares elements, segment by segment. */
  private void declare(Transaction transaction, int from, int to) {
    for (int index = from; index < to; ) {
      int segment = ListLayout.segment(index);
      int end = Math.min(to, ListLayout.firstIndex(segment) + ListLayout.segmentElements(segment));
      if (width == Long.BYTES && end - index == 1) {
        transaction.declareWord(element(null, index));
      } else {
        transaction.declareRange(element(null, index), (long) (end - index) * width);
      }
      index = end;
    }
  }

  private void store(int index, E value, long block) {
    long element = element(null, index);
    if (inline) {
      type.write(accessor, element, value);
    } else {
      accessor.putWord(element, block);
    }
  }

  private void freeValue(Transaction transaction, int index) {
    if (!inline) {
      allocator.free(transaction, accessor.getWord(element(null, index)));
    }
  }
}
