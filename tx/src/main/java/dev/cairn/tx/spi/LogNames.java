package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.ENTRY_SIZE;
import static dev.cairn.tx.spi.LogFormat.HEADER_SIZE;
import static dev.cairn.tx.spi.LogFormat.LENGTH_AND_SEQUENCE;

import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Names what lies in lanes, their publish slots and the extents of their logs, for reports.
 *
 * <p>Follows the records as far as their sequence numbers go, whether or not they are void: what a
 * transaction that has ended left is named too. Records of the past can mislead it; it is not for
 * decisions.
 */
public final class LogNames {
  private static final String[] KINDS = {
    "?", "word", "set", "clear", "range", "link", "mark", "content"
  };

  private final MediumAccessor accessor;
  private final int lane;

  private LogNames(MediumAccessor accessor, int lane) {
    this.accessor = accessor;
    this.lane = lane;
  }

  /**
   * Names what lies at an offset, if it is in a lane, in a slot, or in an extent of a log. The cost
   * grows with what is in the logs.
   *
   * @param accessor the heap's bytes
   * @param offset any number
   * @return such as {@code lane 3, log record 2, checksum}, or null
   */
  public static @Nullable String describe(MediumAccessor accessor, long offset) {
    long inLanes = offset - HeapLayout.LANES_OFFSET;
    if (inLanes >= 0 && inLanes < HeapLayout.LANE_COUNT * HeapLayout.LANE_SIZE) {
      int lane = (int) (inLanes / HeapLayout.LANE_SIZE);
      return new LogNames(accessor, lane).describeInLane(offset, inLanes % HeapLayout.LANE_SIZE);
    }
    if (offset >= HeapLayout.SLOTS_OFFSET && offset < HeapLayout.ZONES_OFFSET) {
      return describeInSlot(accessor, offset);
    }
    for (int lane = 0; offset >= HeapLayout.ZONES_OFFSET && lane < HeapLayout.LANE_COUNT; lane++) {
      String name = new LogNames(accessor, lane).describeInLog(offset);
      if (name != null) {
        return name;
      }
    }
    return null;
  }

  private static String describeInSlot(MediumAccessor accessor, long offset) {
    long slot = (offset - HeapLayout.SLOTS_OFFSET) / HeapLayout.SLOT_SIZE;
    long at = (offset - HeapLayout.SLOTS_OFFSET) % HeapLayout.SLOT_SIZE;
    long length = accessor.getWord(offset - at + PublishFormat.LENGTH);
    String field;
    if (at < PublishFormat.SEQUENCE) {
      field = "checksum";
    } else if (at < PublishFormat.LENGTH) {
      field = "sequence";
    } else if (at < PublishFormat.HEADER_SIZE) {
      field = "length";
    } else if (at >= length) {
      field = "behind its end";
    } else {
      long index = (at - PublishFormat.HEADER_SIZE) / PublishFormat.ENTRY_SIZE;
      long inEntry = (at - PublishFormat.HEADER_SIZE) % PublishFormat.ENTRY_SIZE;
      int kind = LogFormat.kind(accessor.getWord((offset - inEntry) & -Long.BYTES));
      field =
          "entry %d (%s)%s"
              .formatted(
                  index,
                  kind < KINDS.length ? KINDS[kind] : KINDS[0],
                  inEntry < Long.BYTES ? "" : ", operand");
    }
    return "lane %d, publish record in slot %d, %s"
        .formatted(slot / HeapLayout.SLOTS_PER_LANE, slot % HeapLayout.SLOTS_PER_LANE, field);
  }

  private String describeInLane(long offset, long inLane) {
    if (inLane < LaneLayout.GENERATION + Long.BYTES) {
      return "lane %d, generation".formatted(lane);
    } else if (inLane < LaneLayout.LOG) {
      return "lane %d, reserved".formatted(lane);
    }
    String name = describeInLog(offset);
    return name != null ? name : "lane %d, log, behind its records".formatted(lane);
  }

  /** Follows the log; returns null if the offset is not in it. */
  private @Nullable String describeInLog(long offset) {
    long position = LaneLayout.offset(lane) + LaneLayout.LOG;
    long end = LaneLayout.offset(lane) + HeapLayout.LANE_SIZE;
    for (int sequence = 0; ; sequence++) {
      long length = recordLength(position, end, sequence);
      if (length == 0) {
        return null;
      }
      if (offset >= position && offset < position + length) {
        return "lane %d, log record %d, %s"
            .formatted(lane, sequence, field(position, offset - position, length));
      }
      long link = position + length - ENTRY_SIZE;
      long entry = accessor.getWord(link);
      long linked = accessor.getWord(link + Long.BYTES);
      position += length;
      if (LogFormat.kind(entry) == LogFormat.LINK && isExtent(LogFormat.offset(entry), linked)) {
        position = LogFormat.offset(entry);
        end = position + linked;
      }
    }
  }

  private boolean isExtent(long start, long length) {
    return start >= HeapLayout.ZONES_OFFSET
        && start % Long.BYTES == 0
        && length > 0
        && length <= accessor.size() - start;
  }

  /** The length of what looks like a record of this sequence; 0 if nothing does. */
  private long recordLength(long position, long end, int sequence) {
    if (end - position < HEADER_SIZE + ENTRY_SIZE) {
      return 0;
    }
    long word = accessor.getWord(position + LENGTH_AND_SEQUENCE);
    long length = word & 0xFFFF_FFFFL;
    boolean isRecord =
        word >>> 32 == sequence
            && length >= HEADER_SIZE + ENTRY_SIZE
            && length % Long.BYTES == 0
            && length <= end - position;
    return isRecord ? length : 0;
  }

  private String field(long record, long inRecord, long length) {
    if (inRecord < LENGTH_AND_SEQUENCE) {
      return "checksum";
    } else if (inRecord < HEADER_SIZE) {
      return inRecord < LENGTH_AND_SEQUENCE + Integer.BYTES ? "length" : "sequence";
    }
    int index = 0;
    for (long at = HEADER_SIZE; length - at >= ENTRY_SIZE; index++) {
      int kind = LogFormat.kind(accessor.getWord(record + at));
      if (inRecord < at + ENTRY_SIZE) {
        return "entry %d (%s)%s"
            .formatted(
                index,
                kind < KINDS.length ? KINDS[kind] : KINDS[0],
                inRecord < at + Long.BYTES ? "" : ", operand");
      }
      at += ENTRY_SIZE;
      long data = kind == LogFormat.RANGE ? accessor.getWord(record + at - Long.BYTES) : 0;
      if (data < 0 || data > length - at) {
        break;
      }
      if (inRecord < at + data) {
        return "entry %d (range), old bytes".formatted(index);
      }
      at += data;
    }
    return "entries";
  }
}
