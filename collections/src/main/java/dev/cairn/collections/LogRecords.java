package dev.cairn.collections;

import static dev.cairn.collections.LogLayout.BEHIND;
import static dev.cairn.collections.LogLayout.CHECKSUM;
import static dev.cairn.collections.LogLayout.END;
import static dev.cairn.collections.LogLayout.FIRST;
import static dev.cairn.collections.LogLayout.FIRST_INDEX;
import static dev.cairn.collections.LogLayout.LARGEST_SEGMENT;
import static dev.cairn.collections.LogLayout.LAST;
import static dev.cairn.collections.LogLayout.LOG_SIZE;
import static dev.cairn.collections.LogLayout.NEXT_INDEX;
import static dev.cairn.collections.LogLayout.OWNER;
import static dev.cairn.collections.LogLayout.RECORDS;
import static dev.cairn.collections.LogLayout.SEGMENT_INDEX;
import static dev.cairn.collections.LogLayout.SIZE;
import static dev.cairn.collections.LogLayout.SMALLEST_SEGMENT;
import static dev.cairn.collections.LogLayout.START;
import static dev.cairn.collections.LogLayout.VALUE;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of a log on the medium: a chain of segments that are filled one after the other, and
 * freed from the front.
 *
 * <pre>
 * I1  Records first index to next index - 1 lie one behind the other, from START in the first
 *     segment to END in the last. A segment begins with the record of its own index.
 * I2  Each segment has a record that is kept. Without any record there is none.
 * I3  What lies behind the last record means nothing.
 * </pre>
 *
 * <p>Methods that change something need the log's lock, taken by the transaction; its words are
 * deferred, and records are written where nothing leads yet. Methods that only read are given the
 * transaction, to see what it has deferred; or none, and then they may run without the lock: they
 * may return or throw anything, and the caller must validate.
 */
final class LogRecords<E> {
  /** A batch ends with the record that makes it as large as this. */
  private static final long BATCH_BYTES = 16 << 10;

  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final VersionedLock lock;
  private final Type<E> type;
  private final long log;

  /** Writes an empty log into fresh memory, as part of a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction) {
    long log = heap.allocator().allocate(transaction, LOG_SIZE);
    heap.accessor().fill(log, LOG_SIZE, (byte) 0);
    heap.accessor().putWord(log, LogLayout.logHeader(log));
    return log;
  }

  LogRecords(OpenHeap heap, VersionedLock lock, Type<E> type, long log) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.lock = lock;
    this.type = type;
    this.log = log;
  }

  // Reading: with or without the lock.

  private long word(@Nullable Transaction transaction, long offset) {
    return transaction == null ? accessor.getWord(offset) : transaction.getWord(offset);
  }

  long firstIndex(@Nullable Transaction transaction) {
    LogVerifier.checkHeader(accessor.getWord(log), log);
    return word(transaction, log + FIRST_INDEX);
  }

  long nextIndex(@Nullable Transaction transaction) {
    long first = firstIndex(transaction);
    long next = word(transaction, log + NEXT_INDEX);
    if (first < 0 || next < first || next - first > accessor.size() / VALUE) {
      throw new HeapCorruptedException(
          "log", log, "indices that rise from 0", "%d to %d".formatted(first, next));
    }
    return next;
  }

  /**
   * Where a walk goes on.
   *
   * @param segment that the record before lies in
   * @param position behind that record
   * @param index of the next record
   */
  record Place(long segment, long position, long index) {}

  /**
   * What a walk that was in a transaction has seen of the log: where it goes on holds only while
   * that transaction runs, and has appended nothing since.
   *
   * @param stamp of the lock, while it is held
   * @param next the index of the next record
   * @param end where that will be
   */
  record View(long stamp, long next, long end) {}

  /**
   * Records that were read together.
   *
   * @param first the index of the first one
   * @param values of one or more
   * @param next where the walk goes on
   * @param view null if what was read is committed
   */
  record Batch<E>(long first, List<E> values, Place next, @Nullable View view) {}

  /**
   * Reads the next records.
   *
   * @param index of the first one that is wanted; one that was truncated is passed over
   * @param before what the walk has read before; null for nothing
   * @param most how many, 1 or more
   * @return null if there is none
   */
  @Nullable Batch<E> read(
      @Nullable Transaction transaction, long index, @Nullable Batch<E> before, int most) {
    long next = nextIndex(transaction);
    long first = firstIndex(transaction);
    if (Math.max(index, first) >= next) {
      return null;
    }
    View view = transaction == null ? null : view(transaction);
    Place place =
        before != null && before.next().index() > first && isValid(before.view(), view)
            ? before.next()
            : find(transaction, Math.max(index, first));
    List<E> values = new ArrayList<>();
    long bytes = 0;
    Place at = place;
    while (values.size() < most && bytes < BATCH_BYTES && at.index() < next) {
      at = inSegment(transaction, at);
      int length = (int) length(at);
      values.add(value(at, length));
      bytes += length;
      at = new Place(at.segment(), at.position() + LogLayout.recordSize(length), at.index() + 1);
    }
    return new Batch<>(place.index(), values, at, view);
  }

  private View view(Transaction transaction) {
    long end = transaction.getWord(log + END);
    return new View(lock.tryOptimisticRead(), nextIndex(transaction), end);
  }

  /**
   * Says whether the place at which a walk has left off is still one. What was committed stays
   * where it is, unless it is truncated; what a transaction has appended is there until that is
   * undone.
   */
  private static boolean isValid(@Nullable View before, @Nullable View now) {
    return before == null || before.equals(now);
  }

  /** Goes on to the segment behind, if that is where the next record is. */
  private Place inSegment(@Nullable Transaction transaction, Place place) {
    long behind = behind(transaction, place.segment());
    if (behind == 0 || accessor.getWord(behind + SEGMENT_INDEX) != place.index()) {
      return place;
    }
    return new Place(behind, behind + RECORDS, place.index());
  }

  /** The segment behind another, or 0; both are checked. */
  private long behind(@Nullable Transaction transaction, long segment) {
    LogVerifier.checkSegment(accessor, segment, log);
    long behind = word(transaction, segment + BEHIND);
    if (behind != 0) {
      LogVerifier.checkSegment(accessor, behind, log);
      long own = accessor.getWord(segment + SEGMENT_INDEX);
      long other = accessor.getWord(behind + SEGMENT_INDEX);
      if (other <= own) {
        // A ring of segments would be walked for ever.
        throw new HeapCorruptedException("segment", behind, "an index above " + own, "" + other);
      }
    }
    return behind;
  }

  /** Finds a record that is there. */
  private Place find(@Nullable Transaction transaction, long index) {
    long segment = word(transaction, log + FIRST);
    Place place = new Place(segment, word(transaction, log + START), firstIndex(transaction));
    long behind = behind(transaction, segment);
    while (behind != 0 && accessor.getWord(behind + SEGMENT_INDEX) <= index) {
      place = new Place(behind, behind + RECORDS, accessor.getWord(behind + SEGMENT_INDEX));
      behind = behind(transaction, behind);
    }
    while (place.index() < index) {
      long size = LogLayout.recordSize(length(place));
      place = new Place(place.segment(), place.position() + size, place.index() + 1);
    }
    return place;
  }

  /** The length of a record's value, which is checked. */
  private long length(Place place) {
    return LogVerifier.checkRecord(accessor, place.segment(), place.position(), place.index());
  }

  private E value(Place place, int length) {
    LogVerifier.checkContent(accessor, place.position(), place.index());
    return type.read(accessor, place.position() + VALUE, length);
  }

  // Changing: with the lock.

  /** Adds a record; returns its index. */
  long append(Transaction transaction, E value) {
    transaction.changes(lock);
    int length = type.encodedSize(value);
    long size = LogLayout.recordSize(length);
    long index = nextIndex(transaction);
    long record = room(transaction, size, index);
    transaction.constant(record, size);
    accessor.putWord(record, LogLayout.recordHeader(length));
    accessor.putWord(record + size - Long.BYTES, 0);
    type.write(accessor, record + VALUE, value);
    accessor.putWord(record + CHECKSUM, LogVerifier.checksum(accessor, record, index));
    transaction.deferWord(log + NEXT_INDEX, index + 1);
    transaction.deferWord(log + END, record + size);
    return index;
  }

  /** Finds where a record has room; makes a segment if it has none. */
  private long room(Transaction transaction, long size, long index) {
    long last = word(transaction, log + LAST);
    long end = word(transaction, log + END);
    long oldSize = 0;
    if (last != 0) {
      LogVerifier.checkSegment(accessor, last, log);
      oldSize = accessor.getWord(last + SIZE);
      if (end < last + RECORDS || end > last + oldSize || word(transaction, last + BEHIND) != 0) {
        throw new HeapCorruptedException(
            "log", log, "an end in the last segment", "0x" + Long.toHexString(end));
      }
      if (size <= last + oldSize - end) {
        return end;
      }
    } else if (index != firstIndex(transaction)) {
      throw new HeapCorruptedException("log", log, "a segment", "none");
    }
    long newSize = Math.clamp(2 * oldSize, SMALLEST_SEGMENT, LARGEST_SEGMENT);
    long added = addSegment(transaction, Math.max(newSize, RECORDS + size), index);
    transaction.deferWord(log + LAST, added);
    if (last == 0) {
      transaction.deferWord(log + FIRST, added);
      transaction.deferWord(log + START, added + RECORDS);
    } else {
      transaction.deferWord(last + BEHIND, added);
    }
    return added + RECORDS;
  }

  /** Writes an empty segment. The record can vouch for its first line. */
  private long addSegment(Transaction transaction, long size, long index) {
    long added = allocator.allocateUnwritten(transaction, size);
    transaction.revisable(added, RECORDS);
    accessor.fill(added, RECORDS, (byte) 0);
    accessor.putWord(added, LogLayout.segmentHeader(added));
    accessor.putWord(added + OWNER, log);
    accessor.putWord(added + SEGMENT_INDEX, index);
    accessor.putWord(added + SIZE, size);
    return added;
  }

  /** Removes the records before one that is there; frees the segments that only they are in. */
  private void removeBefore(Transaction transaction, long index) {
    transaction.changes(lock);
    Place kept = find(transaction, index);
    length(kept);
    LogVerifier.checkContent(accessor, kept.position(), index); // covers its index, too
    for (long segment = word(transaction, log + FIRST); segment != kept.segment(); ) {
      long behind = behind(transaction, segment);
      allocator.free(transaction, segment);
      segment = behind;
    }
    transaction.deferWord(log + FIRST, kept.segment());
    transaction.deferWord(log + START, kept.position());
    transaction.deferWord(log + FIRST_INDEX, index);
  }

  private void removeAll(Transaction transaction) {
    transaction.changes(lock);
    for (long segment = word(transaction, log + FIRST); segment != 0; ) {
      long behind = behind(transaction, segment);
      allocator.free(transaction, segment);
      segment = behind;
    }
    transaction.deferWord(log + FIRST, 0);
    transaction.deferWord(log + LAST, 0);
    transaction.deferWord(log + START, 0);
    transaction.deferWord(log + END, 0);
    transaction.deferWord(log + FIRST_INDEX, nextIndex(transaction));
  }

  /** Removes all records before one; says how many. */
  long truncate(Transaction transaction, long index) {
    long next = nextIndex(transaction);
    long first = firstIndex(transaction);
    if (index <= first) {
      return 0;
    } else if (index >= next) {
      if (next > first) {
        removeAll(transaction);
      }
    } else {
      removeBefore(transaction, index);
    }
    return Math.min(index, next) - first;
  }
}
