package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/**
 * How values of one Java type are laid out in a heap, compared, and hashed.
 *
 * <p>{@link Types} has them all; a program cannot add its own. A collection stores the {@linkplain
 * #signature() signatures} of its types and refuses to be opened with others. A heap never names a
 * class: which class a signature becomes is the program's choice alone.
 *
 * <p>Every value has exactly one encoding, so equal bytes mean equal values. Equality is that of
 * the Java type, with two exceptions: arrays of bytes are equal if their contents are, also inside
 * a record; and records are equal if their components are, whatever their {@code equals} says.
 * Floating-point numbers compare as {@link Double#equals} does: NaN equals NaN, and zero differs
 * from negative zero.
 *
 * <p>Types are immutable, and safe for use by many threads.
 *
 * @param <T> the Java type of the values
 */
/*
 * I1  read accepts exactly what write produces: lengths, tags, padding and NaNs have one legal form.
 * I2  Readers take no lock, so a block may be reused while it is read. Each length or tag is read
 *     once into a local, checked, and only then used; arrays are checked after they were copied.
 *     What was read may be nonsense, but nothing leaves the block except by an exception.
 * I3  encodedSize and write look at the same immutable state and run no code of the user's, so what
 *     write stores always fits what encodedSize promised. Instances of subclasses, and lists that
 *     may change, are refused for this.
 * I4  hash is part of the format: hash tables on media depend on it.
 */
public abstract sealed class Type<T>
    permits BigDecimalType,
        BigIntegerType,
        BytesType,
        DoubleType,
        EnumType,
        InstantType,
        IntType,
        ListType,
        LongType,
        OptionalType,
        PresentType,
        PrimitiveType,
        RecordType,
        StringType,
        UuidType {

  /** The {@link #fixedSize()} of a type whose values differ in size. */
  static final int VARIABLE = -1;

  /** No value may take more bytes than this. */
  static final int MAX_ENCODED_SIZE = Integer.MAX_VALUE - 64;

  private final String signature;
  private final Class<T> javaType;
  private final int fixedSize;
  private final int alignment;

  Type(String signature, Class<T> javaType, int fixedSize, int alignment) {
    this.signature = signature;
    this.javaType = javaType;
    this.fixedSize = fixedSize;
    this.alignment = alignment;
  }

  /**
   * Returns the text that a collection stores to remember this type, such as {@code long} or {@code
   * record(balance:long,owner:string)}.
   *
   * <p>A record's signature holds the names and types of its components, in order, and not the name
   * of its class: the class may be renamed and moved.
   *
   * @return the signature, the same in every release that can open the heap
   */
  public final String signature() {
    return signature;
  }

  /** Returns the class that all values have. */
  final Class<T> javaType() {
    return javaType;
  }

  /** Tells whether an object is a value of this type; null is not. */
  final boolean isInstance(@Nullable Object object) {
    return javaType.isInstance(object);
  }

  /** Returns an object as a value of this type; null if it is none. */
  final @Nullable T asValue(@Nullable Object object) {
    return javaType.isInstance(object) ? javaType.cast(object) : null;
  }

  /** Returns the encoded size in bytes if it is the same for all values, else {@link #VARIABLE}. */
  final int fixedSize() {
    return fixedSize;
  }

  /**
   * Returns what the offset of an encoded value must be a multiple of: 1, 2, 4 or 8. Collections
   * just use multiples of 8; this is for values within records.
   */
  final int alignment() {
    return alignment;
  }

  /**
   * Returns how many bytes {@link #write} will store.
   *
   * @throws NullPointerException if the value or one of its components is null; names the component
   * @throws IllegalArgumentException if it is more than {@link #MAX_ENCODED_SIZE}
   */
  abstract int encodedSize(T value);

  /**
   * Stores a value, {@link #encodedSize} bytes of it. Flushes nothing.
   *
   * @param offset a multiple of the alignment
   * @return how many bytes were stored: what {@code encodedSize} says
   */
  abstract int write(MediumAccessor accessor, long offset, T value);

  /**
   * Reads a value. The bytes may be anything, and may change at any time.
   *
   * @param offset a multiple of 8
   * @param length what {@link #encodedSize} said, as stored on the medium
   * @throws HeapCorruptedException if the bytes are not an encoded value of that length
   * @throws IndexOutOfBoundsException if the range leaves the heap
   * @throws IllegalStateException if a record's constructor refuses the components; see {@link
   *     Types#record}
   */
  abstract T read(MediumAccessor accessor, long offset, int length);

  /**
   * Reads a value to check it; null if it is sound, and a record's constructor refuses it: then the
   * class has become stricter than the data, which is no damage.
   *
   * @throws HeapCorruptedException as {@link #read} does
   */
  final @Nullable T readIfAccepted(MediumAccessor accessor, long offset, int length) {
    try {
      return read(accessor, offset, length);
    } catch (IllegalStateException refused) {
      return null;
    }
  }

  /**
   * Tells whether a range holds the encoding of a value, without decoding it. The bytes may be
   * anything, and may change at any time: whatever is wrong with them makes them differ.
   *
   * @param offset a multiple of 8
   * @param length what {@link #encodedSize} said, as stored on the medium
   * @throws IndexOutOfBoundsException if the range leaves the heap
   */
  abstract boolean contentEquals(MediumAccessor accessor, long offset, int length, T value);

  /** Returns a hash of which all 64 bits are good. Equal values have equal hashes (I4). */
  abstract long hash(T value, long seed);

  /** Tells whether two values have the same encoding. */
  abstract boolean valueEquals(T a, T b);

  /** Returns a hash code that goes with {@link #valueEquals}. */
  abstract int valueHash(T value);

  /** Refuses a length, read from the medium, that no value of a fixed-size type has. */
  final void checkLength(long offset, int length) {
    if (length != fixedSize) {
      throw corrupted(offset, "a length of " + fixedSize, "length " + length);
    }
  }

  final HeapCorruptedException corrupted(long offset, String expected, String actual) {
    return new HeapCorruptedException(signature, offset, expected, actual);
  }

  /** Returns a size as an int, if a value may have it. */
  static int checkedSize(String signature, long size) {
    if (size > MAX_ENCODED_SIZE) {
      throw new IllegalArgumentException(
          "a value of type %s takes %d bytes, the limit is %d"
              .formatted(signature, size, MAX_ENCODED_SIZE));
    }
    return (int) size;
  }

  /** Types are equal if signature and class are. */
  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Type<?> type
        && signature.equals(type.signature)
        && javaType == type.javaType;
  }

  @Override
  public final int hashCode() {
    return 31 * signature.hashCode() + javaType.hashCode();
  }

  /** Returns the {@linkplain #signature() signature}. */
  @Override
  public final String toString() {
    return signature;
  }
}
