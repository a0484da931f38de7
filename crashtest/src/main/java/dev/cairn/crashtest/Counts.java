package dev.cairn.crashtest;

/**
 * What a medium was asked to do so far. Subtract two to learn what an operation costs.
 *
 * @param stores stores, each as large as the code made it
 * @param flushes calls of flush with a length above 0
 * @param flushedLines 64-byte lines in those flushes
 * @param fences calls of fence
 * @param idleLines flushed lines that had nothing to write back: nothing was stored to them since
 *     they were durable, or since the same thread flushed them
 * @param idleFences fences of threads that had flushed nothing but idle lines since their last one
 */
public record Counts(
    long stores, long flushes, long flushedLines, long fences, long idleLines, long idleFences) {

  /**
   * Returns what happened between two moments.
   *
   * @param earlier the counts at the earlier moment
   * @return the differences
   */
  public Counts minus(Counts earlier) {
    return new Counts(
        stores - earlier.stores,
        flushes - earlier.flushes,
        flushedLines - earlier.flushedLines,
        fences - earlier.fences,
        idleLines - earlier.idleLines,
        idleFences - earlier.idleFences);
  }
}
