package dev.cairn.examples.index;

import java.util.Arrays;

/** What an {@link IndexWorker} says on its standard output, one message a line. */
sealed interface WorkerMessage {

  /**
   * The index is open and verified.
   *
   * @param files that it contains
   * @param undone how many additions had been cut short, and were undone
   * @param loadNanos to load the classes, with an index of no importance
   * @param openNanos to open this one
   * @param verifyNanos to check all of it
   */
  record Opened(long files, long undone, long loadNanos, long openNanos, long verifyNanos)
      implements WorkerMessage {}

  /** A file's words are about to be added. */
  record Adding() implements WorkerMessage {}

  /**
   * They are durable.
   *
   * @param files that the index contains now
   * @param updates made by this worker
   * @param storeNanos that this worker spent in {@link Index#add}
   * @param workNanos since this worker began with its first file
   */
  record Added(long files, long updates, long storeNanos, long workNanos)
      implements WorkerMessage {}

  /** No file is missing. */
  record Finished() implements WorkerMessage {}

  /** Returns the message as {@link #parse} reads it. */
  default String line() {
    return switch (this) {
      case Opened m ->
          "opened %d %d %d %d %d"
              .formatted(m.files, m.undone, m.loadNanos, m.openNanos, m.verifyNanos);
      case Adding() -> "adding";
      case Added m -> "added %d %d %d %d".formatted(m.files, m.updates, m.storeNanos, m.workNanos);
      case Finished() -> "finished";
    };
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if no worker wrote it
   */
  static WorkerMessage parse(String line) {
    String[] parts = line.split(" ");
    long[] n = Arrays.stream(parts).skip(1).mapToLong(Long::parseLong).toArray();
    return switch (parts[0] + n.length) {
      case "opened5" -> new Opened(n[0], n[1], n[2], n[3], n[4]);
      case "adding0" -> new Adding();
      case "added4" -> new Added(n[0], n[1], n[2], n[3]);
      case "finished0" -> new Finished();
      default -> throw new IllegalArgumentException("not a message of a worker: " + line);
    };
  }
}
