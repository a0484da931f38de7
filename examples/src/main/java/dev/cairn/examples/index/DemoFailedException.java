package dev.cairn.examples.index;

/** The heap, or a process that used it, did not do what it must. */
final class DemoFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoFailedException(String message) {
    super(message);
  }
}
