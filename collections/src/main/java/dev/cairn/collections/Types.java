package dev.cairn.collections;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The types that collections can hold.
 *
 * <p>All are laid out in place, little-endian, each value in one way only:
 *
 * <table>
 * <caption>Layout of the types</caption>
 * <tr><th>type</th><th>signature</th><th>size in bytes</th><th>encoding</th></tr>
 * <tr><td>{@link #LONG}</td><td>{@code long}</td><td>8</td><td>two's complement</td></tr>
 * <tr><td>{@link #INT}</td><td>{@code int}</td><td>4</td><td>two's complement</td></tr>
 * <tr><td>{@link #DOUBLE}</td><td>{@code double}</td><td>8</td>
 *     <td>IEEE 754; NaN is {@code 0x7ff8000000000000}</td></tr>
 * <tr><td>{@link #UUID}</td><td>{@code uuid}</td><td>16</td>
 *     <td>the more significant long, then the less significant one</td></tr>
 * <tr><td>{@link #BYTES}</td><td>{@code bytes}</td><td>n</td><td>the bytes</td></tr>
 * <tr><td>{@link #STRING}, if all chars are at most 0xFF</td><td>{@code string}</td><td>n + 1</td>
 *     <td>the chars, one byte each; then a byte of 1</td></tr>
 * <tr><td>{@link #STRING}, else</td><td>{@code string}</td><td>2n + 1</td>
 *     <td>the chars, two bytes each; then a byte of 2</td></tr>
 * <tr><td>{@link #BOOLEAN}, {@link #BYTE}</td><td>{@code boolean}, {@code byte}</td><td>1</td>
 *     <td>0 or 1; two's complement</td></tr>
 * <tr><td>{@link #SHORT}, {@link #CHAR}</td><td>{@code short}, {@code char}</td><td>2</td>
 *     <td>two's complement; without sign</td></tr>
 * <tr><td>{@link #FLOAT}</td><td>{@code float}</td><td>4</td>
 *     <td>IEEE 754; NaN is {@code 0x7fc00000}</td></tr>
 * <tr><td>{@link #INSTANT}</td><td>{@code instant}</td><td>12</td>
 *     <td>8 bytes of seconds since 1970, 4 of nanoseconds</td></tr>
 * <tr><td>{@link #BIG_INTEGER}</td><td>{@code integer}</td><td>n</td>
 *     <td>two's complement in as few bytes as will do, the most significant one first</td></tr>
 * <tr><td>{@link #BIG_DECIMAL}</td><td>{@code decimal}</td><td>n + 4</td>
 *     <td>the scale, 4 bytes; then the unscaled value as an {@code integer}</td></tr>
 * <tr><td>{@link #enumOf}</td><td>{@code enum(NAME,...)}</td><td>n + 1</td>
 *     <td>the constant's name, as a string</td></tr>
 * <tr><td>{@link #record}</td><td>{@code record(name:type,...)}</td><td>the sum, with padding</td>
 *     <td>the components, each at a multiple of its alignment; see {@link #record}</td></tr>
 * </table>
 *
 * <p>No value may be null. No value may take more than {@code Integer.MAX_VALUE - 64} bytes.
 */
public final class Types {
  /** Longs, without loss. */
  public static final Type<Long> LONG = new LongType();

  /** Ints, without loss. */
  public static final Type<Integer> INT = new IntType();

  /**
   * Doubles, equal as {@link Double#equals} has it. All NaNs become the one of {@link Double#NaN};
   * negative zero is kept.
   */
  public static final Type<Double> DOUBLE = new DoubleType();

  /** Strings, without loss: unpaired surrogates are kept too. */
  public static final Type<String> STRING = new StringType();

  /**
   * Arrays of bytes, equal if their contents are. A collection copies an array when it stores it,
   * and returns a new one each time: to change the array changes nothing in the heap.
   */
  public static final Type<byte[]> BYTES = new BytesType();

  /** UUIDs. */
  public static final Type<UUID> UUID = new UuidType();

  /** Booleans. */
  public static final Type<Boolean> BOOLEAN =
      new PrimitiveType<>(Primitive.BOOLEAN, Boolean.class, b -> b ? 1 : 0, bits -> bits != 0);

  /** Bytes, one at a time; see {@link #BYTES} for arrays. */
  public static final Type<Byte> BYTE =
      new PrimitiveType<>(Primitive.BYTE, Byte.class, Byte::longValue, bits -> (byte) bits);

  /** Shorts. */
  public static final Type<Short> SHORT =
      new PrimitiveType<>(Primitive.SHORT, Short.class, Short::longValue, bits -> (short) bits);

  /** Chars. */
  public static final Type<Character> CHAR =
      new PrimitiveType<>(Primitive.CHAR, Character.class, c -> (long) c, bits -> (char) bits);

  /** Floats, equal as {@link Float#equals} has it, as doubles are. */
  public static final Type<Float> FLOAT =
      new PrimitiveType<>(
          Primitive.FLOAT,
          Float.class,
          f -> (long) Float.floatToIntBits(f),
          bits -> Float.intBitsToFloat((int) bits));

  /** Instants, to the nanosecond. */
  public static final Type<Instant> INSTANT = new InstantType();

  /**
   * Decimal numbers, equal as {@link BigDecimal#equals} has it: 2.0 is not 2.00. Instances of
   * subclasses are refused.
   */
  public static final Type<BigDecimal> BIG_DECIMAL = new BigDecimalType();

  /** Integers of any size. Instances of subclasses are refused. */
  public static final Type<BigInteger> BIG_INTEGER = new BigIntegerType();

  /** The types that need no class of the program's. */
  private static final List<Type<?>> BUILT_IN =
      List.of(
          LONG,
          INT,
          DOUBLE,
          STRING,
          BYTES,
          UUID,
          BOOLEAN,
          BYTE,
          SHORT,
          CHAR,
          FLOAT,
          INSTANT,
          BIG_DECIMAL,
          BIG_INTEGER);

  private Types() {}

  /** Returns the type of a signature that needs no class of the program's; else null. */
  static @Nullable Type<?> builtIn(String signature) {
    for (Type<?> type : BUILT_IN) {
      if (type.signature().equals(signature)) {
        return type;
      }
    }
    return null;
  }

  /** Returns the type whose values have a class; null if there is none, or it is the program's. */
  static @Nullable Type<?> ofClass(Class<?> javaType) {
    for (Type<?> type : BUILT_IN) {
      if (type.javaType() == javaType) {
        return type;
      }
    }
    return null;
  }

  /**
   * Returns the type of an enum. Its constants are stored by name, but the names and their order
   * are part of the signature: an enum with other constants is another type.
   *
   * @param <E> the enum
   * @param enumClass its class
   * @return its type
   * @throws IllegalArgumentException if the class has no constants
   */
  public static <E extends Enum<E>> Type<E> enumOf(Class<E> enumClass) {
    return EnumType.of(enumClass);
  }

  /**
   * Returns the type of a record class. Components may be primitives and their boxes, {@code
   * String}, {@code byte[]}, {@code UUID}, {@code Instant}, {@code BigDecimal}, {@code BigInteger},
   * enums, records of such, and an {@code Optional} or a {@code List} of any of these but of
   * primitives.
   *
   * <table>
   * <caption>Components</caption>
   * <tr><th>component</th><th>signature</th><th>size in bytes</th><th>alignment</th></tr>
   * <tr><td>{@code long}, {@code Long}</td><td>{@code long}</td><td>8</td><td>8</td></tr>
   * <tr><td>{@code int}, {@code Integer}</td><td>{@code int}</td><td>4</td><td>4</td></tr>
   * <tr><td>{@code double}, {@code Double}</td><td>{@code double}</td><td>8</td><td>8</td></tr>
   * <tr><td>{@code boolean}</td><td>{@code boolean}</td><td>1: 0 or 1</td><td>1</td></tr>
   * <tr><td>{@code byte}</td><td>{@code byte}</td><td>1</td><td>1</td></tr>
   * <tr><td>{@code short}</td><td>{@code short}</td><td>2</td><td>2</td></tr>
   * <tr><td>{@code char}</td><td>{@code char}</td><td>2</td><td>2</td></tr>
   * <tr><td>{@code float}</td><td>{@code float}</td><td>4; NaN is {@code 0x7fc00000}</td><td>4</td>
   *     </tr>
   * <tr><td>{@code UUID}</td><td>{@code uuid}</td><td>16</td><td>8</td></tr>
   * <tr><td>a record of fixed size</td><td>{@code record(...)}</td>
   *     <td>its own, a multiple of its alignment</td><td>the largest of its components</td></tr>
   * <tr><td>{@code String}, {@code byte[]}</td><td>{@code string}, {@code bytes}</td>
   *     <td>4: where its content ends</td><td>4; the content 1</td></tr>
   * <tr><td>{@code Instant}</td><td>{@code instant}</td><td>12</td><td>8</td></tr>
   * <tr><td>an enum, {@code BigDecimal}, {@code BigInteger}</td>
   *     <td>{@code enum(NAME,...)}, {@code decimal}, {@code integer}</td>
   *     <td>4: where its content ends</td><td>4; the content 1, of decimals 4</td></tr>
   * <tr><td>{@code Optional}, {@code List}</td>
   *     <td>{@code optional(...)}, {@code list(...)}</td><td>4: where its content ends</td>
   *     <td>4; the content what its elements have, at least 4 if they differ in size</td></tr>
   * <tr><td>a record of variable size</td><td>{@code record(...)}</td>
   *     <td>4: where its content ends</td>
   *     <td>4; the content the largest of its components and their contents, at least 4</td></tr>
   * </table>
   *
   * <p>Components lie in the order of their declaration, each at the next multiple of its
   * alignment. If all have a fixed size, so has the record: the sum, rounded up to a multiple of
   * the largest alignment. Else the contents of variable size follow, in the same order, each at
   * the next multiple of its alignment; the end of a content counts from the start of the record,
   * which ends with the last one. Padding is zero.
   *
   * <p>To rename or move the class changes nothing; to rename, reorder, add or remove components,
   * or to change their types, makes another type of it. {@code long} and {@code Long} are the same
   * type in this respect, as are the other boxes.
   *
   * <p>Values are read from the record's fields; its accessors, {@code equals} and {@code hashCode}
   * are not called. A list must be one that cannot change, as {@code List.of}, {@code List.copyOf}
   * and {@code Stream.toList} return it, without nulls: let the record's constructor copy it. The
   * record's canonical constructor is called for every value that is read, and should be cheap and
   * free of side effects. If it throws, the collection's method throws an {@link
   * IllegalStateException} with that as its cause: the class has become stricter than the data.
   *
   * <p>The record may be private or local. If it is in a named module, the package must be open to
   * {@code dev.cairn.collections}.
   *
   * @param <R> the record class
   * @param recordClass the record class
   * @return its type
   * @throws IllegalArgumentException if the record is generic, contains itself, has no components
   *     or more than 120, has a component of another type than those above, or is out of reach
   */
  public static <R extends Record> Type<R> record(Class<R> recordClass) {
    return new RecordTypeBuilder().build(recordClass);
  }
}
