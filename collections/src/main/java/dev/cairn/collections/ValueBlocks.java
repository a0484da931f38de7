package dev.cairn.collections;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Values in blocks of their own, for structures whose words lead to them.
 *
 * <pre>
 *   value  header (detail = {check of the length (24 bits) | length (32 bits)}) | the value
 * </pre>
 *
 * <p>Methods that change something need the lock of what leads to the block, taken by the
 * transaction. Those that read are given the transaction, or none, and then they may be without the
 * lock and meet garbage.
 *
 * @param <T> the values
 */
final class ValueBlocks<T> {
  /** Where a block has its value. */
  static final long VALUE = 8;

  /** Values up to this size, in bytes, are read without a look at their block's size. */
  private static final long SMALL = 4096;

  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final Type<T> type;

  ValueBlocks(OpenHeap heap, Type<T> type) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.type = type;
  }

  /** The header of a value. */
  static long header(long length) {
    long check = BlockHeader.check(length) << Integer.SIZE;
    return BlockHeader.of(BlockHeader.VALUE, check | length);
  }

  /**
   * Reads a value's length from its header.
   *
   * @throws HeapCorruptedException if it is not the header of a value
   */
  static long length(long header, long block) {
    BlockHeader.check(header, BlockHeader.VALUE, block);
    long length = claimedLength(header);
    if (header != header(length)) {
      throw new HeapCorruptedException(
          "value", block, "a length with its check", "header 0x" + Long.toHexString(header));
    }
    return length;
  }

  private static long claimedLength(long header) {
    return BlockHeader.detail(header) & 0xFFFF_FFFFL;
  }

  /** Names the byte of a value's block that a search is for. */
  static String field(BlockSearch search) {
    if (search.at() < VALUE) {
      return "header";
    }
    long length = claimedLength(search.read(search.block()));
    return search.at() < VALUE + length ? "content" : "behind its end";
  }

  /**
   * Checks a block, and that its value can be decoded.
   *
   * @param type null if only the program knows
   * @param reached is told of it
   */
  static void verify(OpenHeap heap, long block, @Nullable Type<?> type, ReachedBlocks reached) {
    MediumAccessor accessor = heap.accessor();
    long length = length(accessor.getWord(block), block);
    long size = heap.allocator().blockSize(block);
    if (length > Type.MAX_ENCODED_SIZE || VALUE + length > size) {
      throw new HeapCorruptedException(
          "value", block, "content within its %d bytes".formatted(size), length + " bytes");
    }
    reached.visit(block, VALUE + length);
    if (type != null) {
      type.readIfAccepted(accessor, block + VALUE, (int) length);
    }
  }

  /** Returns the length of a value, which is checked. */
  int length(long block) {
    long length = length(accessor.getWord(block), block);
    boolean fits =
        length <= SMALL
            || (length <= Type.MAX_ENCODED_SIZE && VALUE + length <= allocator.blockSize(block));
    if (!fits) {
      throw new HeapCorruptedException(
          "value", block, "a length within its block", "length " + length);
    }
    return (int) length;
  }

  T read(@Nullable Transaction transaction, long block) {
    return ValueWords.read(transaction, accessor, type, block + VALUE, length(block));
  }

  boolean contentEquals(@Nullable Transaction transaction, long block, T value) {
    return ValueWords.contentEquals(
        transaction, accessor, type, block + VALUE, length(block), value);
  }

  /** Writes a value into a new block, whose content the transaction's record can vouch for. */
  long write(Transaction transaction, T value) {
    int length = type.encodedSize(value);
    long block = allocator.allocateConstant(transaction, VALUE + length);
    accessor.putWord(block, header(length));
    type.write(accessor, block + VALUE, value);
    return block;
  }

  /**
   * Replaces a value: where it lies, if the new one is as long, else by another block.
   *
   * @param isFresh whether the transaction may have made the block: then it is not changed, since
   *     its record may vouch for the content
   * @return where the value is from now on: if that is another block, the old one is freed
   */
  long replace(Transaction transaction, long block, boolean isFresh, T value) {
    int length = type.encodedSize(value);
    if (length == length(block) && ValueWords.shouldOverwrite(transaction, length) && !isFresh) {
      ValueWords.overwrite(transaction, accessor, type, block + VALUE, length, value);
      return block;
    }
    allocator.free(transaction, block);
    return write(transaction, value);
  }
}
