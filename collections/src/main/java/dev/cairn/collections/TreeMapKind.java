package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Tree maps, each with the name of its order. */
final class TreeMapKind<K, V> extends CollectionKind<PersistentTreeMap<K, V>> {
  static final int CODE = 8;

  private final @Nullable Type<K> keyType;
  private final @Nullable SortOrder<K> order;
  private final @Nullable Type<V> valueType;

  TreeMapKind(
      String signatures,
      @Nullable Type<K> keyType,
      @Nullable SortOrder<K> order,
      @Nullable Type<V> valueType) {
    super(CODE, "tree map", signatures, keyType, valueType);
    this.keyType = keyType;
    this.order = order;
    this.valueType = valueType;
  }

  TreeMapKind(Type<K> keyType, SortOrder<K> order, Type<V> valueType) {
    this(signatures(keyType, valueType, order.name()), keyType, order, valueType);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return PersistentTreeMap.create(heap, transaction, seed);
  }

  @Override
  PersistentTreeMap<K, V> open(OpenHeap heap, long offset) {
    return PersistentTreeMap.open(
        heap,
        "tree map",
        requireNonNull(keyType),
        requireNonNull(order),
        requireNonNull(valueType),
        offset);
  }

  @Override
  void lockAll(PersistentTreeMap<K, V> map, Transaction transaction) {
    map.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new TreeVerifier<>(heap, title, offset, keyType, order, valueType, reached, findings).run();
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return new TreeDescriber(search, title, offset).describe();
  }

  @Override
  public String toString() {
    return toStringWithOrder();
  }
}
