package dev.cairn.bench.run;

import dev.cairn.bench.peer.Peer;

/**
 * What a worker shall do.
 *
 * @param task what
 * @param peer whose store
 * @param workload the name of what is stored
 * @param directory where, on the place that is measured; exists
 * @param effort how much
 * @param filled how many entries are in the store already
 */
public record Order(
    Task task, Peer peer, String workload, String directory, Effort effort, long filled) {
  /** What a worker can do. */
  public enum Task {
    /** Fills a store and measures all operations. */
    MEASURE,
    /** Fills a store, and then replaces values until it is killed. */
    WRITE_UNTIL_KILLED,
    /** Opens a store that another process left, and reads a value. */
    REOPEN,
    /** Counts fences and flushed lines of Cairn. */
    COUNT_FENCES,
    /** Measures what keys, values and loops cost without any store. */
    MEASURE_DRIVER
  }
}
