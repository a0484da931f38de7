package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Optional;

/**
 * What may be missing: the value, if there is one, then a byte that says so, 2 for a value and 1
 * for none. Tag 0 does not exist: zeros are nothing of this type.
 */
final class OptionalType extends Type<Optional<Object>> {
  static final byte EMPTY = 1;
  static final byte PRESENT = 2;

  private final Type<Object> content;

  @SuppressWarnings("unchecked") // of this class, whatever it holds
  OptionalType(Type<Object> content) {
    super(
        "optional(" + content.signature() + ")",
        (Class<Optional<Object>>) (Class<?>) Optional.class,
        VARIABLE,
        content.alignment());
    this.content = content;
  }

  @Override
  int encodedSize(Optional<Object> value) {
    return value.isEmpty() ? 1 : checkedSize(signature(), content.encodedSize(value.get()) + 1L);
  }

  @Override
  int write(MediumAccessor accessor, long offset, Optional<Object> value) {
    if (value.isEmpty()) {
      accessor.putByte(offset, EMPTY);
      return 1;
    }
    int size = content.write(accessor, offset, value.get());
    accessor.putByte(offset + size, PRESENT);
    return size + 1;
  }

  @Override
  Optional<Object> read(MediumAccessor accessor, long offset, int length) {
    if (length < 1) {
      throw corrupted(offset, "a length of 1 or more", "length " + length);
    }
    byte tag = accessor.getByte(offset + length - 1);
    if (tag == EMPTY && length == 1) {
      return Optional.empty();
    }
    if (tag != PRESENT) {
      throw corrupted(offset, "tag 1 alone, or 2", "tag %d, length %d".formatted(tag, length));
    }
    return Optional.of(content.read(accessor, offset, length - 1));
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, Optional<Object> value) {
    if (length < 1) {
      return false;
    }
    byte tag = accessor.getByte(offset + length - 1);
    return value.isEmpty()
        ? tag == EMPTY && length == 1
        : tag == PRESENT && content.contentEquals(accessor, offset, length - 1, value.get());
  }

  @Override
  long hash(Optional<Object> value, long seed) {
    return value.isEmpty()
        ? ContentHash.ofWord(EMPTY, seed)
        : content.hash(value.get(), ContentHash.ofWord(PRESENT, seed));
  }

  @Override
  boolean valueEquals(Optional<Object> a, Optional<Object> b) {
    return a.isEmpty() ? b.isEmpty() : b.isPresent() && content.valueEquals(a.get(), b.get());
  }

  @Override
  int valueHash(Optional<Object> value) {
    return value.isEmpty() ? EMPTY : 31 * PRESENT + content.valueHash(value.get());
  }
}
