package dev.cairn.heap;

/** Another process, or this one, has the heap open already. Nothing was changed. */
public final class HeapInUseException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message the thing, the value and the limit
   */
  public HeapInUseException(String message) {
    super(message, null);
  }
}
