package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.UUID;

/** UUIDs: the more significant word, then the less significant one. */
final class UuidType extends Type<UUID> {
  private static final int SIZE = 2 * Long.BYTES;

  UuidType() {
    super("uuid", UUID.class, SIZE, Long.BYTES);
  }

  @Override
  int encodedSize(UUID value) {
    long ignored = value.getMostSignificantBits(); // nulls are refused before anything is allocated
    return SIZE;
  }

  @Override
  int write(MediumAccessor accessor, long offset, UUID value) {
    accessor.putWord(offset, value.getMostSignificantBits());
    accessor.putWord(offset + Long.BYTES, value.getLeastSignificantBits());
    return SIZE;
  }

  @Override
  UUID read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    return new UUID(accessor.getLong(offset), accessor.getLong(offset + Long.BYTES));
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, UUID value) {
    return length == SIZE
        && accessor.getLong(offset) == value.getMostSignificantBits()
        && accessor.getLong(offset + Long.BYTES) == value.getLeastSignificantBits();
  }

  @Override
  long hash(UUID value, long seed) {
    return ContentHash.ofWord(
        value.getLeastSignificantBits(), ContentHash.ofWord(value.getMostSignificantBits(), seed));
  }

  @Override
  boolean valueEquals(UUID a, UUID b) {
    return a.equals(b);
  }

  @Override
  int valueHash(UUID value) {
    return value.hashCode();
  }
}
