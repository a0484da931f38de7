package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Hash maps. */
final class HashMapKind<K, V> extends CollectionKind<PersistentHashMap<K, V>> {
  static final int CODE = 1;

  private final @Nullable Type<K> keyType;
  private final @Nullable Type<V> valueType;

  HashMapKind(String signatures, @Nullable Type<K> keyType, @Nullable Type<V> valueType) {
    super(CODE, "map", signatures, keyType, valueType);
    this.keyType = keyType;
    this.valueType = valueType;
  }

  HashMapKind(Type<K> keyType, Type<V> valueType) {
    this(signatures(keyType, valueType), keyType, valueType);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return PersistentHashMap.create(heap, transaction, seed);
  }

  @Override
  PersistentHashMap<K, V> open(OpenHeap heap, long offset) {
    return PersistentHashMap.open(heap, requireNonNull(keyType), requireNonNull(valueType), offset);
  }

  @Override
  void lockAll(PersistentHashMap<K, V> map, Transaction transaction) {
    map.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new MapVerifier<>(heap, title, offset, keyType, valueType, reached, findings)
        .run((key, value) -> {});
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return new MapDescriber(search, title, offset).describe();
  }
}
