package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.time.Instant;

/** Instants: a word of seconds since 1970, then four bytes of nanoseconds. */
final class InstantType extends Type<Instant> {
  private static final int SIZE = Long.BYTES + Integer.BYTES;
  private static final int MOST_NANOS = 999_999_999;

  InstantType() {
    super("instant", Instant.class, SIZE, Long.BYTES);
  }

  @Override
  int encodedSize(Instant value) {
    long ignored = value.getEpochSecond(); // nulls are refused before anything is allocated
    return SIZE;
  }

  @Override
  int write(MediumAccessor accessor, long offset, Instant value) {
    accessor.putWord(offset, value.getEpochSecond());
    accessor.putInt(offset + Long.BYTES, value.getNano());
    return SIZE;
  }

  @Override
  Instant read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    long seconds = accessor.getLong(offset);
    int nanos = accessor.getInt(offset + Long.BYTES);
    if (seconds < Instant.MIN.getEpochSecond() || seconds > Instant.MAX.getEpochSecond()) {
      throw corrupted(offset, "seconds from Instant.MIN to MAX", seconds + " seconds");
    }
    if (nanos < 0 || nanos > MOST_NANOS) {
      throw corrupted(offset, "nanoseconds from 0 to " + MOST_NANOS, nanos + " nanoseconds");
    }
    return Instant.ofEpochSecond(seconds, nanos);
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, Instant value) {
    return length == SIZE
        && accessor.getLong(offset) == value.getEpochSecond()
        && accessor.getInt(offset + Long.BYTES) == value.getNano();
  }

  @Override
  long hash(Instant value, long seed) {
    return ContentHash.ofWord(value.getNano(), ContentHash.ofWord(value.getEpochSecond(), seed));
  }

  @Override
  boolean valueEquals(Instant a, Instant b) {
    return a.equals(b);
  }

  @Override
  int valueHash(Instant value) {
    return value.hashCode();
  }
}
