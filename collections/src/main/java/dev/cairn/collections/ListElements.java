package dev.cairn.collections;

import static dev.cairn.collections.ListLayout.LIST_SIZE;
import static dev.cairn.collections.ListLayout.SEGMENTS;
import static dev.cairn.collections.ListLayout.SIZE;
import static dev.cairn.collections.ListLayout.VALUE;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The elements of a list on the medium: segments that double in size, so that an append copies
 * nothing and an element is found in constant time.
 *
 * <pre>
 * I1  Elements 0 to size - 1 lie in segments that exist.
 * I2  Where elements are offsets, each names a value block of its own.
 * I3  What lies behind the last element means nothing.
 * </pre>
 *
 * <p>Methods that change something need the list's lock, taken by the transaction; each leaves the
 * list intact whenever it returns or throws. Methods that only read may run without it: they may
 * then return or throw anything, and the caller must validate.
 */
final class ListElements<E> {
  /** Values up to this size, in bytes, are read without a look at their block's size. */
  private static final long SMALL_VALUE = 4096;

  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final Type<E> type;
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

  ListElements(OpenHeap heap, Type<E> type, long list) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.type = type;
    this.list = list;
    this.width = ListLayout.elementWidth(type.fixedSize());
    this.inline = type.fixedSize() != Type.VARIABLE;
  }

  // Reading: with or without the lock.

  int size() {
    long size = accessor.getWord(list + SIZE);
    if (size < 0 || size > ListLayout.MAX_SIZE) {
      throw new HeapCorruptedException(
          "list", list, "a size of 0 to " + ListLayout.MAX_SIZE, "size " + size);
    }
    return (int) size;
  }

  E get(int index) {
    long element = element(index);
    return inline
        ? type.read(accessor, element, type.fixedSize())
        : readValue(accessor.getWord(element));
  }

  /** Returns all elements. */
  List<E> toList() {
    int size = size();
    List<E> values = new ArrayList<>();
    long total = 0;
    for (int i = 0; i < size; i++) {
      long element = element(i);
      total += inline ? width : VALUE + valueLength(accessor.getWord(element));
      if (total > accessor.size()) {
        // Blocks that are named more than once would fill memory.
        throw new HeapCorruptedException(
            "list", list, "elements that fit into the heap", "more than %d bytes".formatted(total));
      }
      values.add(get(i));
    }
    return values;
  }

  boolean elementEquals(int index, E value) {
    long element = element(index);
    if (inline) {
      return type.contentEquals(accessor, element, type.fixedSize(), value);
    }
    long block = accessor.getWord(element);
    return type.contentEquals(accessor, block + VALUE, valueLength(block), value);
  }

  private E readValue(long block) {
    return type.read(accessor, block + VALUE, valueLength(block));
  }

  private int valueLength(long block) {
    long header = accessor.getWord(block);
    BlockHeader.check(header, BlockHeader.VALUE, block);
    long length = BlockHeader.detail(header);
    boolean fits =
        length <= SMALL_VALUE
            || (length <= Type.MAX_ENCODED_SIZE && VALUE + length <= allocator.blockSize(block));
    if (!fits) {
      throw new HeapCorruptedException(
          "value", block, "a length within its block", "length " + length);
    }
    return (int) length;
  }

  private long element(int index) {
    int segment = ListLayout.segment(index);
    long start = accessor.getWord(ListLayout.segmentWord(list, segment));
    if (start == 0) {
      throw new HeapCorruptedException("list", list, "a segment " + segment, "none");
    }
    return start + (long) (index - ListLayout.firstIndex(segment)) * width;
  }

  // Changing: with the lock.

  /** Adds elements at the end. One fence, and one more if segments must be made. */
  void append(Transaction transaction, List<? extends E> values) {
    insert(transaction, size(), values);
  }

  /** Adds elements anywhere; those behind move up. One fence, and one more for new segments. */
  void insert(Transaction transaction, int index, List<? extends E> values) {
    int count = values.size();
    int oldSize = size();
    makeSegments(transaction, oldSize, count);
    long[] blocks = writeValues(transaction, values);
    declare(transaction, index, oldSize + count);
    transaction.declareWord(list + SIZE);
    transaction.seal();
    for (int i = oldSize - 1; i >= index; i--) {
      accessor.copy(element(i), element(i + count), width);
    }
    for (int i = 0; i < count; i++) {
      store(index + i, values.get(i), blocks[i]);
    }
    transaction.putWord(list + SIZE, (long) oldSize + count);
  }

  /** Replaces an element. One fence. */
  void set(Transaction transaction, int index, E value) {
    long[] blocks = writeValues(transaction, List.of(value));
    freeValue(transaction, index);
    declare(transaction, index, index + 1);
    transaction.seal();
    store(index, value, blocks[0]);
  }

  /** Replaces all elements. One fence. */
  void setAll(Transaction transaction, List<? extends E> values) {
    assert values.size() == size() : values.size();
    long[] blocks = writeValues(transaction, values);
    for (int i = 0; i < values.size(); i++) {
      freeValue(transaction, i);
    }
    declare(transaction, 0, values.size());
    transaction.seal();
    for (int i = 0; i < values.size(); i++) {
      store(i, values.get(i), blocks[i]);
    }
  }

  /** Removes a range; the elements behind it move down. One fence. */
  void remove(Transaction transaction, int from, int to) {
    int oldSize = size();
    for (int i = from; i < to; i++) {
      freeValue(transaction, i);
    }
    int behind = oldSize - to;
    declare(transaction, from, from + behind);
    transaction.declareWord(list + SIZE);
    transaction.seal();
    for (int i = 0; i < behind; i++) {
      accessor.copy(element(to + i), element(from + i), width);
    }
    transaction.putWord(list + SIZE, (long) oldSize - (to - from));
  }

  /** Removes the elements whose bit is clear; the others move together. One fence. */
  void keep(Transaction transaction, BitSet kept) {
    int oldSize = size();
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
      accessor.copy(element(i), element(target++), width);
    }
    transaction.putWord(list + SIZE, newSize);
  }

  /** Removes everything, segments too. One fence; frees each block. */
  void clear(Transaction transaction) {
    int size = size();
    for (int i = 0; i < size; i++) {
      freeValue(transaction, i);
    }
    for (int segment = 0; segment < SEGMENTS; segment++) {
      long word = ListLayout.segmentWord(list, segment);
      long start = accessor.getWord(word);
      if (start != 0) {
        allocator.free(transaction, start);
        transaction.declareWord(word);
      }
    }
    transaction.declareWord(list + SIZE);
    transaction.seal();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      long word = ListLayout.segmentWord(list, segment);
      if (accessor.getWord(word) != 0) {
        transaction.putWord(word, 0);
      }
    }
    transaction.putWord(list + SIZE, 0);
  }

  private void makeSegments(Transaction transaction, int oldSize, int count) {
    if (oldSize > 0) {
      element(oldSize - 1); // a size that is not true must not make segments for what never was
    }
    if (count > ListLayout.MAX_SIZE - oldSize) {
      throw new IllegalStateException(
          "a list of %,d elements cannot take %,d more: the limit is %,d"
              .formatted(oldSize, count, ListLayout.MAX_SIZE));
    }
    int last = count == 0 ? -1 : ListLayout.segment(oldSize + count - 1);
    long[] made = new long[last + 1];
    for (int segment = 0; segment <= last; segment++) {
      long word = ListLayout.segmentWord(list, segment);
      if (accessor.getWord(word) == 0) {
        made[segment] =
            allocator.allocateUnwritten(
                transaction, (long) ListLayout.segmentElements(segment) * width);
        transaction.declareWord(word);
      }
    }
    transaction.seal();
    for (int segment = 0; segment <= last; segment++) {
      if (made[segment] != 0) {
        transaction.putWord(ListLayout.segmentWord(list, segment), made[segment]);
      }
    }
  }

  /** Writes value blocks, where elements are offsets; returns where they are. */
  private long[] writeValues(Transaction transaction, List<? extends E> values) {
    long[] blocks = new long[values.size()];
    for (int i = 0; i < blocks.length; i++) {
      E value = values.get(i);
      int length = type.encodedSize(value);
      if (!inline) {
        blocks[i] = allocator.allocate(transaction, VALUE + length);
        accessor.putWord(blocks[i], BlockHeader.of(BlockHeader.VALUE, length));
        type.write(accessor, blocks[i] + VALUE, value);
      }
    }
    return blocks;
  }

  /** Declares elements, segment by segment. */
  private void declare(Transaction transaction, int from, int to) {
    for (int index = from; index < to; ) {
      int segment = ListLayout.segment(index);
      int end = Math.min(to, ListLayout.firstIndex(segment) + ListLayout.segmentElements(segment));
      if (width == Long.BYTES && end - index == 1) {
        transaction.declareWord(element(index));
      } else {
        transaction.declareRange(element(index), (long) (end - index) * width);
      }
      index = end;
    }
  }

  private void store(int index, E value, long block) {
    long element = element(index);
    if (inline) {
      type.write(accessor, element, value);
    } else {
      accessor.putWord(element, block);
    }
  }

  private void freeValue(Transaction transaction, int index) {
    if (!inline) {
      allocator.free(transaction, accessor.getWord(element(index)));
    }
  }
}
