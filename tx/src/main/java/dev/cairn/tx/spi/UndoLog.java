package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CHECKSUM;
import static dev.cairn.tx.spi.LogFormat.ENTRY_SIZE;
import static dev.cairn.tx.spi.LogFormat.HEADER_SIZE;
import static dev.cairn.tx.spi.LogFormat.LENGTH_AND_SEQUENCE;
import static dev.cairn.tx.spi.LogFormat.LINK;
import static dev.cairn.tx.spi.LogFormat.LINK_RECORD_SIZE;
import static dev.cairn.tx.spi.LogFormat.RANGE;

import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.PersistentMemoryException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.TransactionTooLargeException;
import java.util.Arrays;

/**
 * Writes one lane's log. Hot path; confined to the thread that holds the lane.
 *
 * <p>The log starts in the lane and goes on in extents: blocks that the allocator has reserved but
 * never publishes, so that a crash frees them. No tail pointer is ever written: records carry their
 * own proof (see {@link LogFormat}), and the lane's generation, raised by the commit point, voids
 * them all at once.
 */
final class UndoLog {
  private static final long FIRST_EXTENT_SIZE = 16 << 10;
  private static final long LARGEST_EXTENT_SIZE = 1 << 20;

  private final MediumAccessor accessor;
  private final LogSpace space;
  private final Runnable reclaim;
  private final int lane;
  private final long laneOffset;
  private final long era;
  private long generation;

  private long position;
  private long extentEnd;
  private long unflushedFrom;
  private int sequence;
  private long hash;

  /** The record being written, or 0. */
  private long recordStart;

  private long[] extents = new long[4];
  private int extentCount;
  private long nextExtentSize;

  /**
   * Creates the log of a lane.
   *
   * @param reclaim makes room where {@code space} has none, or does not
   */
  UndoLog(MediumAccessor accessor, LogSpace space, int lane, Runnable reclaim) {
    this.accessor = accessor;
    this.space = space;
    this.reclaim = reclaim;
    this.lane = lane;
    this.laneOffset = LaneLayout.offset(lane);
    this.era = accessor.getWord(HeapLayout.ERA_OFFSET);
    this.generation = accessor.getWord(laneOffset + LaneLayout.GENERATION);
    rewind();
  }

  private void rewind() {
    position = laneOffset + LaneLayout.LOG;
    extentEnd = laneOffset + HeapLayout.LANE_SIZE;
    unflushedFrom = position;
    sequence = 0;
    recordStart = 0;
    nextExtentSize = FIRST_EXTENT_SIZE;
  }

  int lane() {
    return lane;
  }

  long generation() {
    return generation;
  }

  /** Whether no entry was written since the generation was last raised, not even a dropped one. */
  boolean isEmpty() {
    return sequence == 0 && recordStart == 0;
  }

  /** Writes an entry of two words. Nothing is durable before {@link #flush} and a fence. */
  void append(int kind, long offset, long operand) {
    makeRoom(ENTRY_SIZE);
    put(LogFormat.entry(kind, offset));
    put(operand);
  }

  /** Copies a range of whole words, in as many entries as the extents' ends make necessary. */
  void appendRange(long offset, long length) {
    assert offset % Long.BYTES == 0 : offset;
    assert length % Long.BYTES == 0 : length;
    for (long done = 0; done < length; ) {
      long room = makeRoom(ENTRY_SIZE + Long.BYTES) - ENTRY_SIZE;
      long piece = Math.min(length - done, room);
      put(LogFormat.entry(RANGE, offset + done));
      put(piece);
      for (long end = done + piece; done < end; done += Long.BYTES) {
        put(accessor.getWord(offset + done));
      }
    }
  }

  /** Ends the open record, and flushes: with the next fence all records are durable. */
  void flush() {
    closeRecord();
    flushWritten();
  }

  /**
   * Voids all records with the next fence: the commit point, and the end of an abort. One aligned
   * word cannot tear, so a crash leaves all records valid or none.
   */
  void voidRecords() {
    if (position > unflushedFrom) {
      // What a seal that failed had written: void with the rest, durable or not.
      accessor.discarded(unflushedFrom, position - unflushedFrom);
    }
    generation++;
    accessor.putWordRelease(laneOffset + LaneLayout.GENERATION, generation);
    accessor.flush(laneOffset + LaneLayout.GENERATION, Long.BYTES);
  }

  /** Begins anew, when the records are void for good. */
  void restart() {
    for (int i = 0; i < extentCount; i++) {
      space.release(extents[i]);
    }
    extentCount = 0;
    rewind();
  }

  /**
   * Opens a record, in a new extent if this one has no room.
   *
   * @return the bytes that the record may still take, at least {@code needed}
   */
  private long makeRoom(long needed) {
    if (available() < needed) {
      closeRecord();
      extend(needed);
    }
    if (recordStart == 0) {
      recordStart = position;
      position += HEADER_SIZE;
      hash = LogFormat.seed(lane, generation, era);
    }
    return available();
  }

  private long available() {
    return extentEnd - LINK_RECORD_SIZE - position - (recordStart == 0 ? HEADER_SIZE : 0);
  }

  private void extend(long needed) {
    long size = Math.max(nextExtentSize, HEADER_SIZE + needed + LINK_RECORD_SIZE);
    long extent = reserve(size);
    recordStart = position;
    position += HEADER_SIZE;
    hash = LogFormat.seed(lane, generation, era);
    put(LogFormat.entry(LINK, extent));
    put(size);
    closeRecord();
    flushWritten();
    position = extent;
    unflushedFrom = extent;
    extentEnd = extent + size;
    nextExtentSize = Math.min(2 * size, LARGEST_EXTENT_SIZE);
  }

  private long reserve(long size) {
    if (extentCount == extents.length) {
      extents = Arrays.copyOf(extents, 2 * extentCount);
    }
    try {
      long extent = reserveWithEffort(size);
      extents[extentCount++] = extent;
      return extent;
    } catch (HeapFailedException e) {
      throw e; // to reclaim takes fences
    } catch (PersistentMemoryException e) {
      throw new TransactionTooLargeException(
          "undo log of lane %d: %,d records in %,d extents, no room for another extent of %,d bytes"
              .formatted(lane, sequence, extentCount + 1, size),
          e);
    }
  }

  private long reserveWithEffort(long size) {
    try {
      return space.reserve(size);
    } catch (HeapFailedException e) {
      throw e;
    } catch (PersistentMemoryException e) {
      reclaim.run(); // what lanes have freed may only wait for their next records
    }
    return space.reserve(size);
  }

  private void closeRecord() {
    if (recordStart == 0) {
      return;
    }
    long word = LogFormat.lengthAndSequence(position - recordStart, sequence);
    accessor.putWord(recordStart + LENGTH_AND_SEQUENCE, word);
    accessor.putWord(recordStart + CHECKSUM, LogFormat.mix(hash, word));
    recordStart = 0;
    sequence++;
  }

  private void flushWritten() {
    if (position > unflushedFrom) {
      accessor.flush(unflushedFrom, position - unflushedFrom);
      unflushedFrom = position;
    }
  }

  private void put(long word) {
    accessor.putWord(position, word);
    position += Long.BYTES;
    hash = LogFormat.mix(hash, word);
  }
}
