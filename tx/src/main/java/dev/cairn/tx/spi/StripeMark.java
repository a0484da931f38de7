package dev.cairn.tx.spi;

import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/**
 * What orders the publish records of all that one lock guards. Guarded by that lock.
 *
 * <p>On the medium there is a mark, a word: records of this stripe whose sequence is not greater
 * are durable in place, and dead. Every transaction that changes the stripe makes the record before
 * its own durable in place, if it is not, and stores that one's sequence here.
 */
final class StripeMark {
  private static final long LARGEST = 1L << 62;

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

  /** Reads a mark; throws if it makes no sense. */
  static long read(MediumAccessor accessor, long offset) {
    long found = accessor.getWord(offset);
    if (found < 0 || found > LARGEST) {
      throw PublishReplay.corrupted("stripe", offset, "a mark of 0 to 2^62", found);
    }
    return found;
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
    accessor.putWord(offset, sequence);
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
