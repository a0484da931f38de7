package dev.cairn.examples.crash;

import java.util.List;

/** What a worker was doing when it was killed. */
enum Phase {
  WORKING("at work"),
  OPENING("opening"),
  CREATING("creating"),
  STARTING("starting");

  final String words;

  Phase(String words) {
    this.words = words;
  }

  /**
   * Tells the phase from what the worker had said.
   *
   * @param isNew whether no worker has come to work on this heap before
   */
  static Phase of(List<String> lines, boolean isNew) {
    if (lines.contains(CrashWorker.WORKING)) {
      return WORKING;
    }
    if (!lines.contains(CrashWorker.OPENING)) {
      return STARTING;
    }
    return isNew ? CREATING : OPENING;
  }
}
