package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Strings: their chars, then a tag that says how wide they are.
 *
 * <table>
 * <caption>Layout of a string of n chars</caption>
 * <tr><th>if</th><th>offset</th><th>size</th><th>field</th></tr>
 * <tr><td rowspan="2">all chars are at most 0xFF</td><td>0</td><td>n</td>
 *     <td>the chars, one byte each (Latin-1)</td></tr>
 * <tr><td>n</td><td>1</td><td>tag 1</td></tr>
 * <tr><td rowspan="2">else</td><td>0</td><td>2n</td>
 *     <td>the chars, two bytes each, little-endian (UTF-16, unpaired surrogates as they are)</td></tr>
 * <tr><td>2n</td><td>1</td><td>tag 2</td></tr>
 * </table>
 *
 * <p>The tag comes last so that the chars start on a word. Tag 0 does not exist: zeros are no
 * string.
 */
final class StringType extends Type<String> {
  static final byte LATIN1 = 1;
  static final byte UTF16 = 2;

  /** The bits of a word of four chars that no Latin-1 char has. */
  private static final long WIDE = 0xFF00_FF00_FF00_FF00L;

  /**
   * Above so many chars it is faster to copy them than to look at each; below, nothing is copied.
   */
  private static final int LONG_TEXT = 40;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  StringType() {
    super("string", String.class, VARIABLE, 1);
  }

  @Override
  int encodedSize(String value) {
    long count = value.length();
    return checkedSize("string", (narrowBytes(value) != null ? count : 2 * count) + 1);
  }

  @Override
  int write(MediumAccessor accessor, long offset, String value) {
    byte[] narrow = narrowBytes(value);
    if (narrow == null) {
      return writeUtf16(accessor, offset, value);
    }
    accessor.put(offset, narrow, 0, narrow.length);
    accessor.putByte(offset + narrow.length, LATIN1);
    return narrow.length + 1;
  }

  @Override
  String read(MediumAccessor accessor, long offset, int length) {
    if (length < 1) {
      throw corrupted(offset, "a length of 1 or more", "length " + length);
    }
    // Before the allocation: a nonsensical length must not become a huge array.
    Objects.checkFromIndexSize(offset, length, accessor.size());
    byte tag = accessor.getByte(offset + length - 1);
    return switch (tag) {
      case LATIN1 -> readLatin1(accessor, offset, length);
      case UTF16 -> readUtf16(accessor, offset, length);
      default -> throw corrupted(offset, "tag 1 or 2", "tag " + tag);
    };
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, String value) {
    int count = value.length();
    if (length == count + 1L) {
      return accessor.getByte(offset + count) == LATIN1
          && latin1Equals(accessor, offset, count, value);
    }
    return length == 2L * count + 1
        && accessor.getByte(offset + length - 1) == UTF16
        && utf16Equals(accessor, offset, count, value);
  }

  @Override
  long hash(String value, long seed) {
    return ContentHash.ofChars(value, seed);
  }

  @Override
  boolean valueEquals(String a, String b) {
    return a.equals(b);
  }

  @Override
  int valueHash(String value) {
    return value.hashCode();
  }

  /**
   * Returns the chars as bytes, or null if a char is above 0xFF.
   *
   * <p>The JDK's encoder is many times faster than a look at each char, but puts a question mark in
   * place of what it cannot encode: only those are looked at here.
   */
  private static byte @Nullable [] narrowBytes(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length != value.length()) {
      return null; // a pair of surrogates became one question mark
    }
    int i = 0;
    for (; i <= bytes.length - 8; i += 8) {
      if (hasQuestionMark((long) LONGS.get(bytes, i)) && !isNarrow(value, i, i + 8)) {
        return null;
      }
    }
    return isNarrow(value, i, bytes.length) ? bytes : null;
  }

  /** Never misses one; the usual test for a zero byte. */
  private static boolean hasQuestionMark(long word) {
    long difference = word ^ 0x3F3F_3F3F_3F3F_3F3FL;
    return ((difference - 0x0101_0101_0101_0101L) & ~difference & 0x8080_8080_8080_8080L) != 0;
  }

  private static boolean isNarrow(String value, int from, int to) {
    int union = 0;
    for (int i = from; i < to; i++) {
      union |= value.charAt(i);
    }
    return union <= 0xFF;
  }

  private static int writeUtf16(MediumAccessor accessor, long offset, String value) {
    char[] chars = value.toCharArray();
    int i = 0;
    for (; i <= chars.length - 4; i += 4) {
      long word =
          chars[i]
              | (long) chars[i + 1] << 16
              | (long) chars[i + 2] << 32
              | (long) chars[i + 3] << 48;
      accessor.putLong(offset + 2L * i, word);
    }
    for (; i < chars.length; i++) {
      putChar(accessor, offset + 2L * i, chars[i]);
    }
    accessor.putByte(offset + 2L * chars.length, UTF16);
    return 2 * chars.length + 1;
  }

  private static String readLatin1(MediumAccessor accessor, long offset, int length) {
    byte[] bytes = new byte[length - 1];
    accessor.get(offset, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String readUtf16(MediumAccessor accessor, long offset, int length) {
    if (length % 2 == 0) {
      throw corrupted(offset, "an odd length", "length " + length);
    }
    char[] chars = new char[length / 2];
    long union = 0;
    int i = 0;
    for (; i <= chars.length - 4; i += 4) {
      long word = accessor.getLong(offset + 2L * i);
      union |= word;
      chars[i] = (char) word;
      chars[i + 1] = (char) (word >>> 16);
      chars[i + 2] = (char) (word >>> 32);
      chars[i + 3] = (char) (word >>> 48);
    }
    for (; i < chars.length; i++) {
      chars[i] = getChar(accessor, offset + 2L * i);
      union |= chars[i];
    }
    if ((union & WIDE) == 0) {
      throw corrupted(offset, "a char above 0xFF", "only narrow chars, with tag 2");
    }
    return new String(chars);
  }

  private static boolean latin1Equals(
      MediumAccessor accessor, long offset, int count, String value) {
    if (count > LONG_TEXT) {
      byte[] narrow = narrowBytes(value);
      return narrow != null && accessor.contentEquals(offset, narrow);
    }
    int i = 0;
    for (; i <= count - 8; i += 8) {
      long first = fourChars(value, i);
      long second = fourChars(value, i + 4);
      if (((first | second) & WIDE) != 0
          || accessor.getLong(offset + i) != (narrow(first) | narrow(second) << 32)) {
        return false;
      }
    }
    for (; i < count; i++) {
      if ((accessor.getByte(offset + i) & 0xFF) != value.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean utf16Equals(
      MediumAccessor accessor, long offset, int count, String value) {
    long union = 0;
    int i = 0;
    for (; i <= count - 4; i += 4) {
      long word = fourChars(value, i);
      union |= word;
      if (accessor.getLong(offset + 2L * i) != word) {
        return false;
      }
    }
    for (; i < count; i++) {
      char c = value.charAt(i);
      union |= c;
      if (getChar(accessor, offset + 2L * i) != c) {
        return false;
      }
    }
    return (union & WIDE) != 0;
  }

  /** Returns four chars as a little-endian word, two bytes each. */
  private static long fourChars(String value, int i) {
    return value.charAt(i)
        | (long) value.charAt(i + 1) << 16
        | (long) value.charAt(i + 2) << 32
        | (long) value.charAt(i + 3) << 48;
  }

  /** Returns the low bytes of four chars as the low half of a word. */
  private static long narrow(long fourChars) {
    long pairs = (fourChars | (fourChars >>> 8)) & 0x0000_FFFF_0000_FFFFL;
    return (pairs | (pairs >>> 16)) & 0xFFFF_FFFFL;
  }

  private static char getChar(MediumAccessor accessor, long offset) {
    return (char) ((accessor.getByte(offset) & 0xFF) | accessor.getByte(offset + 1) << 8);
  }

  private static void putChar(MediumAccessor accessor, long offset, char c) {
    accessor.putByte(offset, (byte) c);
    accessor.putByte(offset + 1, (byte) (c >>> 8));
  }
}
