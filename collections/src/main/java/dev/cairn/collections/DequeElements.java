package dev.cairn.collections;

import static dev.cairn.collections.DequeLayout.BEFORE;
import static dev.cairn.collections.DequeLayout.BEHIND;
import static dev.cairn.collections.DequeLayout.CAPACITY;
import static dev.cairn.collections.DequeLayout.COUNT;
import static dev.cairn.collections.DequeLayout.DEQUE_SIZE;
import static dev.cairn.collections.DequeLayout.FIRST;
import static dev.cairn.collections.DequeLayout.LAST;
import static dev.cairn.collections.DequeLayout.ORDINAL;
import static dev.cairn.collections.DequeLayout.OWNER;
import static dev.cairn.collections.DequeLayout.PRESENT;
import static dev.cairn.collections.DequeLayout.SEGMENT_SIZE;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a deque on the medium: a chain of segments, each with a word that says which of
 * its slots are in use, so that an element can go from anywhere, and none is moved.
 *
 * <pre>
 * I1  Segments are linked both ways; ordinals rise by any number from each to the one behind it.
 * I2  Each has an element, unless it is the only one.
 * I3  count is the number of elements. Without any segment it is 0.
 * I4  What a slot says that is not in use means nothing.
 * </pre>
 *
 * <p>Methods that change something need the deque's lock, taken by the transaction; all words are
 * deferred. Methods that only read are given the transaction, to see what it has deferred; or none,
 * and then they may run without the lock: they may return or throw anything, and the caller must
 * validate.
 */
final class DequeElements<E> {
  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final VersionedLock lock;
  private final Type<E> type;
  private final ValueBlocks<E> blocks;
  private final boolean isInline;
  private final long deque;

  /** How often all was removed at once: what was known of segments is void. */
  private int clears;

  /** How often something changed, to notice a record's constructor that does it. */
  private int changes;

  /** Writes an empty deque into fresh memory, as part of a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction, Type<?> type) {
    long deque = heap.allocator().allocate(transaction, DEQUE_SIZE);
    heap.accessor().fill(deque, DEQUE_SIZE, (byte) 0);
    heap.accessor().putWord(deque, DequeLayout.dequeHeader(deque, DequeLayout.isInline(type)));
    return deque;
  }

  DequeElements(OpenHeap heap, VersionedLock lock, Type<E> type, long deque) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.lock = lock;
    this.type = type;
    this.blocks = new ValueBlocks<>(heap, type);
    this.isInline = DequeLayout.isInline(type);
    this.deque = deque;
  }

  // Reading: with or without the lock.

  private long word(@Nullable Transaction transaction, long offset) {
    return transaction == null ? accessor.getWord(offset) : transaction.getWord(offset);
  }

  long count(@Nullable Transaction transaction) {
    DequeVerifier.checkHeader(accessor.getWord(deque), deque);
    long count = word(transaction, deque + COUNT);
    if (count < 0 || count > accessor.size() / Long.BYTES) {
      throw new HeapCorruptedException(
          "deque", deque, "a count of elements that fit into the heap", "count " + count);
    }
    return count;
  }

  /** The segment at an end; 0 if there is none. */
  private long segment(@Nullable Transaction transaction, boolean atLast) {
    long segment = word(transaction, deque + (atLast ? LAST : FIRST));
    if (segment == 0) {
      checkEmpty(transaction);
    } else {
      checkLink(transaction, segment, !atLast, 0);
    }
    return segment;
  }

  /** Throws unless a deque in which no element was found has none. */
  private void checkEmpty(@Nullable Transaction transaction) {
    long count = count(transaction);
    if (count != 0) {
      throw new HeapCorruptedException("deque", deque, count + " elements", "none");
    }
  }

  /** Throws unless a segment is one, and has another one, or none, beside it. */
  private void checkLink(
      @Nullable Transaction transaction, long segment, boolean down, long expected) {
    DequeVerifier.checkSegment(accessor, segment, deque);
    long found = neighbour(transaction, segment, down);
    if (found != expected) {
      throw new HeapCorruptedException(
          "segment",
          segment,
          "0x%x %s it".formatted(expected, down ? "before" : "behind"),
          "0x" + Long.toHexString(found));
    }
  }

  /** The slots in use of a segment, after a look at its header. */
  private long present(@Nullable Transaction transaction, long segment) {
    DequeVerifier.checkSegment(accessor, segment, deque);
    long present = word(transaction, segment + PRESENT);
    if (present >>> CAPACITY != 0) {
      throw new HeapCorruptedException(
          "segment", segment, CAPACITY + " slots", "slots 0x" + Long.toHexString(present));
    }
    return present;
  }

  private static int slotAt(long present, boolean atLast) {
    return atLast
        ? Long.SIZE - 1 - Long.numberOfLeadingZeros(present)
        : Long.numberOfTrailingZeros(present);
  }

  private E read(@Nullable Transaction transaction, long segment, int slot) {
    long at = DequeLayout.slot(segment, slot);
    if (isInline) {
      return ValueWords.read(transaction, accessor, type, at, type.fixedSize());
    }
    return blocks.read(transaction, word(transaction, at));
  }

  private boolean contentEquals(
      @Nullable Transaction transaction, long segment, int slot, E value) {
    long at = DequeLayout.slot(segment, slot);
    if (isInline) {
      return ValueWords.contentEquals(transaction, accessor, type, at, type.fixedSize(), value);
    }
    return blocks.contentEquals(transaction, word(transaction, at), value);
  }

  /** Reads the element at an end; null if there is none. */
  @Nullable E peek(@Nullable Transaction transaction, boolean atLast) {
    long segment = segment(transaction, atLast);
    long present = segment == 0 ? 0 : present(transaction, segment);
    if (present == 0) {
      checkEmpty(transaction);
      return null;
    }
    return read(transaction, segment, slotAt(present, atLast));
  }

  /**
   * The elements of one segment.
   *
   * @param segment where it is
   * @param ordinal its own
   * @param present the slots that they are in
   * @param elements in the order of slots
   * @param clears how often the deque had been cleared
   */
  record Batch<E>(long segment, long ordinal, long present, List<E> elements, int clears) {
    /** The slot of an element. */
    int slot(int index) {
      long left = present;
      for (int i = 0; i < index; i++) {
        left &= left - 1;
      }
      return Long.numberOfTrailingZeros(left);
    }
  }

  /**
   * Reads the elements of the next segment.
   *
   * @param before what was read before it; null for nothing
   * @param down whether the walk goes from the last to the first
   * @return null if there is none
   */
  @Nullable Batch<E> readNext(
      @Nullable Transaction transaction, @Nullable Batch<E> before, boolean down) {
    long segment;
    if (before == null) {
      segment = segment(transaction, down);
    } else if (isThere(transaction, before)) {
      segment = neighbour(transaction, before.segment(), down);
    } else {
      segment = beyond(transaction, before.ordinal(), down);
    }
    if (segment == 0) {
      return null;
    }
    long present = present(transaction, segment);
    long ordinal = accessor.getWord(segment + ORDINAL);
    if (present == 0) {
      checkEmpty(transaction);
      return null;
    }
    if (before != null && isNotBeyond(ordinal, before.ordinal(), down)) {
      throw disordered(segment, ordinal); // a ring of segments would be walked for ever
    }
    List<E> elements = new ArrayList<>(Long.bitCount(present));
    for (long left = present; left != 0; left &= left - 1) {
      elements.add(read(transaction, segment, Long.numberOfTrailingZeros(left)));
    }
    return new Batch<>(segment, ordinal, present, elements, clears);
  }

  private long neighbour(@Nullable Transaction transaction, long segment, boolean down) {
    return word(transaction, segment + (down ? BEFORE : BEHIND));
  }

  private static boolean isNotBeyond(long ordinal, long other, boolean down) {
    return down ? ordinal >= other : ordinal <= other;
  }

  private static HeapCorruptedException disordered(long segment, long ordinal) {
    return new HeapCorruptedException(
        "segment", segment, "an ordinal beyond that of its neighbour", "ordinal " + ordinal);
  }

  /** Says whether a segment that was read is still part of this deque. */
  private boolean isThere(@Nullable Transaction transaction, Batch<E> batch) {
    long segment = batch.segment();
    return batch.clears() == clears
        && accessor.getWord(segment) == DequeLayout.segmentHeader(segment)
        && accessor.getWord(segment + OWNER) == deque
        && accessor.getWord(segment + ORDINAL) == batch.ordinal()
        && word(transaction, segment + PRESENT) != 0
        && isLinked(transaction, segment);
  }

  /**
   * Says whether the chain leads to a segment: not to one of a transaction that was undone, which
   * still looks like one.
   */
  private boolean isLinked(@Nullable Transaction transaction, long segment) {
    long before = neighbour(transaction, segment, true);
    if (before == 0) {
      return word(transaction, deque + FIRST) == segment;
    }
    return accessor.getWord(before) == DequeLayout.segmentHeader(before)
        && accessor.getWord(before + OWNER) == deque
        && neighbour(transaction, before, false) == segment;
  }

  /** Finds the nearest segment beyond an ordinal; 0 if there is none. */
  private long beyond(@Nullable Transaction transaction, long ordinal, boolean down) {
    long segment = segment(transaction, !down);
    long last = 0;
    // From the other end, since what is near the end that the walk began at is behind it.
    for (boolean isFirst = true; segment != 0; isFirst = false) {
      present(transaction, segment);
      long own = accessor.getWord(segment + ORDINAL);
      if (!isFirst && isNotBeyond(own, accessor.getWord(last + ORDINAL), !down)) {
        throw disordered(segment, own);
      }
      if (isNotBeyond(own, ordinal, down)) {
        return last;
      }
      last = segment;
      segment = neighbour(transaction, segment, !down);
    }
    return last;
  }

  // Changing: with the lock, deferred.

  /** Adds an element at an end. */
  void push(Transaction transaction, E value, boolean atLast) {
    transaction.changes(lock);
    changes++;
    long count = count(transaction);
    long segment = segment(transaction, atLast);
    long present = segment == 0 ? -1 : present(transaction, segment);
    int slot = freeSlot(present, atLast);
    if (slot < 0) {
      pushSegment(transaction, value, segment, atLast);
    } else {
      deferElement(transaction, DequeLayout.slot(segment, slot), value);
      transaction.deferWord(segment + PRESENT, present | (1L << slot));
    }
    transaction.deferWord(deque + COUNT, count + 1);
  }

  /** Finds the slot beyond all in use; negative if there is none. */
  private static int freeSlot(long present, boolean atLast) {
    if (present == -1) {
      return -1;
    } else if (present == 0) {
      return atLast ? 0 : CAPACITY - 1;
    }
    int slot = slotAt(present, atLast) + (atLast ? 1 : -1);
    return slot < CAPACITY ? slot : -1;
  }

  private void deferElement(Transaction transaction, long at, E value) {
    if (isInline) {
      ValueWords.defer(transaction, type, at, type.fixedSize(), value);
    } else {
      transaction.deferWord(at, blocks.write(transaction, value));
    }
  }

  /** Adds a segment with one element at an end. The record can vouch for its content. */
  private void pushSegment(Transaction transaction, E value, long neighbour, boolean atLast) {
    long element = isInline ? 0 : blocks.write(transaction, value);
    long added = allocator.allocateRevisable(transaction, SEGMENT_SIZE);
    accessor.fill(added, SEGMENT_SIZE, (byte) 0);
    accessor.putWord(added, DequeLayout.segmentHeader(added));
    accessor.putWord(added + OWNER, deque);
    int slot = atLast ? 0 : CAPACITY - 1;
    accessor.putWord(added + PRESENT, 1L << slot);
    if (isInline) {
      type.write(accessor, DequeLayout.slot(added, slot), value);
    } else {
      accessor.putWord(DequeLayout.slot(added, slot), element);
    }
    transaction.deferWord(deque + (atLast ? LAST : FIRST), added);
    if (neighbour == 0) {
      transaction.deferWord(deque + (atLast ? FIRST : LAST), added);
      return;
    }
    long ordinal = accessor.getWord(neighbour + ORDINAL);
    accessor.putWord(added + ORDINAL, ordinal + (atLast ? 1 : -1));
    accessor.putWord(added + (atLast ? BEFORE : BEHIND), neighbour);
    transaction.deferWord(neighbour + (atLast ? BEHIND : BEFORE), added);
  }

  /** Removes the element at an end; returns it, or null. */
  @Nullable E poll(Transaction transaction, boolean atLast) {
    long segment = segment(transaction, atLast);
    long present = segment == 0 ? 0 : present(transaction, segment);
    if (present == 0) {
      checkEmpty(transaction);
      return null;
    }
    int slot = slotAt(present, atLast);
    int before = changes;
    E value = read(transaction, segment, slot);
    if (changes != before) {
      throw new ConcurrentModificationException(
          "a record's constructor changed the deque that it was called for");
    }
    remove(transaction, segment, present, slot);
    return value;
  }

  /** Removes the first element that equals another, or the last; says whether there was one. */
  boolean removeOccurrence(Transaction transaction, E value, boolean fromLast) {
    long segment = segment(transaction, fromLast);
    while (segment != 0) {
      long present = present(transaction, segment);
      for (long left = present; left != 0; ) {
        int slot = slotAt(left, fromLast);
        if (contentEquals(transaction, segment, slot, value)) {
          remove(transaction, segment, present, slot);
          return true;
        }
        left &= ~(1L << slot);
      }
      segment = neighbourInOrder(transaction, segment, fromLast);
    }
    return false;
  }

  boolean contains(@Nullable Transaction transaction, E value) {
    long segment = segment(transaction, false);
    while (segment != 0) {
      for (long left = present(transaction, segment); left != 0; left &= left - 1) {
        if (contentEquals(transaction, segment, Long.numberOfTrailingZeros(left), value)) {
          return true;
        }
      }
      segment = neighbourInOrder(transaction, segment, false);
    }
    return false;
  }

  private long neighbourInOrder(@Nullable Transaction transaction, long segment, boolean down) {
    long neighbour = neighbour(transaction, segment, down);
    if (neighbour != 0) {
      present(transaction, neighbour);
      long ordinal = accessor.getWord(neighbour + ORDINAL);
      if (isNotBeyond(ordinal, accessor.getWord(segment + ORDINAL), down)) {
        throw disordered(neighbour, ordinal);
      }
    }
    return neighbour;
  }

  /** Removes an element that a walk has shown, if it is still where it was. */
  boolean remove(Transaction transaction, Batch<E> batch, int index) {
    int slot = batch.slot(index);
    long bit = 1L << slot;
    if (!isThere(transaction, batch)) {
      return false;
    }
    long present = present(transaction, batch.segment());
    boolean isSame =
        (present & bit) != 0
            && contentEquals(transaction, batch.segment(), slot, batch.elements().get(index));
    if (isSame) {
      remove(transaction, batch.segment(), present, slot);
    }
    return isSame;
  }

  private void remove(Transaction transaction, long segment, long present, int slot) {
    transaction.changes(lock);
    changes++;
    long count = count(transaction);
    if (count == 0) {
      throw new HeapCorruptedException("deque", deque, "a count of elements", "count 0");
    }
    if (!isInline) {
      allocator.free(transaction, transaction.getWord(DequeLayout.slot(segment, slot)));
    }
    long left = present & ~(1L << slot);
    transaction.deferWord(segment + PRESENT, left);
    transaction.deferWord(deque + COUNT, count - 1);
    if (left == 0) {
      unlink(transaction, segment);
    }
  }

  /** Frees a segment without an element, unless it is the only one. */
  private void unlink(Transaction transaction, long segment) {
    long before = neighbour(transaction, segment, true);
    long behind = neighbour(transaction, segment, false);
    if (before == 0 && behind == 0) {
      return;
    }
    if (before != 0) {
      checkLink(transaction, before, false, segment);
    }
    if (behind != 0) {
      checkLink(transaction, behind, true, segment);
    }
    transaction.deferWord(before == 0 ? deque + FIRST : before + BEHIND, behind);
    transaction.deferWord(behind == 0 ? deque + LAST : behind + BEFORE, before);
    allocator.free(transaction, segment);
  }

  /**
   * Removes everything. The transaction must have {@linkplain Transaction#settle settled} what it
   * had deferred.
   */
  void clear(Transaction transaction) {
    transaction.changes(lock);
    changes++;
    clears++;
    new DequeWalker(accessor, deque).walk((block, length) -> allocator.free(transaction, block));
    transaction.deferWord(deque + FIRST, 0);
    transaction.deferWord(deque + LAST, 0);
    transaction.deferWord(deque + COUNT, 0);
  }
}
