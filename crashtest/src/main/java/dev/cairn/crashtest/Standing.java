package dev.cairn.crashtest;

import java.util.List;

/**
 * How far explored code has come: what an image is judged by. Immutable; replaced by another object
 * whenever something begins or is acknowledged.
 */
interface Standing {
  /** Labels of all operations that have returned, in that order. */
  List<Object> acknowledged();

  /** The same number for all standings by which images are judged alike. */
  long key();

  /** The standing of a {@link Workload}, which does the same in each run. */
  record Acknowledged(List<Object> acknowledged) implements Standing {
    @Override
    public long key() {
      return acknowledged.size();
    }
  }
}
