package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Array lists. */
final class ArrayListKind<E> extends CollectionKind<PersistentArrayList<E>> {
  static final int CODE = 2;

  private final @Nullable Type<E> type;

  ArrayListKind(String signature, @Nullable Type<E> type) {
    super(CODE, "list", signature, type);
    this.type = type;
  }

  ArrayListKind(Type<E> type) {
    this(type.signature(), type);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return ListElements.create(heap, transaction, requireNonNull(type));
  }

  @Override
  PersistentArrayList<E> open(OpenHeap heap, long offset) {
    return PersistentArrayList.open(heap, requireNonNull(type), offset);
  }

  @Override
  void lockAll(PersistentArrayList<E> list, Transaction transaction) {
    list.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new ListVerifier(heap, title, offset, type, reached, findings).run();
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return new ListDescriber(search, title, offset).describe();
  }
}
