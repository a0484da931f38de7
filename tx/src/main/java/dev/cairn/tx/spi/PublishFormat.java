package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;

/**
 * The publish records: what a transaction will store, durable before it is stored. A record is
 * valid if its checksum is right for its slot and for the heap's era; then its transaction has
 * committed. Recovery replaces the checksum of each valid record that vouches for contents by one
 * without them, before it stores anything that may change them. See {@code docs/design.md},
 * sections 4.3 and 6.4.
 *
 * <pre>
 *    0   8  checksum     over lane, slot, era, the words that follow, and the contents
 *    8   8  sequence     of conflicting records, the later one has the greater
 *   16   8  length       of the record in bytes
 *   24   -  entries      each two words {kind (8 bits) | offset (56 bits), operand}; more follow WORDS
 * </pre>
 *
 * Kinds are those of {@link LogFormat}, with new values in place of old ones, and these:
 */
final class PublishFormat {
  static final int CHECKSUM = 0;
  static final int SEQUENCE = 8;
  static final int LENGTH = 16;
  static final int HEADER_SIZE = 24;
  static final int ENTRY_SIZE = 16;

  /**
   * The mark of a stripe that the record changes; the operand is the sequence of the stripe's
   * record before this one. A record is dead once one of its marks holds its sequence, or more.
   */
  static final int MARK = 6;

  /**
   * Fresh content of constant blocks, which the checksum covers; the operand is its length in
   * bytes, a multiple of 8.
   */
  static final int CONTENT = 7;

  /** Words that follow one another; the operand says how many, and their new values follow. */
  static final int WORDS = 8;

  /** So many words take less room together than each with its offset. */
  static final int LEAST_WORDS = 3;

  /** What stands for the contents in the checksum of a confirmed record. */
  static final long CONFIRMED = 0x9FB21C651E98DF25L;

  /**
   * How many bytes a record vouches for at most: a checksum of more would take longer than a fence
   * of its own.
   */
  static final long MOST_CONTENT = 4096;

  /** How many entries a record can have. */
  static final int MOST_ENTRIES = (int) ((HeapLayout.SLOT_SIZE - HEADER_SIZE) / ENTRY_SIZE);

  private static final long SECOND = 0xA0761D6478BD642FL;
  private static final long THIRD = 0xE7037ED1A0B428DBL;
  private static final long FOURTH = 0x8EBC6AF09C88C6E3L;

  private PublishFormat() {}

  /**
   * Returns the length of an entry, in bytes.
   *
   * @param room the bytes that are left of the record
   * @return the length, or a number above the room if the entry does not fit
   */
  static long entryLength(long entry, long operand, long room) {
    if (LogFormat.kind(entry) != WORDS) {
      return ENTRY_SIZE;
    }
    boolean fits = operand > 0 && operand <= (room - ENTRY_SIZE) / Long.BYTES;
    return fits ? ENTRY_SIZE + operand * Long.BYTES : Long.MAX_VALUE;
  }

  static long slot(int lane, int slot) {
    assert slot >= 0 && slot < HeapLayout.SLOTS_PER_LANE : slot;
    long index = (long) lane * HeapLayout.SLOTS_PER_LANE + slot;
    return HeapLayout.SLOTS_OFFSET + index * HeapLayout.SLOT_SIZE;
  }

  /** Where a record's checksum starts: the records of another slot, or era, do not match. */
  static long seed(int lane, int slot, long era) {
    return LogFormat.seed(lane, ~slot, era);
  }

  /**
   * Adds words to a checksum, in four chains of every fourth word, so that the CPU need not wait
   * for one before it begins the next. A bijection of each word while the others are fixed.
   */
  static long checksum(long seed, long[] words, int from, int to) {
    long a = seed;
    long b = seed ^ SECOND;
    long c = seed ^ THIRD;
    long d = seed ^ FOURTH;
    int i = from;
    for (; i <= to - 4; i += 4) {
      a = LogFormat.mix(a, words[i]);
      b = LogFormat.mix(b, words[i + 1]);
      c = LogFormat.mix(c, words[i + 2]);
      d = LogFormat.mix(d, words[i + 3]);
    }
    for (; i < to; i++) {
      a = LogFormat.mix(a, words[i]);
    }
    return LogFormat.mix(LogFormat.mix(LogFormat.mix(a, b), c), d);
  }

  /** The same of words on a medium. */
  static long checksum(long seed, MediumAccessor accessor, long offset, long length) {
    long a = seed;
    long b = seed ^ SECOND;
    long c = seed ^ THIRD;
    long d = seed ^ FOURTH;
    long at = offset;
    long end = offset + length;
    for (; at <= end - 4 * Long.BYTES; at += 4 * Long.BYTES) {
      a = LogFormat.mix(a, accessor.getWord(at));
      b = LogFormat.mix(b, accessor.getWord(at + Long.BYTES));
      c = LogFormat.mix(c, accessor.getWord(at + 2 * Long.BYTES));
      d = LogFormat.mix(d, accessor.getWord(at + 3 * Long.BYTES));
    }
    for (; at < end; at += Long.BYTES) {
      a = LogFormat.mix(a, accessor.getWord(at));
    }
    return LogFormat.mix(LogFormat.mix(LogFormat.mix(a, b), c), d);
  }
}
