package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Values whose words a transaction defers, so that they are changed where they lie: no block is
 * allocated, and none freed. A value begins at a word, and the bytes up to the next word behind it
 * are its own.
 *
 * <p>For who holds the lock of what is changed. Methods that read are also for who holds none, and
 * gives no transaction. Scratch memory is given back only if nothing throws: else the next borrower
 * gets other memory.
 */
final class ValueWords {
  /**
   * Longer values, in bytes, are replaced by new blocks: in a record, each word is written twice,
   * there and in place.
   */
  private static final int LONGEST = 256;

  /** So many words are no more than what a new block would take of a record. */
  private static final int FEW = 4;

  private ValueWords() {}

  /** Whether a value of the same length should be overwritten, rather than get a new block. */
  static boolean shouldOverwrite(Transaction transaction, int length) {
    long words = wholeWords(length) / Long.BYTES;
    return words <= FEW || (length <= LONGEST && transaction.isShortWith(words));
  }

  private static long wholeWords(int length) {
    return (length + Long.BYTES - 1L) & -Long.BYTES;
  }

  /** Reads a value as a transaction will store it. */
  static <T> T read(
      @Nullable Transaction transaction,
      MediumAccessor accessor,
      Type<T> type,
      long offset,
      int length) {
    if (transaction == null || !transaction.isDeferred(offset, wholeWords(length))) {
      return type.read(accessor, offset, length);
    }
    MediumAccessor scratch = gathered(transaction, offset, length);
    T value = type.read(scratch, 0, length);
    transaction.giveBack(scratch);
    return value;
  }

  /** Compares a value, as a transaction will store it, with another. */
  static <T> boolean contentEquals(
      @Nullable Transaction transaction,
      MediumAccessor accessor,
      Type<T> type,
      long offset,
      int length,
      T value) {
    if (transaction == null || !transaction.isDeferred(offset, wholeWords(length))) {
      return type.contentEquals(accessor, offset, length, value);
    }
    MediumAccessor scratch = gathered(transaction, offset, length);
    boolean equal = type.contentEquals(scratch, 0, length, value);
    transaction.giveBack(scratch);
    return equal;
  }

  private static MediumAccessor gathered(Transaction transaction, long offset, int length) {
    long size = wholeWords(length);
    MediumAccessor scratch = transaction.borrowScratch(size);
    for (long at = 0; at < size; at += Long.BYTES) {
      scratch.putWord(at, transaction.getWord(offset + at));
    }
    return scratch;
  }

  /** Defers a value into memory that holds none yet. */
  static <T> void defer(Transaction transaction, Type<T> type, long offset, int length, T value) {
    long size = wholeWords(length);
    MediumAccessor scratch = transaction.borrowScratch(size);
    scratch.putWord(size - Long.BYTES, 0);
    type.write(scratch, 0, value);
    transaction.deferWords(offset, scratch, 0, size);
    transaction.giveBack(scratch);
  }

  /**
   * Defers a value over one of the same length, but for the words at either end that stay as they
   * are. Nothing at all if it is the same value.
   */
  static <T> void overwrite(
      Transaction transaction,
      MediumAccessor accessor,
      Type<T> type,
      long offset,
      int length,
      T value) {
    long to = wholeWords(length);
    if (to == 0) {
      return;
    }
    MediumAccessor scratch = transaction.borrowScratch(to);
    scratch.putWord(to - Long.BYTES, transaction.getWord(offset + to - Long.BYTES)); // behind it
    type.write(scratch, 0, value);
    long from = 0;
    if (!transaction.isDeferred(offset, to)) {
      while (from < to && scratch.getWord(from) == accessor.getWord(offset + from)) {
        from += Long.BYTES;
      }
      while (from < to && isSame(scratch, accessor, to - Long.BYTES, offset)) {
        to -= Long.BYTES;
      }
    }
    if (from < to) {
      transaction.deferWords(offset + from, scratch, from, to - from);
    }
    transaction.giveBack(scratch);
  }

  private static boolean isSame(
      MediumAccessor scratch, MediumAccessor accessor, long at, long offset) {
    return scratch.getWord(at) == accessor.getWord(offset + at);
  }
}
