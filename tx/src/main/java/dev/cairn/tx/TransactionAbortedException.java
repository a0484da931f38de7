package dev.cairn.tx;

import dev.cairn.heap.PersistentMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * The body of a transaction threw, and everything it had changed was undone: the data is as it was
 * before the transaction. The cause is what the body threw.
 */
public class TransactionAbortedException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message why the transaction was undone
   * @param cause what the body threw, or null
   */
  public TransactionAbortedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
