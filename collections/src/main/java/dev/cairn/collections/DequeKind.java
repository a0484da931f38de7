package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Deques. */
final class DequeKind<E> extends CollectionKind<PersistentDeque<E>> {
  static final int CODE = 16;

  private final @Nullable Type<E> type;

  DequeKind(String signature, @Nullable Type<E> type) {
    super(CODE, "deque", signature, type);
    this.type = type;
  }

  DequeKind(Type<E> type) {
    this(type.signature(), type);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return DequeElements.create(heap, transaction, requireNonNull(type));
  }

  @Override
  PersistentDeque<E> open(OpenHeap heap, long offset) {
    return PersistentDeque.open(heap, requireNonNull(type), offset);
  }

  @Override
  void lockAll(PersistentDeque<E> deque, Transaction transaction) {
    deque.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new DequeVerifier(heap, title, offset, type, reached, findings).run();
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return new DequeDescriber(search, title, offset).describe();
  }
}
