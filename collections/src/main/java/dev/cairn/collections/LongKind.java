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
    LongVerifier.run(heap, title, offset, reached, findings);
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return search.block() == offset ? title + ", " + field(search.at()) : null;
  }

  private static String field(long at) {
    if (at < LongLayout.VALUE) {
      return "header";
    } else if (at < LongLayout.MARK) {
      return "value";
    } else if (at < LongLayout.MARK + Long.BYTES) {
      return "mark";
    }
    return at < LongLayout.LONG_SIZE ? "reserved" : "behind its end";
  }
}
