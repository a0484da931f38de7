package dev.cairn.collections;

import dev.cairn.tx.spi.Transaction;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kind of collection, with the types of what it holds: all that the heap has to know to make,
 * open, lock, verify and describe one. A kind that was {@linkplain #of read} from the catalog does
 * not know the types that only programs know; its collections can be verified and described, and no
 * more.
 *
 * @param <C> the class of the collections
 */
abstract class CollectionKind<C> {
  /** Separates the signatures of several types. */
  private static final String SEPARATOR = "\0";

  private final int code;
  private final String word;
  private final String signatures;
  private final List<@Nullable Type<?>> types;

  /**
   * Creates a kind.
   *
   * @param code what the catalog stores; never used for another kind
   * @param word what users call it
   * @param signatures of the types
   * @param types null where only the program knows
   */
  CollectionKind(int code, String word, String signatures, @Nullable Type<?>... types) {
    this.code = code;
    this.word = word;
    this.signatures = signatures;
    this.types = Arrays.asList(types);
  }

  /**
   * Returns the kind that the catalog names, as far as it is known.
   *
   * @return null if there is no kind of that code
   */
  static @Nullable CollectionKind<?> of(int code, String signatures) {
    String[] each = signatures.split(SEPARATOR, 3);
    Type<?> first = Types.builtIn(each[0]);
    Type<?> second = each.length < 2 ? null : Types.builtIn(each[1]);
    boolean isNatural = each[each.length - 1].equals(KeyOrder.NATURAL);
    return switch (code) {
      case HashMapKind.CODE -> new HashMapKind<>(signatures, first, second);
      case ArrayListKind.CODE -> new ArrayListKind<>(signatures, first);
      case LongKind.CODE -> LongKind.INSTANCE;
      case ReferenceKind.CODE -> new ReferenceKind<>(signatures, first);
      case HashSetKind.CODE -> new HashSetKind<>(signatures, first);
      case TreeMapKind.CODE -> treeMap(signatures, first, second, isNatural);
      case TreeSetKind.CODE -> treeSet(signatures, first, isNatural);
      case DequeKind.CODE -> new DequeKind<>(signatures, first);
      case LogKind.CODE -> new LogKind<>(signatures, first);
      default -> null;
    };
  }

  private static <K> CollectionKind<?> treeMap(
      String signatures, @Nullable Type<K> keyType, @Nullable Type<?> valueType, boolean natural) {
    return new TreeMapKind<>(signatures, keyType, natural(keyType, natural), valueType);
  }

  private static <E> CollectionKind<?> treeSet(
      String signatures, @Nullable Type<E> type, boolean natural) {
    return new TreeSetKind<>(signatures, type, natural(type, natural));
  }

  private static <K> @Nullable SortOrder<K> natural(@Nullable Type<K> type, boolean isNatural) {
    return type != null && isNatural ? SortOrder.natural(type) : null;
  }

  /** The signatures of several types. */
  static String signatures(Type<?> first, Type<?> second) {
    return first.signature() + SEPARATOR + second.signature();
  }

  /** The signatures of several types, and the name of the order of keys. */
  static String signatures(Type<?> first, Type<?> second, String order) {
    return signatures(first, second) + SEPARATOR + order;
  }

  /** The signature of a type, and the name of the order of its values. */
  static String signatures(Type<?> type, String order) {
    return type.signature() + SEPARATOR + order;
  }

  final int code() {
    return code;
  }

  final String signatures() {
    return signatures;
  }

  /** Whether collections of the other kind hold the same bytes as those of this one. */
  final boolean isStoredAs(CollectionKind<?> other) {
    return code == other.code && signatures.equals(other.signatures);
  }

  /** Whether values are the same classes, too. */
  final boolean hasTypesOf(CollectionKind<?> other) {
    return types.equals(other.types);
  }

  /** The classes of the values, for messages. */
  final String classes() {
    return String.join(
        " to ", types.stream().map(t -> t == null ? "?" : t.javaType().getName()).toList());
  }

  /** What a collection of this kind is called in reports. */
  final String title(String name) {
    return word + " " + Catalog.quoted(name);
  }

  /** Such as {@code map of string to long}. */
  @Override
  public String toString() {
    return signatures.isEmpty() ? word : word + " of " + signatures.replace(SEPARATOR, " to ");
  }

  /** The same for a kind whose last signature is the name of an order. */
  final String toStringWithOrder() {
    int end = Math.max(signatures.lastIndexOf(SEPARATOR), 0);
    String order = signatures.substring(end).replace(SEPARATOR, "");
    String types = word + " of " + signatures.substring(0, end).replace(SEPARATOR, " to ");
    return order.equals(KeyOrder.NATURAL) ? types : types + ", ordered by " + Catalog.quoted(order);
  }

  /**
   * Writes an empty collection into fresh memory, as part of a transaction; returns where it lies.
   *
   * @param seed what it hashes by, if it does
   */
  abstract long create(OpenHeap heap, Transaction transaction, long seed);

  /** Opens the collection that lies at an offset. */
  abstract C open(OpenHeap heap, long offset);

  /** Locks all of a collection. */
  abstract void lockAll(C collection, Transaction transaction);

  /**
   * Checks a collection that nobody changes.
   *
   * @param title what findings call it
   * @param reached is told of every block
   */
  abstract void verify(
      OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings);

  /** Names the place that a search looks for, if it is in the collection at an offset. */
  abstract @Nullable String describe(BlockSearch search, String title, long offset);
}
