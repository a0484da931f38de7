package dev.cairn.tx.spi;

import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/**
 * What orders the publish records of all that one lock guards. Guarded by that lock.
 *
 * <p>On the medium there is a mark, a word: records of this stripe whose sequence is not greater
 * are durable in place, and dead. Every transaction that changes the stripe makes the record before
 * its own durable in place, if it is not, and stores that one's sequence here.
 *
 * <p>A lost mark of zeros says 0, as a new one does: the stripe's identity, or the list's header
 * beside it, tells that the line was lost.
 *
 * <pre>
 *   bits  0-15  check of the sequence: a mark that is too great would make records dead that are not
 *   bits 16-63  sequence
 * </pre>
 */
final class StripeMark {
  private static final int CHECK_BITS = 16;
  private static final long LARGEST = (1L << (Long.SIZE - CHECK_BITS)) - 1;

  private final long offset;

  /** What the mark holds, or a negative number before it was read. */
  private long stored = -1;

  /** The sequence of the last record. */
  private long sequence;

  /** Who published the last record, if it may not be durable in place. */
  private @Nullable Publisher publisher;

  private long publication;

  /** Whether the running transaction changes the stripe. */
  boolean isChanging;

  /** Whether the running transaction has stored the mark itself. */
  boolean isStored;

  StripeMark(long offset) {
    this.offset = offset;
  }

  /** Makes sure that a mark can hold a sequence. */
  static void checkSequence(long sequence) {
    if (sequence > LARGEST) {
      throw new IllegalStateException(
          "sequence %,d of a publish record: the limit is %,d".formatted(sequence, LARGEST));
    }
  }

  /** The word that says a sequence; 0 says 0. */
  static long encode(long sequence) {
    assert sequence <= LARGEST : sequence;
    return (sequence << CHECK_BITS) | check(sequence);
  }

  /**
   * Reads the sequence of a mark.
   *
   * @param offset of the mark
   * @return the greatest sequence of the stripe's dead records
   * @throws dev.cairn.heap.HeapCorruptedException if its check is wrong
   */
  static long read(MediumAccessor accessor, long offset) {
    long found = accessor.getWord(offset);
    long sequence = found >>> CHECK_BITS;
    if (found != encode(sequence)) {
      throw PublishReplay.corrupted("mark", offset, "a sequence and its check", found);
    }
    return sequence;
  }

  private static long check(long sequence) {
    return (sequence * LogFormat.MULTIPLIER) >>> (Long.SIZE - CHECK_BITS);
  }

  long offset() {
    return offset;
  }

  /** Returns the sequence of the last record; a later one has a greater. */
  long sequence(MediumAccessor accessor) {
    assert stored < 0 || stored <= sequence : stored;
    if (stored < 0) {
      stored = read(accessor, offset);
      sequence = stored;
    }
    return sequence;
  }

  /**
   * Adds where the last record's words lie, if they may not be durable, and the own fence would not
   * make them so.
   */
  void addUnsettled(Publisher own, LineSet target) {
    if (publisher != null && publisher != own) {
      publisher.copyUnsettled(publication, target);
    }
  }

  /**
   * Stores the sequence of the last record, now that it is durable in place: it is dead.
   *
   * @return whether the mark has changed, and must be flushed
   */
  boolean store(MediumAccessor accessor) {
    assert stored >= 0 : stored;
    if (stored == sequence) {
      return false;
    }
    accessor.putWord(offset, encode(sequence));
    stored = sequence;
    isStored = true;
    return true;
  }

  /** Says that the last record is durable in place. */
  void settle() {
    publisher = null;
  }

  /** Says which record is the last from here on. */
  void published(Publisher by) {
    publisher = by;
    publication = by.published();
    sequence = by.sequence();
  }
}
