package dev.cairn.heap;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything that Cairn throws about media and space, as opposed to mistakes of the
 * caller. Each child says in which state it leaves the data.
 */
public abstract class PersistentMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message the thing, the value and the limit
   * @param cause what led to it, or null
   */
  protected PersistentMemoryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
