package dev.cairn.crashtest;

/** How a {@link Workload} tells the explorer where it is. May be used by many threads. */
public interface Recorder {
  /**
   * Ends the preparation: from here on, every event of the medium is explored.
   *
   * @throws IllegalStateException if called twice
   */
  void start();

  /**
   * Says that an operation has returned to its caller, who may now rely on it.
   *
   * @param label what the check will find in {@link Progress#acknowledged}; immutable, and with a
   *     telling {@code toString} for reports
   */
  void acknowledge(Object label);
}
