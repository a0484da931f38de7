package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CHECKSUM;
import static dev.cairn.tx.spi.LogFormat.CLEAR;
import static dev.cairn.tx.spi.LogFormat.ENTRY_SIZE;
import static dev.cairn.tx.spi.LogFormat.HEADER_SIZE;
import static dev.cairn.tx.spi.LogFormat.LENGTH_AND_SEQUENCE;
import static dev.cairn.tx.spi.LogFormat.LINK;
import static dev.cairn.tx.spi.LogFormat.RANGE;
import static dev.cairn.tx.spi.LogFormat.SET;
import static dev.cairn.tx.spi.LogFormat.WORD;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts back what a lane's log remembers: what abort and recovery have in common.
 *
 * <p>Reads the valid records forward, then applies their entries newest first. It changes nothing
 * in the log, and every entry is idempotent, so it may be interrupted anywhere and run again.
 */
final class LogRollback {
  private final MediumAccessor accessor;
  private final LineSet lines;
  private long[] entries = new long[64];
  private int count;

  /** The extents of the logs: where each ends, by where it begins. */
  private final TreeMap<Long, Long> extents = new TreeMap<>();

  private final long era;

  /**
   * Creates a rollback.
   *
   * @param lines receives the lines that were changed, for the caller to flush
   */
  LogRollback(MediumAccessor accessor, LineSet lines) {
    this.accessor = accessor;
    this.era = accessor.getWord(HeapLayout.ERA_OFFSET);
    this.lines = lines;
  }

  /**
   * Undoes the valid records of a lane's generation. The caller flushes and fences the lines, then
   * raises the generation.
   *
   * @return whether there was anything to undo
   */
  boolean run(int lane, long generation) {
    count = 0;
    extents.clear();
    collect(lane, generation);
    checkTargets();
    undo();
    return !isEmpty();
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Applies what was collected and checked, newest first. */
  void undo() {
    for (int i = count - 1; i >= 0; i--) {
      undo(entries[i]);
    }
  }

  /** Says whether a lane has no valid record of its generation. */
  boolean isVoid(int lane, long generation) {
    long start = LaneLayout.offset(lane);
    long seed = LogFormat.seed(lane, generation, era);
    return !isValid(start + LaneLayout.LOG, start + HeapLayout.LANE_SIZE, 0, seed);
  }

  /**
   * Remembers the entries of a lane's valid records. Of several lanes, any order of undoing is
   * right: no two have a word in common.
   *
   * @throws HeapCorruptedException if a valid record makes no sense
   */
  void collect(int lane, long generation) {
    long seed = LogFormat.seed(lane, generation, era);
    long position = LaneLayout.offset(lane) + LaneLayout.LOG;
    long end = LaneLayout.offset(lane) + HeapLayout.LANE_SIZE;
    for (int sequence = 0; isValid(position, end, sequence, seed); sequence++) {
      long recordEnd = position + recordLength(position);
      long link = collectEntries(position + HEADER_SIZE, recordEnd);
      if (link == 0) {
        position = recordEnd;
      } else {
        position = LogFormat.offset(accessor.getWord(link));
        end = position + accessor.getWord(link + Long.BYTES);
        addExtent(link, position, end);
      }
    }
  }

  private void addExtent(long link, long start, long end) {
    // Refused at once, not with the targets: a log that leads back into itself could be read for
    // a time that grows with the square of its length.
    check(isOutsideExtents(start, end), link, "an extent apart from all others");
    extents.put(start, end);
  }

  /**
   * Checks that no entry restores over an extent of a log: what is undone later would be read from
   * there. The logs in the lanes are no targets anyway.
   *
   * @throws HeapCorruptedException if one does
   */
  void checkTargets() {
    for (int i = 0; i < count && !extents.isEmpty(); i++) {
      long entry = accessor.getWord(entries[i]);
      long start = LogFormat.offset(entry);
      long operand = accessor.getWord(entries[i] + Long.BYTES);
      long end = start + (LogFormat.kind(entry) == RANGE ? operand : Long.BYTES);
      check(isOutsideExtents(start, end), entries[i], "a target outside of the logs");
    }
  }

  boolean isOutsideExtents(long start, long end) {
    Map.Entry<Long, Long> before = extents.lowerEntry(end);
    return before == null || before.getValue() <= start;
  }

  private boolean isValid(long position, long end, int sequence, long seed) {
    if (end - position < HEADER_SIZE + ENTRY_SIZE) {
      return false;
    }
    long word = accessor.getWord(position + LENGTH_AND_SEQUENCE);
    long length = recordLength(position);
    if (word >>> 32 != sequence || length < HEADER_SIZE + ENTRY_SIZE) {
      return false;
    }
    if (length % Long.BYTES != 0 || length > end - position) {
      return false;
    }
    long hash = seed;
    for (long at = position + HEADER_SIZE; at < position + length; at += Long.BYTES) {
      hash = LogFormat.mix(hash, accessor.getWord(at));
    }
    return LogFormat.mix(hash, word) == accessor.getWord(position + CHECKSUM);
  }

  private long recordLength(long position) {
    return accessor.getWord(position + LENGTH_AND_SEQUENCE) & 0xFFFF_FFFFL;
  }

  /** Remembers the entries of a valid record; returns the place of its link, or 0. */
  private long collectEntries(long position, long end) {
    long at = position;
    while (at < end) {
      if (end - at < ENTRY_SIZE) {
        throw corrupted(at, "an entry of 16 bytes", "%d bytes".formatted(end - at));
      }
      long entry = accessor.getWord(at);
      long operand = accessor.getWord(at + Long.BYTES);
      int kind = LogFormat.kind(entry);
      long length =
          switch (kind) {
            case WORD, SET, CLEAR -> Long.BYTES;
            case RANGE, LINK -> operand;
            default -> -1;
          };
      check(length > 0 && length % Long.BYTES == 0, at, "a kind of 1 to 5 and whole words");
      checkTarget(LogFormat.offset(entry), length, at);
      if (kind == LINK) {
        check(at + ENTRY_SIZE == end, at, "a link at the end of its record");
        return at;
      }
      if (count == entries.length) {
        entries = Arrays.copyOf(entries, 2 * count);
      }
      entries[count++] = at;
      long dataLength = kind == RANGE ? length : 0;
      check(dataLength <= end - at - ENTRY_SIZE, at, "an entry inside its record");
      at += ENTRY_SIZE + dataLength;
    }
    return 0;
  }

  private void checkTarget(long offset, long length, long at) {
    boolean inZones = offset >= HeapLayout.ZONES_OFFSET && length <= accessor.size() - offset;
    boolean inRootLine =
        offset >= HeapLayout.ROOT_OFFSET
            && length <= HeapLayout.ROOT_OFFSET + HeapLayout.LINE_SIZE - offset;
    check(offset % Long.BYTES == 0, at, "an aligned target");
    check(inZones || inRootLine, at, "a target in the zones or the root line");
  }

  private void check(boolean ok, long at, String expected) {
    if (!ok) {
      String actual =
          "entry 0x%x with operand 0x%x"
              .formatted(accessor.getWord(at), accessor.getWord(at + Long.BYTES));
      throw corrupted(at, expected, actual);
    }
  }

  private static HeapCorruptedException corrupted(long at, String expected, String actual) {
    return new HeapCorruptedException("undo log entry", at, expected, actual);
  }

  private void undo(long at) {
    long entry = accessor.getWord(at);
    long operand = accessor.getWord(at + Long.BYTES);
    long offset = LogFormat.offset(entry);
    int kind = LogFormat.kind(entry);
    switch (kind) {
      case WORD -> accessor.putWord(offset, operand);
      case SET -> accessor.clearBits(offset, operand);
      case CLEAR -> accessor.setBits(offset, operand);
      case RANGE -> accessor.copy(at + ENTRY_SIZE, offset, operand);
      default -> throw new AssertionError("checked before: kind " + kind);
    }
    lines.add(offset, kind == RANGE ? operand : Long.BYTES);
  }
}
