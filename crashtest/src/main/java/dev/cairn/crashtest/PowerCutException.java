package dev.cairn.crashtest;

/**
 * The power of a {@link SimulatedMedium} was cut by its {@link EventHook}. What a crash left can be
 * had from the medium as an image.
 */
public final class PowerCutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception; hooks throw it to cut the power.
   *
   * @param message where the power was cut
   */
  public PowerCutException(String message) {
    super(message);
  }

  PowerCutException(String message, Throwable cause) {
    super(message, cause);
  }
}
