package dev.cairn.allocator;

import dev.cairn.heap.PersistentMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * The heap has no free block of the size asked for, and cannot grow. Nothing was changed: heap and
 * transaction go on as they were.
 */
public final class OutOfPersistentMemoryException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /** What was asked for, in bytes. */
  private final long requestedBytes;

  /** What is free, in bytes, in blocks of any size. */
  private final long freeBytes;

  /** The longest free range, in bytes. */
  private final long largestFreeBytes;

  /**
   * Creates an exception.
   *
   * @param heap the heap's name
   * @param requestedBytes what was asked for
   * @param freeBytes what is free, in blocks of any size
   * @param largestFreeBytes the longest free range
   * @param limit why the heap does not grow
   * @param cause what growing failed with, or null
   */
  public OutOfPersistentMemoryException(
      String heap,
      long requestedBytes,
      long freeBytes,
      long largestFreeBytes,
      String limit,
      @Nullable Throwable cause) {
    super(
        "%s: no block of %,d bytes, %,d bytes are free, the largest free run has %,d; %s"
            .formatted(heap, requestedBytes, freeBytes, largestFreeBytes, limit),
        cause);
    this.requestedBytes = requestedBytes;
    this.freeBytes = freeBytes;
    this.largestFreeBytes = largestFreeBytes;
  }

  /**
   * Returns what was asked for.
   *
   * @return in bytes
   */
  public long requestedBytes() {
    return requestedBytes;
  }

  /**
   * Returns what is free, in blocks of any size.
   *
   * @return in bytes
   */
  public long freeBytes() {
    return freeBytes;
  }

  /**
   * Returns the longest free range.
   *
   * @return in bytes
   */
  public long largestFreeBytes() {
    return largestFreeBytes;
  }
}
