package dev.cairn.collections;

/**
 * Where an entry of a map keeps what: a block with a key, and its value behind it. The tables are
 * in {@code docs/design.md}, section 4.
 *
 * <pre>
 *   entry  header (detail = {check of the lengths (24 bits) | lower half of the key's hash (32 bits)})
 *          | key length, value length | key | value, at the next multiple of 8
 * </pre>
 */
final class EntryLayout {
  static final long ENTRY_LENGTHS = 8;
  static final long ENTRY_KEY = 16;

  private EntryLayout() {}

  static long entryHeader(int hash, long lengths) {
    long check = BlockHeader.check(lengths) << Integer.SIZE;
    return BlockHeader.of(BlockHeader.ENTRY, check | (hash & 0xFFFF_FFFFL));
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
