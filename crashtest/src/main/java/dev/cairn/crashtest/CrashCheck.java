package dev.cairn.crashtest;

/** Decides whether what a crash left is good. Called once for each different image. */
@FunctionalInterface
public interface CrashCheck {
  /**
   * Recovers from the image, verifies it, and compares it with what had been acknowledged: such
   * operations must all be there; the one that was under way, whole or not at all.
   *
   * <p>Recovery is crashed as well: the events of this medium give images that are checked with the
   * same progress. So everything that this method stores must be part of recovery, unless it first
   * calls {@code recovered.onEvent(EventHook.NONE)}: from there on it may try the heap out at will.
   *
   * <p>Must leave no thread behind that uses the medium, and must depend on nothing but its
   * arguments. May close the medium.
   *
   * @param recovered holds the image; lent for this call, then used for the next image
   * @param progress what had happened before the crash
   * @throws Exception if the image is bad; any throwable is a violation
   */
  void check(SimulatedMedium recovered, Progress progress) throws Exception;
}
