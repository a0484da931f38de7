package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/** The small primitives, boxed: as their {@link Primitive} has them in records. */
final class PrimitiveType<T> extends Type<T> {
  private final Primitive primitive;
  private final ToLongFunction<T> toBits;
  private final LongFunction<T> fromBits;

  /**
   * Creates a type.
   *
   * @param boxClass the class of the values
   * @param toBits a value's bits, in their one form
   * @param fromBits the value of such bits
   */
  PrimitiveType(
      Primitive primitive, Class<T> boxClass, ToLongFunction<T> toBits, LongFunction<T> fromBits) {
    super(primitive.signature(), boxClass, primitive.size(), primitive.size());
    this.primitive = primitive;
    this.toBits = toBits;
    this.fromBits = fromBits;
  }

  /** Returns a value's bits, in their one form. */
  long bits(T value) {
    return toBits.applyAsLong(value);
  }

  @Override
  int encodedSize(T value) {
    long ignored = toBits.applyAsLong(value); // nulls are refused here
    return primitive.size();
  }

  @Override
  int write(MediumAccessor accessor, long offset, T value) {
    primitive.write(accessor, offset, toBits.applyAsLong(value));
    return primitive.size();
  }

  @Override
  T read(MediumAccessor accessor, long offset, int length) {
    checkLength(offset, length);
    long bits = primitive.read(accessor, offset);
    if (!primitive.isCanonical(bits)) {
      throw corrupted(offset, "a " + signature(), "0x" + Long.toHexString(bits));
    }
    return fromBits.apply(bits);
  }

  @Override
  boolean contentEquals(MediumAccessor accessor, long offset, int length, T value) {
    return length == primitive.size()
        && primitive.read(accessor, offset) == toBits.applyAsLong(value);
  }

  @Override
  long hash(T value, long seed) {
    return ContentHash.ofWord(toBits.applyAsLong(value), seed);
  }

  @Override
  boolean valueEquals(T a, T b) {
    return toBits.applyAsLong(a) == toBits.applyAsLong(b);
  }

  @Override
  int valueHash(T value) {
    return Long.hashCode(toBits.applyAsLong(value));
  }
}
