package dev.cairn.tx;

/**
 * A transaction waited for another one that waited for it, or waited longer than the heap's lock
 * timeout. Everything it had changed is undone, and it holds no locks: run it again.
 */
public final class TransactionConflictException extends TransactionAbortedException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message who waited for whom, or for how long
   */
  public TransactionConflictException(String message) {
    super(message, null);
  }
}
