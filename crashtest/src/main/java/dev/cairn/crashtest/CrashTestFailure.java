package dev.cairn.crashtest;

/**
 * An image that the check refused. The message tells at which event the code crashed and where that
 * was, which words the crash took, what had been acknowledged, and how to run just this image
 * again. The cause is what the check threw.
 */
public final class CrashTestFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  /** The message, of which there always is one. */
  private final String report;

  private final transient CrashImage image;
  private final transient Progress progress;

  /** Where the image is found again. */
  private final String replay;

  /** What random images were chosen by. */
  private final long seed;

  CrashTestFailure(
      String message,
      Throwable cause,
      CrashImage image,
      Progress progress,
      String replay,
      long seed) {
    super(message, cause);
    this.report = message;
    this.image = image;
    this.progress = progress;
    this.replay = replay;
    this.seed = seed;
  }

  /** Returns the whole report, in several lines. */
  @Override
  public String getMessage() {
    return report;
  }

  /**
   * Returns the image; {@link SimulatedMedium#of} makes a medium of it.
   *
   * @return the bytes that the check refused
   */
  public CrashImage image() {
    return image;
  }

  /**
   * Returns what had happened before the crash.
   *
   * @return the progress that the check was given
   */
  public Progress progress() {
    return progress;
  }

  /**
   * Returns what {@link CrashExplorer#replay} needs to come to this image at once.
   *
   * @return the path
   */
  public String replay() {
    return replay;
  }

  /**
   * Returns the seed of the exploration that found the image.
   *
   * @return the seed
   */
  public long seed() {
    return seed;
  }
}
