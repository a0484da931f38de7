package dev.cairn.crashtest;

/** What an {@link Exploration} explores: where it stands, and how an image of it is judged. */
interface Trial {
  /** Returns how far the explored code has come; the same object as long as nothing happened. */
  Standing standing();

  /**
   * Recovers an image and judges it.
   *
   * @param recovered holds the image; lent for this call
   * @param standing where the code stood at the first crash
   * @param crashes how many crashes led to the image
   * @throws Exception if the image is bad; any throwable is a violation
   */
  void check(SimulatedMedium recovered, Standing standing, int crashes) throws Exception;
}
