package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Tree sets, each with the name of its order. */
final class TreeSetKind<E> extends CollectionKind<PersistentTreeSet<E>> {
  static final int CODE = 9;

  private final @Nullable Type<E> type;
  private final @Nullable SortOrder<E> order;

  TreeSetKind(String signatures, @Nullable Type<E> type, @Nullable SortOrder<E> order) {
    super(CODE, "tree set", signatures, type);
    this.type = type;
    this.order = order;
  }

  TreeSetKind(Type<E> type, SortOrder<E> order) {
    this(signatures(type, order.name()), type, order);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return PersistentTreeMap.create(heap, transaction, seed);
  }

  @Override
  PersistentTreeSet<E> open(OpenHeap heap, long offset) {
    return PersistentTreeSet.open(heap, requireNonNull(type), requireNonNull(order), offset);
  }

  @Override
  void lockAll(PersistentTreeSet<E> set, Transaction transaction) {
    set.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new TreeVerifier<>(heap, title, offset, type, order, PresentType.INSTANCE, reached, findings)
        .run();
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
