package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The 64-bit hashes of words, chars and bytes.
 *
 * <p>These are part of the format: a hash table on a medium finds its entries by them. Words go
 * through the finalizer of SplitMix64, a bijection for each seed. Chars and bytes are taken 16
 * bytes at a time, as two little-endian words, through one 64 x 64 to 128 bit multiplication whose
 * halves are folded together; the last group is filled with zeros, and the length is part of the
 * start value. The seed is part of both factors of each multiplication, so that inputs which make a
 * factor zero cannot be found without it.
 */
final class ContentHash {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final long STEP = 0xA0761D6478BD642FL;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private ContentHash() {}

  static long ofWord(long word, long seed) {
    return mix((word ^ seed) + GOLDEN);
  }

  static long ofChars(String text, long seed) {
    int length = text.length();
    long step = seed ^ STEP;
    long hash = seed + length * GOLDEN;
    int i = 0;
    for (; i <= length - 8; i += 8) {
      hash = fold(fourChars(text, i) ^ step, fourChars(text, i + 4) ^ hash);
    }
    if (i < length) {
      long first = upToFourChars(text, i, Math.min(i + 4, length));
      long second = upToFourChars(text, i + 4, length);
      hash = fold(first ^ step, second ^ hash);
    }
    return mix(hash);
  }

  static long ofBytes(byte[] bytes, long seed) {
    int length = bytes.length;
    long step = seed ^ STEP;
    long hash = seed + length * GOLDEN;
    int i = 0;
    for (; i <= length - 16; i += 16) {
      hash = fold((long) LONGS.get(bytes, i) ^ step, (long) LONGS.get(bytes, i + 8) ^ hash);
    }
    if (i < length) {
      long first = upToEightBytes(bytes, i, Math.min(i + 8, length));
      long second = upToEightBytes(bytes, i + 8, length);
      hash = fold(first ^ step, second ^ hash);
    }
    return mix(hash);
  }

  /**
   * The hash of words on a medium: that of their bytes.
   *
   * @param offset of the first one
   * @param count how many
   */
  static long ofWords(MediumAccessor accessor, long offset, long count, long seed) {
    long step = seed ^ STEP;
    long hash = seed + count * Long.BYTES * GOLDEN;
    long i = 0;
    for (; i < count - 1; i += 2) {
      long at = offset + i * Long.BYTES;
      hash = fold(accessor.getWord(at) ^ step, accessor.getWord(at + Long.BYTES) ^ hash);
    }
    if (i < count) {
      hash = fold(accessor.getWord(offset + i * Long.BYTES) ^ step, hash);
    }
    return mix(hash);
  }

  private static long fourChars(String text, int i) {
    return text.charAt(i)
        | (long) text.charAt(i + 1) << 16
        | (long) text.charAt(i + 2) << 32
        | (long) text.charAt(i + 3) << 48;
  }

  private static long upToFourChars(String text, int from, int to) {
    long word = 0;
    for (int i = from; i < to; i++) {
      word |= (long) text.charAt(i) << (16 * (i - from));
    }
    return word;
  }

  private static long upToEightBytes(byte[] bytes, int from, int to) {
    long word = 0;
    for (int i = from; i < to; i++) {
      word |= (bytes[i] & 0xFFL) << (8 * (i - from));
    }
    return word;
  }

  private static long fold(long a, long b) {
    return (a * b) ^ Math.unsignedMultiplyHigh(a, b);
  }

  private static long mix(long word) {
    word = (word ^ (word >>> 30)) * 0xBF58476D1CE4E5B9L;
    word = (word ^ (word >>> 27)) * 0x94D049BB133111EBL;
    return word ^ (word >>> 31);
  }
}
