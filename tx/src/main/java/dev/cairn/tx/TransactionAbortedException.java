package dev.cairn.tx;

import dev.cairn.heap.PersistentMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * The body of a transaction threw, or an operation in it that could not be undone alone: everything
 * was undone, and the data is as it was before the transaction. The cause is what was thrown.
 */
public class TransactionAbortedException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message why the transaction was undone
   * @param cause what was thrown, or null
   */
  public TransactionAbortedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
