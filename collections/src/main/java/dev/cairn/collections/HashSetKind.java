package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Hash sets: maps whose values have no bytes. */
final class HashSetKind<E> extends CollectionKind<PersistentHashSet<E>> {
  static final int CODE = 4;

  private final @Nullable Type<E> type;

  HashSetKind(String signature, @Nullable Type<E> type) {
    super(CODE, "set", signature, type);
    this.type = type;
  }

  HashSetKind(Type<E> type) {
    this(type.signature(), type);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return PersistentHashMap.create(heap, transaction, seed);
  }

  @Override
  PersistentHashSet<E> open(OpenHeap heap, long offset) {
    return PersistentHashSet.open(heap, requireNonNull(type), offset);
  }

  @Override
  void lockAll(PersistentHashSet<E> set, Transaction transaction) {
    set.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new MapVerifier<>(heap, title, offset, type, PresentType.INSTANCE, reached, findings)
        .run((element, value) -> {});
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return new MapDescriber(search, title, offset).describe();
  }
}
