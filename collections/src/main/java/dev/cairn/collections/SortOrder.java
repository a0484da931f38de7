package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How a sorted map compares its keys: in Java by a comparator, and on the medium first by the
 * <em>prefix</em> of each, a word that nodes keep beside it. Prefixes are compared as unsigned
 * numbers: a key whose prefix is less is less; of two whose prefixes are equal, nothing is known,
 * unless prefixes are whole. They are part of the format.
 *
 * <table>
 * <caption>Prefixes, in the natural order</caption>
 * <tr><th>type</th><th>prefix</th></tr>
 * <tr><td>boolean, byte, short, char, int, long</td><td>the number, its sign bit flipped; whole</td>
 *     </tr>
 * <tr><td>float, double</td><td>the bits of the double: all flipped if it is negative, else the sign
 *     bit; whole</td></tr>
 * <tr><td>enums</td><td>the ordinal; whole</td></tr>
 * <tr><td>strings</td><td>the first four chars, the first one in the upper bits; zeros behind the
 *     end</td></tr>
 * <tr><td>bytes</td><td>the first eight bytes, likewise</td></tr>
 * <tr><td>instants, UUIDs</td><td>the seconds, the upper word; the sign bit flipped</td></tr>
 * <tr><td>others, and all in an order of the program's</td><td>0</td></tr>
 * </table>
 *
 * @param <K> the keys
 */
final class SortOrder<K> {
  private final Type<K> type;
  private final String name;
  private final Comparator<? super K> comparator;
  private final @Nullable ToLongFunction<K> prefix;
  private final boolean isWhole;
  private final boolean isNatural;

  private SortOrder(
      Type<K> type,
      String name,
      Comparator<? super K> comparator,
      @Nullable ToLongFunction<K> prefix,
      boolean isWhole) {
    this.type = type;
    this.name = name;
    this.comparator = comparator;
    this.prefix = prefix;
    this.isWhole = isWhole;
    this.isNatural = name.equals(KeyOrder.NATURAL);
  }

  /**
   * The order that keys of a type have by themselves: that of their {@code compareTo}; arrays of
   * bytes are compared byte by byte, without sign.
   *
   * @throws IllegalArgumentException if they have none
   */
  static <K> SortOrder<K> natural(Type<K> type) {
    if (type instanceof BytesType) {
      Comparator<byte[]> unsigned = Arrays::compareUnsigned;
      return natural(type, unsigned, bytes -> prefixOf((byte[]) bytes), false);
    }
    if (!Comparable.class.isAssignableFrom(type.javaType())) {
      throw new IllegalArgumentException(
          "keys of type %s have no natural order: %s is not Comparable, so name an order"
              .formatted(Catalog.quoted(type.signature()), type.javaType().getName()));
    }
    Comparator<?> own = Comparator.naturalOrder();
    return switch (type) {
      case LongType t -> natural(type, own, key -> signed((Long) key), true);
      case IntType t -> natural(type, own, key -> signed((Integer) key), true);
      case DoubleType t -> natural(type, own, key -> prefixOf((double) (Double) key), true);
      case PrimitiveType<K> t -> natural(type, own, prefixOf(t), true);
      case EnumType<?> t -> natural(type, own, key -> prefixOf((Enum<?>) key), true);
      case StringType t -> natural(type, own, key -> prefixOf((String) key), false);
      case InstantType t ->
          natural(type, own, key -> signed(((Instant) key).getEpochSecond()), false);
      case UuidType t ->
          natural(type, own, key -> signed(((UUID) key).getMostSignificantBits()), false);
      default -> natural(type, own, null, false);
    };
  }

  /** An order of the program's. */
  static <K> SortOrder<K> of(Type<K> type, KeyOrder<K> order) {
    return new SortOrder<>(type, order.name(), order.comparator(), null, false);
  }

  @SuppressWarnings("unchecked") // the comparator is of the type's class
  private static <K> SortOrder<K> natural(
      Type<K> type, Comparator<?> comparator, @Nullable ToLongFunction<K> prefix, boolean isWhole) {
    return new SortOrder<>(
        type, KeyOrder.NATURAL, (Comparator<? super K>) comparator, prefix, isWhole);
  }

  private static long signed(long number) {
    return number ^ Long.MIN_VALUE;
  }

  private static <K> ToLongFunction<K> prefixOf(PrimitiveType<K> type) {
    return type.javaType() == Float.class
        ? key -> prefixOf((double) (Float) key)
        : key -> signed(type.bits(key));
  }

  @SuppressWarnings("EnumOrdinal") // the order of the names is part of the type's signature
  private static long prefixOf(Enum<?> constant) {
    return constant.ordinal();
  }

  private static long prefixOf(double number) {
    long bits = Double.doubleToLongBits(number);
    return bits ^ ((bits >> (Long.SIZE - 1)) | Long.MIN_VALUE);
  }

  private static long prefixOf(String text) {
    long prefix = 0;
    for (int i = 0; i < Math.min(4, text.length()); i++) {
      prefix |= (long) text.charAt(i) << (48 - 16 * i);
    }
    return prefix;
  }

  private static long prefixOf(byte[] bytes) {
    long prefix = 0;
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      prefix |= (bytes[i] & 0xFFL) << (56 - 8 * i);
    }
    return prefix;
  }

  String name() {
    return name;
  }

  /** What users are told: null for keys that compare themselves. */
  @Nullable Comparator<? super K> comparator() {
    return isNatural && !(type instanceof BytesType) ? null : comparator;
  }

  /** A key's prefix. */
  long prefix(K key) {
    return prefix == null ? 0 : prefix.applyAsLong(key);
  }

  /** Whether keys of equal prefixes are equal. */
  boolean isWhole() {
    return isWhole;
  }

  /** Whether keys compare as equal only if they are, so that a key's hash is that of its equals. */
  boolean isConsistent() {
    return isNatural && !(type instanceof BigDecimalType) && !(type instanceof RecordType<?>);
  }

  int compare(K a, K b) {
    return comparator.compare(a, b);
  }

  /** Compares a key on the medium, which may be anything, with another. */
  int compareStored(MediumAccessor accessor, long offset, int length, K key) {
    return comparator.compare(type.read(accessor, offset, length), key);
  }
}
