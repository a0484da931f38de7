package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;

/** Doubles: their bits, one word. There is one NaN, so that equal values have equal bytes. */
final class DoubleType extends Type<Double> {

  DoubleType() {
    super("double", Double.class, Double.BYTES, Double.BYTES);
  }

  @Override
  int encodedSize(Double value) {
    double ignored = value; // nulls are refused here, before anything is allocated
    return Double.BYTES;
  }

  @Override
  int write(MediumAccessor accessor, long offset, Double value) {
    accessor.putWord(offset, Double.doubleToLongBits(value));
    return Double.BYTES;
  }

  @Override
  Double read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    long bits = accessor.getLong(offset);
    double value = Double.longBitsToDouble(bits);
    if (Double.doubleToLongBits(value) != bits) {
      throw corrupted(offset, "the one NaN", "NaN 0x" + Long.toHexString(bits));
    }
    return value;
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, Double value) {
    return length == Double.BYTES && accessor.getLong(offset) == Double.doubleToLongBits(value);
  }

  @Override
  long hash(Double value, long seed) {
    return ContentHash.ofWord(Double.doubleToLongBits(value), seed);
  }

  @Override
  boolean valueEquals(Double a, Double b) {
    return Double.doubleToLongBits(a) == Double.doubleToLongBits(b);
  }

  @Override
  int valueHash(Double value) {
    return value.hashCode();
  }
}
