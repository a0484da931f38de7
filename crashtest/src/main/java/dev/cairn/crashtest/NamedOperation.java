package dev.cairn.crashtest;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An operation that reports can name. */
record NamedOperation<S>(String name, Operation<S> operation) implements Operation<S> {
  NamedOperation {
    Objects.requireNonNull(name);
    Objects.requireNonNull(operation);
  }

  static <S> NamedOperation<S> of(Operation<S> operation, String otherwise) {
    return operation instanceof NamedOperation<S> named
        ? named
        : new NamedOperation<>(otherwise, operation);
  }

  @Override
  public @Nullable Object on(S subject) throws Exception {
    return operation.on(subject);
  }

  @Override
  public String toString() {
    return name;
  }
}
