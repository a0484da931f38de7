package dev.cairn.tx.spi;

import dev.cairn.heap.spi.MediumAccessor;

/**
 * Publish records as {@code docs/design.md}, 4.3, has them: written down again, in literal numbers,
 * so that a change of the format is noticed.
 */
final class ForgedRecord {
  static final int WORD = 1;
  static final int SET = 2;
  static final int CLEAR = 3;
  static final int MARK = 6;
  static final int WORDS = 8;
  static final int CONTENT = 7;

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final long[] CHAINS = {
    0, 0xA0761D6478BD642FL, 0xE7037ED1A0B428DBL, 0x8EBC6AF09C88C6E3L
  };

  private ForgedRecord() {}

  /** Where a slot begins. */
  static long slot(int lane, int slot) {
    return 589_824 + (2L * lane + slot) * 3584;
  }

  static long entry(int kind, long offset) {
    return ((long) kind << 56) | offset;
  }

  /** The word that says a sequence: 48 bits, behind 16 bits of check. */
  static long mark(long sequence) {
    return (sequence << 16) | ((sequence * MULTIPLIER) >>> 48);
  }

  /**
   * Returns a record of the lane's slot, its checksum first.
   *
   * @param contents the sum of what the record vouches for, or 0
   */
  static long[] record(
      int lane, int slot, long era, long sequence, long contents, long... entries) {
    long[] covered = new long[2 + entries.length];
    covered[0] = sequence;
    covered[1] = 24 + 8L * entries.length;
    System.arraycopy(entries, 0, covered, 2, entries.length);
    return sealed(lane, slot, era, contents, covered);
  }

  /** Puts the right checksum before whatever words. */
  static long[] sealed(int lane, int slot, long era, long contents, long... covered) {
    long start = mix(mix(mix(mix(MULTIPLIER, lane), ~(long) slot), era), contents);
    long[] record = new long[1 + covered.length];
    record[0] = checksum(start, covered);
    System.arraycopy(covered, 0, record, 1, covered.length);
    return record;
  }

  static long checksum(long start, long... words) {
    long[] sums = new long[4];
    for (int chain = 0; chain < 4; chain++) {
      sums[chain] = start ^ CHAINS[chain];
    }
    int whole = words.length / 4 * 4;
    for (int i = 0; i < words.length; i++) {
      int chain = i < whole ? i % 4 : 0;
      sums[chain] = mix(sums[chain], words[i]);
    }
    return mix(mix(mix(sums[0], sums[1]), sums[2]), sums[3]);
  }

  private static long mix(long hash, long word) {
    long h = (hash ^ word) * MULTIPLIER;
    return h ^ (h >>> 32);
  }

  /** Writes a record where its slot begins. */
  static void put(MediumAccessor accessor, int lane, int slot, long... record) {
    for (int i = 0; i < record.length; i++) {
      accessor.putWord(slot(lane, slot) + 8L * i, record[i]);
    }
  }
}
