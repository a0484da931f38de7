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
    /**
     * What returned is there, written back line by line with instructions of the CPU; what did not
     * return is there whole or not at all.
     */
    ATOMIC_AND_FLUSHED("atomic, clwb'd"),
    /** The same, written back by the system. */
    ATOMIC_AND_SYNCED("atomic, fsync'd"),
    /** What returned is there; what did not may be there in part. */
    SYNCED("fsync'd, may tear"),
    /** The end of the process loses nothing that returned; the end of the system may. */
    PROCESS_ONLY("not durable, not atomic"),
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

  static Promise flushed() {
    return new Promise(
        Kind.ATOMIC_AND_FLUSHED,
        "atomic, and flushed with clwb + sfence when it returns: on persistent memory it survives a"
            + " power failure, on tmpfs the end of the process");
  }

  static Promise synced(String words) {
    return new Promise(Kind.ATOMIC_AND_SYNCED, "atomic, and fsync'd when it returns: " + words);
  }

  static Promise nothing() {
    return new Promise(Kind.VOLATILE, "nothing survives: the ceiling");
  }

  static Promise torn(String words) {
    return new Promise(Kind.SYNCED, "fsync'd when it returns, nothing atomic: " + words);
  }
}
