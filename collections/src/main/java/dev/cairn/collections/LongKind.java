package dev.cairn.collections;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Single longs. */
final class LongKind extends CollectionKind<PersistentLong> {
  static final int CODE = 3;
  static final LongKind INSTANCE = new LongKind();

  private LongKind() {
    super(CODE, "long", "");
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return PersistentLong.create(heap, transaction);
  }

  @Override
  PersistentLong open(OpenHeap heap, long offset) {
    return PersistentLong.open(heap, offset);
  }

  @Override
  void lockAll(PersistentLong value, Transaction transaction) {
    value.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    CellVerifier.run(heap, title, BlockHeader.LONG, offset, reached, findings, () -> {});
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return search.block() == offset ? title + ", " + CellLayout.field(search.at(), "value") : null;
  }
}
