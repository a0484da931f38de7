package dev.cairn.examples.index;

/** The user asked for something that cannot be done; the message says what to change. */
final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadInputException(String message) {
    super(message);
  }
}
