package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.math.BigInteger;
import java.util.Objects;

/**
 * Integers of any size in two's complement, the most significant byte first, in as few bytes as
 * hold the sign: what {@link BigInteger#toByteArray} returns.
 */
final class IntegerDigits {
  /** In bytes: a BigInteger cannot have more. */
  static final int MOST = 1 << 28;

  private IntegerDigits() {}

  /**
   * Returns a number's bytes.
   *
   * @throws IllegalArgumentException if its class is the program's own: its methods may do anything
   */
  static byte[] of(BigInteger value) {
    checkClass(value, BigInteger.class);
    return value.toByteArray();
  }

  /** Makes sure that no method of a value is the program's. */
  static void checkClass(Object value, Class<?> expected) {
    if (value.getClass() != expected) {
      throw new IllegalArgumentException(
          "a %s: must be a %s itself, and of no subclass"
              .formatted(value.getClass().getName(), expected.getName()));
    }
  }

  /** Returns in how many bytes a number is written. */
  static int size(BigInteger value) {
    checkClass(value, BigInteger.class);
    return value.bitLength() / Byte.SIZE + 1;
  }

  /** Reads a number that a type has, and refuses what is none, or has an idle byte. */
  static BigInteger read(Type<?> type, MediumAccessor accessor, long offset, int length) {
    if (length < 1 || length > MOST) {
      throw type.corrupted(offset, "1 to %d bytes".formatted(MOST), length + " bytes");
    }
    // Before the allocation: a nonsensical length must not become a huge array.
    Objects.checkFromIndexSize(offset, length, accessor.size());
    byte[] bytes = new byte[length];
    accessor.get(offset, bytes, 0, length);
    if (length > 1 && bytes[0] == bytes[1] >> 7) {
      throw type.corrupted(offset, "as few bytes as hold a number", "a byte more");
    }
    return new BigInteger(bytes);
  }
}
