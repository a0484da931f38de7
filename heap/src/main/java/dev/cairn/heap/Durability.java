package dev.cairn.heap;

/**
 * What acknowledged operations survive, and why.
 *
 * @param survives the worst event after which every acknowledged operation is still there
 * @param reason one sentence for people: the medium, and what its flush and fence do
 */
public record Durability(Level survives, String reason) {

  /** The worst event that acknowledged operations survive, from weakest to strongest. */
  public enum Level {
    /** Nothing is left when the process ends: memory of the process itself, for tests. */
    NOTHING,
    /** The process may die at any moment. A crash of the operating system may lose everything. */
    PROCESS_CRASH,
    /**
     * The operating system may crash at any moment. Whether a power failure loses anything depends
     * on the drive's own cache.
     */
    OS_CRASH,
    /** The power may fail at any moment. */
    POWER_FAIL
  }

  @Override
  public String toString() {
    return "survives " + survives + ": " + reason;
  }
}
