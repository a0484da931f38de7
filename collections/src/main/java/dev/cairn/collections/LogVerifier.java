package dev.cairn.collections;

import static dev.cairn.collections.LogLayout.BEHIND;
import static dev.cairn.collections.LogLayout.CHECKSUM;
import static dev.cairn.collections.LogLayout.END;
import static dev.cairn.collections.LogLayout.FIRST;
import static dev.cairn.collections.LogLayout.FIRST_INDEX;
import static dev.cairn.collections.LogLayout.LAST;
import static dev.cairn.collections.LogLayout.LOG_SIZE;
import static dev.cairn.collections.LogLayout.MARK;
import static dev.cairn.collections.LogLayout.NEXT_INDEX;
import static dev.cairn.collections.LogLayout.OWNER;
import static dev.cairn.collections.LogLayout.RECORDS;
import static dev.cairn.collections.LogLayout.SEGMENT_INDEX;
import static dev.cairn.collections.LogLayout.SIZE;
import static dev.cairn.collections.LogLayout.START;
import static dev.cairn.collections.LogLayout.VALUE;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.VersionedLock;
import org.jspecify.annotations.Nullable;

/** Checks a log: the parts that each read looks at, and all of it, when nobody changes it. */
final class LogVerifier {
  private final OpenHeap heap;
  private final MediumAccessor accessor;
  private final String title;
  private final long log;
  private final @Nullable Type<?> type;
  private final ReachedBlocks reached;
  private final Findings findings;

  /**
   * Creates a verifier.
   *
   * @param title such as {@code log "events"}
   * @param log where it lies
   * @param type of the records; null if only the program knows
   * @param reached is told of every block
   */
  LogVerifier(
      OpenHeap heap,
      String title,
      long log,
      @Nullable Type<?> type,
      ReachedBlocks reached,
      Findings findings) {
    this.heap = heap;
    this.accessor = heap.accessor();
    this.title = title;
    this.log = log;
    this.type = type;
    this.reached = reached;
    this.findings = findings;
  }

  /** Throws unless a log can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(OpenHeap heap, long log) {
    long size = heap.allocator().blockSize(log);
    if (size < LOG_SIZE) {
      throw new HeapCorruptedException(
          "log", log, "a block of at least " + LOG_SIZE, "%d bytes".formatted(size));
    }
    checkHeader(heap.accessor().getWord(log), log);
  }

  /** Throws unless a header is that of the log at an offset. */
  static void checkHeader(long header, long log) {
    if (header != LogLayout.logHeader(log)) {
      throw new HeapCorruptedException(
          "log",
          log,
          "header 0x%x".formatted(LogLayout.logHeader(log)),
          "0x" + Long.toHexString(header));
    }
  }

  /** Throws unless a segment of a log lies at an offset. */
  static void checkSegment(MediumAccessor accessor, long segment, long log) {
    long header = accessor.getWord(segment);
    long owner = accessor.getWord(segment + OWNER);
    long size = accessor.getWord(segment + SIZE);
    if (header != LogLayout.segmentHeader(segment) || owner != log) {
      throw new HeapCorruptedException(
          "segment",
          segment,
          "header 0x%x, of log 0x%x".formatted(LogLayout.segmentHeader(segment), log),
          "0x%x, of 0x%x".formatted(header, owner));
    }
    if (size < RECORDS || size > accessor.size() - segment) {
      throw new HeapCorruptedException(
          "segment", segment, "a size within the heap", "%d bytes".formatted(size));
    }
  }

  /** Throws unless a record can lie at a position of a segment; returns its value's length. */
  static long checkRecord(MediumAccessor accessor, long segment, long position, long index) {
    long end = segment + accessor.getWord(segment + SIZE);
    long header =
        position < segment + RECORDS || position > end - VALUE ? 0 : accessor.getWord(position);
    long length = LogLayout.length(header);
    if (header != LogLayout.recordHeader(length)
        || length > Type.MAX_ENCODED_SIZE
        || LogLayout.recordSize(length) > end - position) {
      throw new HeapCorruptedException(
          "record",
          position,
          "the header of record %d, within its segment".formatted(index),
          "0x" + Long.toHexString(header));
    }
    return length;
  }

  /** Throws unless the checksum of a record, whose header is right, is. */
  static void checkContent(MediumAccessor accessor, long record, long index) {
    long found = accessor.getWord(record + CHECKSUM);
    long expected = checksum(accessor, record, index);
    if (found != expected) {
      throw new HeapCorruptedException(
          "record",
          record,
          "checksum 0x%x, of record %d".formatted(expected, index),
          "0x" + Long.toHexString(found));
    }
  }

  /** The checksum of a record whose header is right. */
  static long checksum(MediumAccessor accessor, long record, long index) {
    long length = LogLayout.length(accessor.getWord(record));
    long words = (LogLayout.recordSize(length) - VALUE) / Long.BYTES;
    long seed = ContentHash.ofWord(length, index);
    return ContentHash.ofWords(accessor, record + VALUE, words, seed);
  }

  /** Checks everything. */
  void run() {
    findings.check(title, "log", log, this::walk);
  }

  private void walk() {
    checkBlock(heap, log);
    VersionedLock.checkMark(accessor, log + MARK);
    reached.visit(log, LOG_SIZE);
    long index = accessor.getWord(log + FIRST_INDEX);
    long next = accessor.getWord(log + NEXT_INDEX);
    long segment = accessor.getWord(log + FIRST);
    long position = accessor.getWord(log + START);
    check((segment != 0) == (index != next), log, "segments if there are records", segment);
    check(index >= 0, log, "an index of 0 or more", index);
    long last = 0;
    while (segment != 0) {
      checkSegment(accessor, segment, log);
      long own = accessor.getWord(segment + SEGMENT_INDEX);
      boolean isNext = last == 0 ? own <= index : own == index;
      check(isNext, segment, "index " + index, own);
      if (last == 0 && own == index) {
        check(position == segment + RECORDS, log, "a start at the segment's", position);
      }
      for (long at = segment + SIZE + Long.BYTES; at < segment + RECORDS; at += Long.BYTES) {
        check(accessor.getWord(at) == 0, at, "reserved words of zero", accessor.getWord(at));
      }
      long behind = accessor.getWord(segment + BEHIND);
      if (behind != 0) {
        checkSegment(accessor, behind, log);
      }
      long limit = behind == 0 ? next : accessor.getWord(behind + SEGMENT_INDEX);
      check(limit > index && limit <= next, segment, "a record that is kept", limit);
      for (; index < limit; index++) {
        position = checkedRecord(segment, position, index);
      }
      reached.visit(segment, accessor.getWord(segment + SIZE));
      last = segment;
      segment = behind;
      if (behind != 0) {
        position = behind + RECORDS;
      }
    }
    long found = accessor.getWord(log + LAST);
    check(found == last, log, "0x%x as the last segment".formatted(last), found);
    long end = accessor.getWord(log + END);
    check(end == position, log, "0x%x as its end".formatted(position), end);
  }

  /** Checks a record and its value; returns where it ends. */
  private long checkedRecord(long segment, long position, long index) {
    long length = checkRecord(accessor, segment, position, index);
    checkContent(accessor, position, index);
    if (type != null) {
      type.readIfAccepted(accessor, position + VALUE, (int) length);
    }
    return position + LogLayout.recordSize(length);
  }

  private static void check(boolean ok, long offset, String expected, long actual) {
    if (!ok) {
      throw new HeapCorruptedException("log", offset, expected, "0x" + Long.toHexString(actual));
    }
  }
}
