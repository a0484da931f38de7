package dev.cairn.collections;

/**
 * Where a persistent hash map keeps what. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   map        header | seed | reserved to 64 | 64 stripes of a line each
 *   stripe     table word | count | mark of publish records | identity | reserved to 64
 *   table word 0, or {1 (1 bit) | 0 (7 bits) | offset (56 bits)} of a single segment of 4 lines,
 *              or {0 (1 bit) | depth (7 bits) | offset (56 bits)} of a directory
 *   directory  header (detail = depth) | 2^depth segment offsets
 *   segment    4 or 32 lines of 7 slots and a word of hints; the first slot is the segment's header
 *              (detail = {overflow / 16 (44 bits) | depth (8 bits)})
 *   slot       {tag (16 bits) | entry offset (48 bits)}, 0 = free
 *   hints      for each slot in use, the lower 8 bits of its tag; for a free one, anything
 * </pre>
 *
 * A key's hash has 64 bits. The upper 16 are its tag. The lower 32 are kept in the entry ({@link
 * EntryLayout}): from the top down, 6 bits say the stripe, and the next ones the place in the
 * stripe's directory; the last 5 say the line of the segment that is the key's home.
 *
 * <p>An empty stripe is told from a line that was lost by its identity, which no other stripe has.
 */
final class HashMapLayout {
  static final int STRIPE_BITS = 6;
  static final int STRIPES = 1 << STRIPE_BITS;

  static final long SEED = 8;
  static final long FIRST_STRIPE = 64;
  static final long STRIPE_SIZE = 64;
  static final long MAP_SIZE = FIRST_STRIPE + STRIPES * STRIPE_SIZE;

  static final long STRIPE_TABLE = 0;
  static final long STRIPE_COUNT = 8;
  static final long STRIPE_MARK = 16;
  static final long STRIPE_IDENTITY = 24;

  static final long FIRST_SEGMENT = 8;

  /** How many bits of a hash can index a directory. */
  static final int MAX_DEPTH = 32 - STRIPE_BITS;

  static final int LINE_SIZE = 64;

  /** Where a line's hints are; the slots are before them. */
  static final long HINTS = LINE_SIZE - Long.BYTES;

  /** What a stripe starts with: one group of lines. */
  static final long SMALL_SEGMENT_SIZE = 4 * LINE_SIZE;

  static final long SEGMENT_SIZE = 32 * LINE_SIZE;

  /** A key's slot is in its home line, or in another line of the same group. */
  static final long GROUP_SIZE = 4 * LINE_SIZE;

  private static final int OFFSET_BITS = 48;
  private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;
  private static final int DEPTH_SHIFT = 56;
  private static final long TABLE_MASK = (1L << DEPTH_SHIFT) - 1;
  private static final int DEPTH_BITS = 8;
  private static final long HINT_MASK = 0xFF;

  /** The lowest bit of each of a line's seven hints. */
  private static final long HINT_ONES = 0x0001_0101_0101_0101L;

  private HashMapLayout() {}

  static long stripe(long map, int index) {
    return map + FIRST_STRIPE + index * STRIPE_SIZE;
  }

  /** What says that a line is a map's stripe: never 0 but by the rarest chance. */
  static long identity(long seed, int index) {
    return ContentHash.ofWord(index, ~seed);
  }

  static int stripeOf(int hash) {
    return hash >>> MAX_DEPTH;
  }

  static long directoryTable(long directory, int depth) {
    return ((long) depth << DEPTH_SHIFT) | directory;
  }

  static long smallTable(long segment) {
    return Long.MIN_VALUE | segment;
  }

  /** Whether a table word names a single small segment, and not a directory. */
  static boolean isSmall(long table) {
    return table < 0;
  }

  static int depth(long table) {
    return (int) (table >>> DEPTH_SHIFT) & 0x7F;
  }

  /** The directory, or the small segment. */
  static long table(long table) {
    return table & TABLE_MASK;
  }

  /** A hash's place among the 2^depth words of a directory. */
  static int index(int hash, int depth) {
    return (int) (((hash << STRIPE_BITS) & 0xFFFF_FFFFL) >>> (Integer.SIZE - depth));
  }

  static long segmentHeader(int depth, long overflow) {
    assert overflow % 16 == 0 : overflow;
    return BlockHeader.of(BlockHeader.SEGMENT, ((overflow >>> 4) << DEPTH_BITS) | depth);
  }

  static int segmentDepth(long header) {
    return (int) BlockHeader.detail(header) & 0xFF;
  }

  static long overflow(long header) {
    return (BlockHeader.detail(header) >>> DEPTH_BITS) << 4;
  }

  static long slot(long hash, long entry) {
    assert (entry & ~OFFSET_MASK) == 0 : entry;
    return (hash >>> OFFSET_BITS << OFFSET_BITS) | entry;
  }

  /** Whether a slot may be that of a key: it is in use, and its tag is the hash's. */
  static boolean tagMatches(long slot, long hash) {
    return ((slot ^ hash) >>> OFFSET_BITS) == 0 && slot != 0;
  }

  /**
   * Compares all hints of a line with a hash at once.
   *
   * @return bit 7 of byte i is set if slot i's hint is right; sometimes for a few slots behind it,
   *     too
   */
  static long candidates(long hints, long hash) {
    long difference = hints ^ (((hash >>> OFFSET_BITS) & HINT_MASK) * HINT_ONES);
    return (difference - HINT_ONES) & ~difference & (HINT_ONES << 7);
  }

  /** The first candidate's slot, in bytes from the start of its line. */
  static long candidateSlot(long candidates) {
    return Long.numberOfTrailingZeros(candidates) & -Long.BYTES;
  }

  /** A line's hints with that of one slot changed to what a slot's tag says. */
  static long withHint(long hints, long slotInLine, long slot) {
    long hint = (slot >>> OFFSET_BITS) & HINT_MASK;
    return (hints & ~(HINT_MASK << slotInLine)) | (hint << slotInLine);
  }

  /** The slot behind one, in bytes from the start of the segment: hints are left out. */
  static long nextSlot(long slot) {
    long next = slot + Long.BYTES;
    return next % LINE_SIZE == HINTS ? next + Long.BYTES : next;
  }

  static boolean hintMatches(long hints, long slotInLine, long slot) {
    return withHint(hints, slotInLine, slot) == hints;
  }

  static long entry(long slot) {
    return slot & OFFSET_MASK;
  }

  /** Where a key's home line begins, in bytes from the start of its segment. */
  static long homeLine(int hash, long segmentSize) {
    return ((long) hash * LINE_SIZE) & (segmentSize - 1);
  }
}
