package dev.cairn.collections;

/**
 * Where a persistent hash map keeps what. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   map        header | seed | reserved to 64 | 64 stripes of a line each
 *   stripe     directory {depth (8 bits) | offset (56 bits)} | count | reserved to 64
 *   directory  header (detail = depth) | 2^depth bucket offsets
 *   bucket     header (detail = {overflow / 16 (48 bits) | depth (8 bits)}) | 15 slots
 *   slot       {tag (16 bits) | entry offset (48 bits)}, 0 = free
 *   entry      header (detail = hash (32 bits)) | key length, value length | key | value
 * </pre>
 *
 * A key's hash has 64 bits. The upper 16 are its tag; the lower 32 are kept in the entry, and say
 * from the top down: 6 bits the stripe, then the index into the stripe's directory.
 */
final class HashMapLayout {
  static final int STRIPE_BITS = 6;
  static final int STRIPES = 1 << STRIPE_BITS;

  static final long SEED = 8;
  static final long FIRST_STRIPE = 64;
  static final long STRIPE_SIZE = 64;
  static final long MAP_SIZE = FIRST_STRIPE + STRIPES * STRIPE_SIZE;

  static final long STRIPE_DIRECTORY = 0;
  static final long STRIPE_COUNT = 8;

  static final long FIRST_BUCKET = 8;

  /** How many bits of a hash can index a directory. */
  static final int MAX_DEPTH = 32 - STRIPE_BITS;

  static final long BUCKET_SIZE = 128;
  static final int FIRST_SLOT = 1;
  static final int SLOT_WORDS = 16;
  static final int SLOTS = SLOT_WORDS - FIRST_SLOT;

  static final long LINE_SIZE = 64;
  static final int WORDS_PER_LINE = 8;

  /** Slots before this word share the header's cache line, the others have the next one. */
  static final int SECOND_LINE = 8;

  static final long ENTRY_LENGTHS = 8;
  static final long ENTRY_KEY = 16;

  private static final int OFFSET_BITS = 48;
  private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;
  private static final int DEPTH_SHIFT = 56;

  private HashMapLayout() {}

  static long stripe(long map, int index) {
    return map + FIRST_STRIPE + index * STRIPE_SIZE;
  }

  static int stripeOf(int hash) {
    return hash >>> MAX_DEPTH;
  }

  static long directoryWord(long directory, int depth) {
    return ((long) depth << DEPTH_SHIFT) | directory;
  }

  static int depth(long directoryWord) {
    return (int) (directoryWord >>> DEPTH_SHIFT);
  }

  static long directory(long directoryWord) {
    return directoryWord & ((1L << DEPTH_SHIFT) - 1);
  }

  /** A hash's place among the 2^depth buckets of a directory. */
  static int index(int hash, int depth) {
    return (int) (((hash << STRIPE_BITS) & 0xFFFF_FFFFL) >>> (Integer.SIZE - depth));
  }

  static long bucketHeader(int depth, long overflow) {
    assert overflow % 16 == 0 : overflow;
    return BlockHeader.of(BlockHeader.BUCKET, ((overflow >>> 4) << 8) | depth);
  }

  static int bucketDepth(long header) {
    return (int) (header >>> 8) & 0xFF;
  }

  static long overflow(long header) {
    return (header >>> 16) << 4;
  }

  static long slot(long hash, long entry) {
    assert (entry & ~OFFSET_MASK) == 0 : entry;
    return (hash >>> OFFSET_BITS << OFFSET_BITS) | entry;
  }

  /** 1 if a slot may be that of a key, since its tag is the hash's, else 0; without a branch. */
  static int tagMatches(long slot, long hash) {
    return (int) ((((slot ^ hash) >>> OFFSET_BITS) - 1) >>> (Long.SIZE - 1));
  }

  static long entry(long slot) {
    return slot & OFFSET_MASK;
  }

  /** The line of its bucket in which a key's slot is looked for first: 0 or 64. */
  static long homeLine(long hash) {
    return (hash >>> 41) & LINE_SIZE;
  }

  static long entryHeader(int hash) {
    return BlockHeader.of(BlockHeader.ENTRY, hash & 0xFFFF_FFFFL);
  }

  static int entryHash(long header) {
    return (int) BlockHeader.detail(header);
  }

  static long lengths(int keyLength, int valueLength) {
    return ((long) valueLength << 32) | keyLength;
  }

  static int keyLength(long lengths) {
    return (int) lengths;
  }

  static int valueLength(long lengths) {
    return (int) (lengths >>> 32);
  }

  /** Where an entry's value lies: behind the key, at the next multiple of 8. */
  static long value(long entry, int keyLength) {
    return entry + ENTRY_KEY + ((keyLength + 7L) & -8L);
  }

  static long entrySize(int keyLength, int valueLength) {
    return value(0, keyLength) + valueLength;
  }
}
