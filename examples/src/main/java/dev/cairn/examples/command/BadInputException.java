package dev.cairn.examples.command;

/** The user asked for something that cannot be done; the message says what to change. */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what to change. */
  public BadInputException(String message) {
    super(message);
  }
}
