package dev.cairn.evidence.damage;

/**
 * Checksums as {@code docs/design.md} has them, to write metadata that looks true: written down
 * again here, so that a stranger's file is made without Cairn's own code.
 */
final class Forgery {
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final long ZONES = 1 << 20;
  private static final long CHUNK = 256 << 10;
  private static final long LANES = 65536;
  private static final long LANE = 8192;
  private static final long SLOTS = 589_824;
  private static final long SLOT = 3584;
  private static final long CHAIN_1 = 0xA0761D6478BD642FL;
  private static final long CHAIN_2 = 0xE7037ED1A0B428DBL;
  private static final long CHAIN_3 = 0x8EBC6AF09C88C6E3L;

  private Forgery() {}

  private static long mix(long hash, long word) {
    long h = (hash ^ word) * MULTIPLIER;
    return h ^ (h >>> 32);
  }

  /** Puts a word into both superblocks, with right checksums. */
  static void superblock(PatchedMedium medium, long field, long value) {
    for (long slot = 0; slot <= 4096; slot += 4096) {
      medium.putWord(slot + field, value);
      long sum = 128;
      for (long at = 0; at < 120; at += Long.BYTES) {
        sum = mix(sum, medium.word(slot + at));
      }
      medium.putWord(slot + 120, sum);
    }
  }

  /** The size of a list, with its check. */
  static long size(long size) {
    return (((size ^ (size >>> 32)) * MULTIPLIER) >>> 40) << 32 | size;
  }

  private static final long ERA = 8256;

  static long lane(int lane) {
    return LANES + lane * LANE;
  }

  /** Where the first record of a lane's log is. */
  static long log(int lane) {
    return lane(lane) + 64;
  }

  /** Writes a valid record of a lane's generation. */
  static void record(PatchedMedium medium, int lane, int sequence, long at, long... words) {
    long hash = mix(mix(mix(MULTIPLIER, lane), medium.word(lane(lane))), medium.word(ERA));
    for (int i = 0; i < words.length; i++) {
      medium.putWord(at + 16 + i * 8L, words[i]);
      hash = mix(hash, words[i]);
    }
    long word = ((long) sequence << 32) | (16 + 8L * words.length);
    medium.putWord(at + 8, word);
    medium.putWord(at, mix(hash, word));
  }

  /** Where a lane's publish record is. */
  static long slot(int lane, int slot) {
    return SLOTS + (2L * lane + slot) * SLOT;
  }

  /** Writes a valid publish record of this era that vouches for no contents. */
  static void publish(PatchedMedium medium, int lane, int slot, long sequence, long... entries) {
    long[] covered = new long[2 + entries.length];
    covered[0] = sequence;
    covered[1] = 24 + 8L * entries.length;
    System.arraycopy(entries, 0, covered, 2, entries.length);
    long start = mix(mix(mix(MULTIPLIER, lane), ~(long) slot), medium.word(ERA));
    medium.putWord(slot(lane, slot), checksum(mix(start, 0), covered));
    for (int i = 0; i < covered.length; i++) {
      medium.putWord(slot(lane, slot) + 8L * (i + 1), covered[i]);
    }
  }

  /** In four chains, of which the first takes what is left over, and the others at the end. */
  private static long checksum(long start, long... words) {
    long[] sums = {start, start ^ CHAIN_1, start ^ CHAIN_2, start ^ CHAIN_3};
    int whole = words.length / 4 * 4;
    for (int i = 0; i < words.length; i++) {
      int chain = i < whole ? i % 4 : 0;
      sums[chain] = mix(sums[chain], words[i]);
    }
    return mix(mix(mix(sums[0], sums[1]), sums[2]), sums[3]);
  }

  static long entry(int kind, long offset) {
    return ((long) kind << 56) | offset;
  }

  static long chunkOffset(long chunk) {
    return ZONES + chunk * CHUNK;
  }

  /** Writes a chunk header with its guard: type 1 is a run, 2 a span. */
  static void chunkHeader(PatchedMedium medium, long chunk, int type, int sizeClass, int chunks) {
    long content = type | (sizeClass << 8) | ((long) chunks << 16);
    long h = (content ^ (chunk << 32)) * MULTIPLIER;
    h = (h ^ (h >>> 29)) * 0xBF58476D1CE4E5B9L;
    medium.putWord(ZONES + chunk * Long.BYTES, (h & 0xFFFF_FFFF_0000_0000L) | content);
  }

  /** A block's header word. */
  static long header(int kind, long detail) {
    return (detail << 8) | kind;
  }
}
