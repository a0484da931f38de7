package dev.cairn.collections;

import static dev.cairn.collections.CellLayout.WORD;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import org.jspecify.annotations.Nullable;

/**
 * A reference on the medium: a {@linkplain CellLayout cell} whose word is the offset of a
 * {@linkplain ValueBlocks value's block}, or 0.
 *
 * <p>Methods that change something need the cell's lock, taken by the transaction; the word is
 * deferred. Those that read are given the transaction, or none, and then they may be without the
 * lock and meet garbage.
 */
final class ReferenceCell<T> {
  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final VersionedLock lock;
  private final ValueBlocks<T> blocks;
  private final long cell;

  /** Writes an empty reference into fresh memory, in a transaction; returns where it lies. */
  static long create(OpenHeap heap, Transaction transaction) {
    long cell = heap.allocator().allocate(transaction, CellLayout.CELL_SIZE);
    heap.accessor().fill(cell, CellLayout.CELL_SIZE, (byte) 0);
    heap.accessor().putWord(cell, CellLayout.header(BlockHeader.REFERENCE, cell));
    return cell;
  }

  ReferenceCell(OpenHeap heap, VersionedLock lock, Type<T> type, long cell) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.lock = lock;
    this.blocks = new ValueBlocks<>(heap, type);
    this.cell = cell;
  }

  /** Where the value's block is, or 0; after a look at the header: a line that was lost is no 0. */
  private long block(@Nullable Transaction transaction) {
    CellVerifier.checkHeader(accessor.getWord(cell), BlockHeader.REFERENCE, cell);
    return transaction == null ? accessor.getWord(cell + WORD) : transaction.getWord(cell + WORD);
  }

  @Nullable T get(@Nullable Transaction transaction) {
    long block = block(transaction);
    return block == 0 ? null : blocks.read(transaction, block);
  }

  boolean contentEquals(@Nullable Transaction transaction, @Nullable T value) {
    long block = block(transaction);
    if (block == 0 || value == null) {
      return block == 0 && value == null;
    }
    return blocks.contentEquals(transaction, block, value);
  }

  /**
   * Sets the value, unless it is the same. One of the same length is stored where the old one is,
   * if this transaction's record does not vouch for that.
   */
  void set(Transaction transaction, @Nullable T value) {
    if (contentEquals(transaction, value)) {
      return;
    }
    transaction.changes(lock);
    long old = block(transaction);
    long block;
    if (value == null) {
      allocator.free(transaction, old);
      block = 0;
    } else if (old == 0) {
      block = blocks.write(transaction, value);
    } else {
      block = blocks.replace(transaction, old, transaction.isDeferred(cell + WORD), value);
    }
    if (block != old) {
      transaction.deferWord(cell + WORD, block);
    }
  }
}
