package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;

/** Ints: four bytes. */
final class IntType extends Type<Integer> {

  IntType() {
    super("int", Integer.class, Integer.BYTES, Integer.BYTES);
  }

  @Override
  int encodedSize(Integer value) {
    int ignored = value; // nulls are refused here, before anything is allocated
    return Integer.BYTES;
  }

  @Override
  int write(MediumAccessor accessor, long offset, Integer value) {
    accessor.putInt(offset, value);
    return Integer.BYTES;
  }

  @Override
  Integer read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    return accessor.getInt(offset);
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, Integer value) {
    return length == Integer.BYTES && accessor.getInt(offset) == value;
  }

  @Override
  long hash(Integer value, long seed) {
    return ContentHash.ofWord(value, seed);
  }

  @Override
  boolean valueEquals(Integer a, Integer b) {
    return a.intValue() == b.intValue();
  }

  @Override
  int valueHash(Integer value) {
    return value.hashCode();
  }
}
