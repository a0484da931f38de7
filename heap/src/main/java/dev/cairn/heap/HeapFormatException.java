package dev.cairn.heap;

/** The file is not a heap, or a heap of a format this version cannot read. Nothing was changed. */
public final class HeapFormatException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message the thing, the value and the limit
   */
  public HeapFormatException(String message) {
    super(message, null);
  }
}
