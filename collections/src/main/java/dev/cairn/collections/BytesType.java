package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;
import java.util.Objects;

/** Arrays of bytes: the bytes, nothing else. Equal by content. */
final class BytesType extends Type<byte[]> {

  BytesType() {
    super("bytes", byte[].class, VARIABLE, 1);
  }

  @Override
  int encodedSize(byte[] value) {
    return checkedSize("bytes", value.length);
  }

  @Override
  int write(MediumAccessor accessor, long offset, byte[] value) {
    accessor.put(offset, value, 0, value.length);
    return value.length;
  }

  @Override
  byte[] read(MediumAccessor accessor, long offset, int length) {
    if (length < 0) {
      throw corrupted(offset, "a length of 0 or more", "length " + length);
    }
    // Before the allocation: a nonsensical length must not become a huge array.
    Objects.checkFromIndexSize(offset, length, accessor.size());
    byte[] bytes = new byte[length];
    accessor.get(offset, bytes, 0, length);
    return bytes;
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, byte[] value) {
    return length == value.length && accessor.contentEquals(offset, value);
  }

  @Override
  long hash(byte[] value, long seed) {
    return ContentHash.ofBytes(value, seed);
  }

  @Override
  boolean valueEquals(byte[] a, byte[] b) {
    return Arrays.equals(a, b);
  }

  @Override
  int valueHash(byte[] value) {
    return Arrays.hashCode(value);
  }
}
