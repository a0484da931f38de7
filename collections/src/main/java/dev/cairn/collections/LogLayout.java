package dev.cairn.collections;

/**
 * Where a persistent log keeps what. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   log      header (detail = check of the offset (24 bits)) | first segment | last segment
 *            | index of the first record | index of the next record | where that will be
 *            | where the first record is | mark of publish records
 *   segment  header (detail = check of the offset) | its log | index of its first record
 *            | segment behind | its size | reserved to 64 | records, one behind the other
 *   record   header (detail = {check of the length (24 bits) | length (32 bits)}) | checksum
 *            | the value, then zeros to the next multiple of 8
 * </pre>
 *
 * The checksum covers the index, the length and the value.
 */
final class LogLayout {
  static final long FIRST = 8;
  static final long LAST = 16;
  static final long FIRST_INDEX = 24;
  static final long NEXT_INDEX = 32;
  static final long END = 40;
  static final long START = 48;
  static final long MARK = 56;
  static final long LOG_SIZE = 64;

  static final long OWNER = 8;
  static final long SEGMENT_INDEX = 16;
  static final long BEHIND = 24;
  static final long SIZE = 32;
  static final long RECORDS = 64;
  static final long SMALLEST_SEGMENT = 1024;
  static final long LARGEST_SEGMENT = 256 << 10;

  static final long CHECKSUM = 8;
  static final long VALUE = 16;

  private LogLayout() {}

  static long logHeader(long log) {
    return BlockHeader.of(BlockHeader.LOG, BlockHeader.check(log));
  }

  static long segmentHeader(long segment) {
    return BlockHeader.of(BlockHeader.LOG_SEGMENT, BlockHeader.check(segment));
  }

  static long recordHeader(long length) {
    long check = BlockHeader.check(length) << Integer.SIZE;
    return BlockHeader.of(BlockHeader.LOG_RECORD, check | length);
  }

  /** The length that a record's header names, right or not. */
  static long length(long recordHeader) {
    return BlockHeader.detail(recordHeader) & 0xFFFF_FFFFL;
  }

  /** How many bytes a record takes whose value has so many. */
  static long recordSize(long length) {
    return VALUE + ((length + Long.BYTES - 1) & -Long.BYTES);
  }
}
