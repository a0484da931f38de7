package dev.cairn.collections;

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

  private Types() {}

  /** Returns the type of a signature that needs no class of the user's; null for records. */
  static @Nullable Type<?> builtIn(String signature) {
    return switch (signature) {
      case "long" -> LONG;
      case "int" -> INT;
      case "double" -> DOUBLE;
      case "string" -> STRING;
      case "bytes" -> BYTES;
      case "uuid" -> UUID;
      default -> null;
    };
  }

  /**
   * Returns the type of a record class. Components may be primitives, {@code Long}, {@code
   * Integer}, {@code Double}, {@code String}, {@code byte[]}, {@code UUID}, and records of such.
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
   * are not called. Its canonical constructor is called for every value that is read, and should be
   * cheap and free of side effects. If it throws, the collection's method throws an {@link
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
