package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Decimal numbers: four bytes of scale, then the unscaled value as {@link IntegerDigits}. */
final class BigDecimalType extends Type<BigDecimal> {
  private static final int DIGITS = Integer.BYTES;

  BigDecimalType() {
    super("decimal", BigDecimal.class, VARIABLE, Integer.BYTES);
  }

  private static BigInteger unscaled(BigDecimal value) {
    IntegerDigits.checkClass(value, BigDecimal.class);
    return value.unscaledValue();
  }

  @Override
  int encodedSize(BigDecimal value) {
    return DIGITS + IntegerDigits.size(unscaled(value));
  }

  @Override
  int write(MediumAccessor accessor, long offset, BigDecimal value) {
    byte[] bytes = IntegerDigits.of(unscaled(value));
    accessor.putInt(offset, value.scale());
    accessor.put(offset + DIGITS, bytes, 0, bytes.length);
    return DIGITS + bytes.length;
  }

  @Override
  BigDecimal read(MediumAccessor accessor, long offset, int length) {
    if (length <= DIGITS) {
      throw corrupted(offset, "a length of more than " + DIGITS, "length " + length);
    }
    int scale = accessor.getInt(offset);
    BigInteger unscaled = IntegerDigits.read(this, accessor, offset + DIGITS, length - DIGITS);
    return new BigDecimal(unscaled, scale);
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, BigDecimal value) {
    BigInteger unscaled = unscaled(value);
    return length == DIGITS + IntegerDigits.size(unscaled)
        && accessor.getInt(offset) == value.scale()
        && accessor.contentEquals(offset + DIGITS, IntegerDigits.of(unscaled));
  }

  @Override
  long hash(BigDecimal value, long seed) {
    return ContentHash.ofBytes(
        IntegerDigits.of(unscaled(value)), ContentHash.ofWord(value.scale(), seed));
  }

  @Override
  boolean valueEquals(BigDecimal a, BigDecimal b) {
    return a.scale() == b.scale() && a.unscaledValue().equals(b.unscaledValue());
  }

  @Override
  int valueHash(BigDecimal value) {
    return value.hashCode();
  }
}
