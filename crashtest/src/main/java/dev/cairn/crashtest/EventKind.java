package dev.cairn.crashtest;

/** A moment at which a medium could crash. */
public enum EventKind {
  /** Before lines are noted for write-back. */
  FLUSH,
  /** Before the calling thread's flushes become durable. */
  FENCE,
  /** Before the medium becomes larger. */
  GROW,
  /** After a store; under {@link CrashModel#EADR} only. */
  STORE,
  /** After the last step of what is explored. */
  END
}
