package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** References. */
final class ReferenceKind<T> extends CollectionKind<PersistentReference<T>> {
  static final int CODE = 5;

  private final @Nullable Type<T> type;

  ReferenceKind(String signature, @Nullable Type<T> type) {
    super(CODE, "reference", signature, type);
    this.type = type;
  }

  ReferenceKind(Type<T> type) {
    this(type.signature(), type);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return ReferenceCell.create(heap, transaction);
  }

  @Override
  PersistentReference<T> open(OpenHeap heap, long offset) {
    return PersistentReference.open(heap, this, requireNonNull(type), offset);
  }

  @Override
  void lockAll(PersistentReference<T> reference, Transaction transaction) {
    reference.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    CellVerifier.run(
        heap,
        title,
        BlockHeader.REFERENCE,
        offset,
        reached,
        findings,
        () -> {
          long block = heap.accessor().getWord(offset + CellLayout.WORD);
          if (block != 0) {
            ValueBlocks.verify(heap, block, type, reached);
          }
        });
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    if (search.block() == offset) {
      return title + ", " + CellLayout.field(search.at(), "offset of its value");
    }
    return search.block() == search.read(offset + CellLayout.WORD)
        ? "value of %s, %s".formatted(title, ValueBlocks.field(search))
        : null;
  }
}
