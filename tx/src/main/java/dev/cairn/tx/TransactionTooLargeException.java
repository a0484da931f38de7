package dev.cairn.tx;

import dev.cairn.heap.PersistentMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * The undo log of a transaction cannot grow, because the heap has no room for it. The change that
 * needed it was not made; the transaction can still be aborted, and can still commit what it did
 * before.
 */
public final class TransactionTooLargeException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message how long the log is, and how much more it needed
   * @param cause why there is no room, or null
   */
  public TransactionTooLargeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
