package dev.cairn.examples.crash;

/** What a kill left is not what it must be. */
final class AuditException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AuditException(String message) {
    super(message);
  }
}
