package dev.cairn.btt;

import dev.cairn.heap.PersistentMemoryException;

/**
 * No block is free to be written, since all that are free are pinned. Nothing was changed; once a
 * pin is released, there is one.
 */
public final class BttPinnedException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message how many blocks
   */
  public BttPinnedException(String message) {
    super(message, null);
  }
}
