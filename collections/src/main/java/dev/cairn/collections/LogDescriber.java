package dev.cairn.collections;

import static dev.cairn.collections.LogLayout.BEHIND;
import static dev.cairn.collections.LogLayout.CHECKSUM;
import static dev.cairn.collections.LogLayout.END;
import static dev.cairn.collections.LogLayout.FIRST;
import static dev.cairn.collections.LogLayout.FIRST_INDEX;
import static dev.cairn.collections.LogLayout.LAST;
import static dev.cairn.collections.LogLayout.LOG_SIZE;
import static dev.cairn.collections.LogLayout.RECORDS;
import static dev.cairn.collections.LogLayout.SEGMENT_INDEX;
import static dev.cairn.collections.LogLayout.SIZE;
import static dev.cairn.collections.LogLayout.START;
import static dev.cairn.collections.LogLayout.VALUE;

import org.jspecify.annotations.Nullable;

/** Names what lies in a log, segment by segment, record by record. */
final class LogDescriber {
  private final BlockSearch search;
  private final String title;
  private final long log;

  LogDescriber(BlockSearch search, String title, long log) {
    this.search = search;
    this.title = title;
    this.log = log;
  }

  /** Names the place that is looked for, if it is in this log. */
  @Nullable String describe() {
    if (search.block() == log) {
      return title + ", " + logField(search.at());
    }
    for (long segment = search.read(log + FIRST); segment != 0; ) {
      if (segment == search.block()) {
        return "%s, segment, %s".formatted(title, segmentField(segment));
      }
      segment = search.read(segment + BEHIND);
    }
    return null;
  }

  private static String logField(long at) {
    if (at >= LOG_SIZE) {
      return "behind its end";
    }
    return switch ((int) at / Long.BYTES) {
      case 0 -> "header";
      case 1 -> "first segment";
      case 2 -> "last segment";
      case 3 -> "index of the first record";
      case 4 -> "index of the next record";
      case 5 -> "end of the records";
      case 6 -> "start of the records";
      default -> "mark";
    };
  }

  private String segmentField(long segment) {
    long at = search.at();
    if (at >= RECORDS) {
      return at < search.read(segment + SIZE) ? recordField(segment) : "behind its end";
    }
    return switch ((int) at / Long.BYTES) {
      case 0 -> "header";
      case 1 -> "its log";
      case 2 -> "index of its first record";
      case 3 -> "segment behind";
      case 4 -> "size";
      default -> "reserved";
    };
  }

  private String recordField(long segment) {
    long place = segment + search.at();
    boolean isFirst = segment == search.read(log + FIRST);
    boolean isLast = segment == search.read(log + LAST);
    long start = isFirst ? search.read(log + START) : segment + RECORDS;
    long behind = search.read(segment + BEHIND);
    long end = isLast ? search.read(log + END) : segment + search.read(segment + SIZE);
    if (place < start) {
      return "before the first record";
    }
    long index = isFirst ? search.read(log + FIRST_INDEX) : search.read(segment + SEGMENT_INDEX);
    long limit = behind == 0 ? Long.MAX_VALUE : search.read(behind + SEGMENT_INDEX);
    for (long record = start; record < end && index < limit; index++) {
      long length = LogLayout.length(search.read(record));
      if (place < record + LogLayout.recordSize(length)) {
        return "record %d, %s".formatted(index, recordField(place - record, length));
      }
      record += LogLayout.recordSize(length);
    }
    return "behind the last record";
  }

  private static String recordField(long at, long length) {
    if (at < CHECKSUM) {
      return "header";
    } else if (at < VALUE) {
      return "checksum";
    }
    return at < VALUE + length ? "value" : "zeros";
  }
}
