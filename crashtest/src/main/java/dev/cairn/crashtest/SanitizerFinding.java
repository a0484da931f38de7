package dev.cairn.crashtest;

import java.util.List;

/**
 * Something that a {@link Sanitizer} found wrong, and where in the code.
 *
 * @param kind what is wrong
 * @param offset first byte it is about; 0 for a fence
 * @param length in bytes; 0 for a fence
 * @param place the code that stored, flushed or fenced, innermost frame first; of a store that was
 *     not made durable it is empty if it was made during recovery
 * @param reliedOn for a store that was not made durable: the code that relied on it; else empty
 * @param count how often this was found at this place
 */
public record SanitizerFinding(
    Kind kind,
    long offset,
    long length,
    List<StackTraceElement> place,
    List<StackTraceElement> reliedOn,
    long count) {

  /** What can be wrong. */
  public enum Kind {
    /** A store was relied on, and its line had not been flushed since: a crash can undo it. */
    NEVER_FLUSHED("stored, and not flushed before it was relied on"),
    /** A store was relied on, and flushed, but its thread had not fenced since. */
    NEVER_FENCED("stored and flushed, and not fenced before it was relied on"),
    /** A flush of a line to which nothing was stored since it was durable, or flushed before. */
    CLEAN_FLUSH("flushed, with nothing new to write back"),
    /** A fence of a thread that has flushed nothing since its last one. */
    IDLE_FENCE("a fence with nothing to wait for"),
    /** A store to what is neither snapshotted nor fresh: a crash cannot undo it. */
    UNDECLARED_STORE("stored to, and neither snapshotted nor fresh in a running transaction"),
    /** A store to what another running transaction has snapshotted or declared fresh. */
    FOREIGN_STORE("stored to, and in the hands of another transaction");

    private final String explanation;

    Kind(String explanation) {
      this.explanation = explanation;
    }
  }

  /** Copies the lists. */
  public SanitizerFinding {
    place = List.copyOf(place);
    reliedOn = List.copyOf(reliedOn);
  }

  SanitizerFinding withCount(long newCount) {
    return new SanitizerFinding(kind, offset, length, place, reliedOn, newCount);
  }

  /** Describes the finding in several lines. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind + ": ");
    if (length > 0) {
      text.append("%d bytes at 0x%x ".formatted(length, offset));
    }
    text.append(kind.explanation);
    if (count > 1) {
      text.append(" (%d times)".formatted(count));
    }
    append(text, place);
    if (!reliedOn.isEmpty()) {
      text.append("%n  relied on".formatted());
      append(text, reliedOn);
    }
    return text.toString();
  }

  private static void append(StringBuilder text, List<StackTraceElement> frames) {
    for (StackTraceElement frame : frames) {
      text.append("%n    at %s".formatted(frame));
    }
  }
}
