package dev.cairn.collections;

import static dev.cairn.collections.DequeLayout.BEFORE;
import static dev.cairn.collections.DequeLayout.BEHIND;
import static dev.cairn.collections.DequeLayout.CAPACITY;
import static dev.cairn.collections.DequeLayout.COUNT;
import static dev.cairn.collections.DequeLayout.DEQUE_SIZE;
import static dev.cairn.collections.DequeLayout.FIRST;
import static dev.cairn.collections.DequeLayout.LAST;
import static dev.cairn.collections.DequeLayout.MARK;
import static dev.cairn.collections.DequeLayout.ORDINAL;
import static dev.cairn.collections.DequeLayout.PRESENT;
import static dev.cairn.collections.DequeLayout.SEGMENT_SIZE;
import static dev.cairn.collections.DequeLayout.SLOTS;

import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.VersionedLock;

/**
 * Visits every block of a deque from the first element to the last, and checks the invariants of
 * {@link DequeElements} on the way.
 */
final class DequeWalker {
  private final MediumAccessor accessor;
  private final long deque;

  DequeWalker(MediumAccessor accessor, long deque) {
    this.accessor = accessor;
    this.deque = deque;
  }

  /** Sees the elements. */
  @FunctionalInterface
  interface SlotVisitor {
    /** Called for each slot in use. */
    void visit(long slot);
  }

  /**
   * Walks the deque, which nobody may be changing; of values in blocks, the blocks only.
   *
   * @param visitor told each block and the length in use; each after it was read for the last time
   * @throws HeapCorruptedException if an invariant is broken
   */
  void walk(BlockVisitor visitor) {
    boolean isInline = DequeLayout.isInline(accessor.getWord(deque));
    walk(
        visitor,
        slot -> {
          if (!isInline) {
            long block = accessor.getWord(slot);
            long length = ValueBlocks.length(accessor.getWord(block), block);
            visitor.visit(block, ValueBlocks.VALUE + length);
          }
        });
  }

  /**
   * The same, but for values.
   *
   * @param visitor told each segment
   * @param slots told each slot in use
   */
  void walk(BlockVisitor visitor, SlotVisitor slots) {
    DequeVerifier.checkHeader(accessor.getWord(deque), deque);
    VersionedLock.checkMark(accessor, deque + MARK);
    for (long at = MARK + Long.BYTES; at < DEQUE_SIZE; at += Long.BYTES) {
      check(accessor.getWord(deque + at) == 0, deque + at, "reserved words of zero", at);
    }
    long count = 0;
    long before = 0;
    long ordinal = 0;
    for (long segment = accessor.getWord(deque + FIRST); segment != 0; ) {
      DequeVerifier.checkSegment(accessor, segment, deque);
      long own = accessor.getWord(segment + ORDINAL);
      check(before == 0 || own > ordinal, segment, "an ordinal above " + ordinal, own);
      long link = accessor.getWord(segment + BEFORE);
      check(link == before, segment, "0x%x before it".formatted(before), link);
      long present = accessor.getWord(segment + PRESENT);
      check(present >>> CAPACITY == 0, segment, CAPACITY + " slots", present);
      long behind = accessor.getWord(segment + BEHIND);
      check(present != 0 || (before | behind) == 0, segment, "an element", present);
      for (long at = segment + PRESENT + Long.BYTES; at < segment + SLOTS; at += Long.BYTES) {
        check(accessor.getWord(at) == 0, at, "reserved words of zero", accessor.getWord(at));
      }
      for (long left = present; left != 0; left &= left - 1) {
        slots.visit(DequeLayout.slot(segment, Long.numberOfTrailingZeros(left)));
        count++;
      }
      visitor.visit(segment, SEGMENT_SIZE);
      before = segment;
      ordinal = own;
      segment = behind;
    }
    long last = accessor.getWord(deque + LAST);
    check(last == before, deque, "0x%x as the last segment".formatted(before), last);
    long found = accessor.getWord(deque + COUNT);
    check(found == count, deque, "a count of " + count, found);
  }

  private static void check(boolean ok, long offset, String expected, long actual) {
    if (!ok) {
      throw new HeapCorruptedException("deque", offset, expected, "0x" + Long.toHexString(actual));
    }
  }
}
