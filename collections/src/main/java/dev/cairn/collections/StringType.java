package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

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

  StringType() {
    super("string", String.class, VARIABLE, 1);
  }

  @Override
  int encodedSize(String value) {
    long length = value.length();
    return checkedSize("string", (isLatin1(value) ? length : 2 * length) + 1);
  }

  @Override
  int write(MediumAccessor accessor, long offset, String value) {
    return isLatin1(value)
        ? writeLatin1(accessor, offset, value)
        : writeUtf16(accessor, offset, value);
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

  private static boolean isLatin1(String value) {
    int union = 0;
    for (int i = 0, count = value.length(); i < count; i++) {
      union |= value.charAt(i);
    }
    return union <= 0xFF;
  }

  private static int writeLatin1(MediumAccessor accessor, long offset, String value) {
    int count = value.length();
    int i = 0;
    for (; i <= count - 8; i += 8) {
      accessor.putLong(offset + i, eightChars(value, i));
    }
    for (; i < count; i++) {
      accessor.putByte(offset + i, (byte) value.charAt(i));
    }
    accessor.putByte(offset + count, LATIN1);
    return count + 1;
  }

  private static int writeUtf16(MediumAccessor accessor, long offset, String value) {
    int count = value.length();
    int i = 0;
    for (; i <= count - 4; i += 4) {
      accessor.putLong(offset + 2L * i, fourChars(value, i));
    }
    for (; i < count; i++) {
      putChar(accessor, offset + 2L * i, value.charAt(i));
    }
    accessor.putByte(offset + 2L * count, UTF16);
    return 2 * count + 1;
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
    int i = 0;
    for (; i <= count - 8; i += 8) {
      if (((fourChars(value, i) | fourChars(value, i + 4)) & WIDE) != 0
          || accessor.getLong(offset + i) != eightChars(value, i)) {
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

  /** Returns eight chars of at most 0xFF as a little-endian word, one byte each. */
  private static long eightChars(String value, int i) {
    return value.charAt(i)
        | (long) value.charAt(i + 1) << 8
        | (long) value.charAt(i + 2) << 16
        | (long) value.charAt(i + 3) << 24
        | (long) value.charAt(i + 4) << 32
        | (long) value.charAt(i + 5) << 40
        | (long) value.charAt(i + 6) << 48
        | (long) value.charAt(i + 7) << 56;
  }

  private static char getChar(MediumAccessor accessor, long offset) {
    return (char) ((accessor.getByte(offset) & 0xFF) | accessor.getByte(offset + 1) << 8);
  }

  private static void putChar(MediumAccessor accessor, long offset, char c) {
    accessor.putByte(offset, (byte) c);
    accessor.putByte(offset + 1, (byte) (c >>> 8));
  }
}
