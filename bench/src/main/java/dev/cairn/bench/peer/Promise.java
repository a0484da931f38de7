package dev.cairn.bench.peer;

/**
 * What is left of a put that returned, after a crash.
 *
 * @param kind how strong it is
 * @param words for people
 */
public record Promise(Kind kind, String words) {
  /** How strong a promise is. Only like can be compared with like. */
  public enum Kind {
    /** What returned is there; what did not is there whole or not at all. */
    ATOMIC_AND_DURABLE("atomic, durable"),
    /** What returned is there; what did not may be there in part. */
    DURABLE("durable, may tear"),
    /** The end of the process loses nothing that returned; the end of the system may. */
    PROCESS_ONLY("not durable"),
    /** Nothing is there. */
    VOLATILE("volatile");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** Returns a few words. */
    public String title() {
      return title;
    }
  }

  static Promise synced(String words) {
    return new Promise(Kind.ATOMIC_AND_DURABLE, "fsync'd and atomic: " + words);
  }

  static Promise torn(String words) {
    return new Promise(Kind.DURABLE, "fsync'd, nothing atomic: " + words);
  }
}
