package dev.cairn.crashtest;

import java.util.List;

/**
 * What had happened before a crash.
 *
 * @param acknowledged the labels of all operations that had returned, in that order
 * @param crashes how many crashes led here: 1 if only the workload crashed, 2 if the recovery from
 *     that crashed as well, and so on
 */
public record Progress(List<Object> acknowledged, int crashes) {
  /**
   * Copies the list.
   *
   * @param acknowledged the labels of all operations that had returned
   * @param crashes how many crashes led here
   */
  public Progress {
    acknowledged = List.copyOf(acknowledged);
  }

  /**
   * Returns how many operations had returned.
   *
   * @return the number of labels
   */
  public int count() {
    return acknowledged.size();
  }
}
