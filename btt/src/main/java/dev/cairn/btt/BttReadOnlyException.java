package dev.cairn.btt;

import dev.cairn.heap.PersistentMemoryException;

/** An arena takes no writes, since it is damaged or marked so. Nothing was changed. */
public final class BttReadOnlyException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message the arena, and why
   */
  public BttReadOnlyException(String message) {
    super(message, null);
  }
}
