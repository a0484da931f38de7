package dev.cairn.btt;

import dev.cairn.heap.PersistentMemoryException;
import java.util.UUID;

/**
 * There is a table, but of another parent than the one it was looked for in: copied from elsewhere,
 * or what is left of an earlier use. Nothing was changed.
 */
public final class BttParentMismatchException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param offset of the info block, in bytes
   * @param expected the parent
   * @param actual what the info block says
   */
  public BttParentMismatchException(long offset, UUID expected, UUID actual) {
    super(
        "BTT info block at offset 0x%x: parent %s, expected %s".formatted(offset, actual, expected),
        null);
  }
}
