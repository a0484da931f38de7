package dev.cairn.examples.crash;

/** What a {@link CrashWorker} can be told to do wrong, to see that it is found. */
enum Mistake {
  NONE,
  /** Writes a step into the journal before it is taken. */
  EARLY_ACKNOWLEDGEMENT,
  /** Does what belongs together without a transaction. */
  NO_TRANSACTIONS
}
