package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;

/** Longs: one word. */
final class LongType extends Type<Long> {

  LongType() {
    super("long", Long.class, Long.BYTES, Long.BYTES);
  }

  @Override
  int encodedSize(Long value) {
    long ignored = value; // nulls are refused here, before anything is allocated
    return Long.BYTES;
  }

  @Override
  int write(MediumAccessor accessor, long offset, Long value) {
    accessor.putWord(offset, value);
    return Long.BYTES;
  }

  @Override
  Long read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    return accessor.getLong(offset);
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, Long value) {
    return length == Long.BYTES && accessor.getLong(offset) == value;
  }

  @Override
  long hash(Long value, long seed) {
    return ContentHash.ofWord(value, seed);
  }

  @Override
  boolean valueEquals(Long a, Long b) {
    return a.longValue() == b.longValue();
  }

  @Override
  int valueHash(Long value) {
    return value.hashCode();
  }
}
