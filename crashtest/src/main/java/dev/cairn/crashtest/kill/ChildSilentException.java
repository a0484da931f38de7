package dev.cairn.crashtest.kill;

import java.io.Serial;

/** A {@link ChildJvm} said nothing for longer than its parent would wait. */
public final class ChildSilentException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  ChildSilentException(String message) {
    super(message);
  }
}
