package dev.cairn.heap;

import org.jspecify.annotations.Nullable;

/**
 * A flush or an access to the medium failed: an I/O error, or a file that was truncated while it
 * was open. What is durable is unknown until the heap is closed and opened again, so it refuses all
 * further work. Operations that were acknowledged before are as durable as the heap promised.
 */
public final class HeapFailedException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which heap failed, at what
   * @param cause the failure itself, or null
   */
  public HeapFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
