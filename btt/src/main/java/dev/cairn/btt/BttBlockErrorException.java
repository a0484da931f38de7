package dev.cairn.btt;

import dev.cairn.heap.PersistentMemoryException;

/** A block was marked as lost. Nothing was changed; writing the block makes it good again. */
public final class BttBlockErrorException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message the block
   */
  public BttBlockErrorException(String message) {
    super(message, null);
  }
}
