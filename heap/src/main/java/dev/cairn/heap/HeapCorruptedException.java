package dev.cairn.heap;

/**
 * Bytes read from the medium break a checksum or an invariant. The heap was damaged from outside,
 * or by a bug; nothing was changed by noticing it.
 */
public final class HeapCorruptedException extends PersistentMemoryException {
  private static final long serialVersionUID = 1L;

  /** The damaged structure, such as {@code "chunk header"}. */
  private final String structure;

  /** Where it lies, in bytes from the start of the heap. */
  private final long offset;

  /** What should be there. */
  private final String expected;

  /** What is there. */
  private final String actual;

  /**
   * Creates an exception.
   *
   * @param structure the damaged structure, such as {@code "chunk header"}
   * @param offset where it lies, in bytes from the start of the heap
   * @param expected what should be there
   * @param actual what is there
   */
  public HeapCorruptedException(String structure, long offset, String expected, String actual) {
    super(
        "%s at offset 0x%x: %s, expected %s".formatted(structure, offset, actual, expected), null);
    this.structure = structure;
    this.offset = offset;
    this.expected = expected;
    this.actual = actual;
  }

  /**
   * Names the damaged structure.
   *
   * @return such as {@code "chunk header"}
   */
  public String structure() {
    return structure;
  }

  /**
   * Returns where the damage was noticed.
   *
   * @return in bytes from the start of the heap
   */
  public long offset() {
    return offset;
  }

  /**
   * Says what should be there.
   *
   * @return in words
   */
  public String expected() {
    return expected;
  }

  /**
   * Says what is there.
   *
   * @return in words or numbers
   */
  public String actual() {
    return actual;
  }
}
