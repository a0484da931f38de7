package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.math.BigInteger;

/** Integers of any size: see {@link IntegerDigits}. */
final class BigIntegerType extends Type<BigInteger> {

  BigIntegerType() {
    super("integer", BigInteger.class, VARIABLE, 1);
  }

  @Override
  int encodedSize(BigInteger value) {
    return IntegerDigits.size(value);
  }

  @Override
  int write(MediumAccessor accessor, long offset, BigInteger value) {
    byte[] bytes = IntegerDigits.of(value);
    accessor.put(offset, bytes, 0, bytes.length);
    return bytes.length;
  }

  @Override
  BigInteger read(MediumAccessor accessor, long offset, int length) {
    return IntegerDigits.read(this, accessor, offset, length);
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, BigInteger value) {
    return length == IntegerDigits.size(value)
        && accessor.contentEquals(offset, IntegerDigits.of(value));
  }

  @Override
  long hash(BigInteger value, long seed) {
    return ContentHash.ofBytes(IntegerDigits.of(value), seed);
  }

  @Override
  boolean valueEquals(BigInteger a, BigInteger b) {
    return a.equals(b);
  }

  @Override
  int valueHash(BigInteger value) {
    return value.hashCode();
  }
}
