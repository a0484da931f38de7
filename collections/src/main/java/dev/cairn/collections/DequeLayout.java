package dev.cairn.collections;

/**
 * Where a persistent deque keeps what. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   deque    header (detail = {check of the offset (24 bits) | values inline (1 bit)})
 *            | first segment | last segment | count | mark of publish records | reserved to 64
 *   segment  header (detail = check of the offset) | its deque | its ordinal | segment before
 *            | segment behind | a bit for each slot in use | reserved to 64 | 56 slots
 *   slot     the value itself, if its type has a fixed size of 1 to 8 bytes; else the offset of its
 *            block; see {@link ValueBlocks}
 * </pre>
 */
final class DequeLayout {
  static final long FIRST = 8;
  static final long LAST = 16;
  static final long COUNT = 24;
  static final long MARK = 32;
  static final long DEQUE_SIZE = 64;

  static final long OWNER = 8;
  static final long ORDINAL = 16;
  static final long BEFORE = 24;
  static final long BEHIND = 32;
  static final long PRESENT = 40;
  static final long SLOTS = 64;
  static final int CAPACITY = 56;
  static final long SEGMENT_SIZE = SLOTS + CAPACITY * Long.BYTES;

  private DequeLayout() {}

  static boolean isInline(Type<?> type) {
    return type.fixedSize() > 0 && type.fixedSize() <= Long.BYTES;
  }

  static long dequeHeader(long deque, boolean isInline) {
    long detail = (BlockHeader.check(deque) << 1) | (isInline ? 1 : 0);
    return BlockHeader.of(BlockHeader.DEQUE, detail);
  }

  static boolean isInline(long header) {
    return (BlockHeader.detail(header) & 1) != 0;
  }

  static long segmentHeader(long segment) {
    return BlockHeader.of(BlockHeader.DEQUE_SEGMENT, BlockHeader.check(segment));
  }

  static long slot(long segment, int slot) {
    return segment + SLOTS + (long) slot * Long.BYTES;
  }
}
