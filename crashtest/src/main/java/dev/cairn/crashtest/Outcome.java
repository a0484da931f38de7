package dev.cairn.crashtest;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an operation returned or threw. Equal if the values are, or the classes of exceptions. */
final class Outcome {
  private final @Nullable Object value;
  private final @Nullable Throwable thrown;

  private Outcome(@Nullable Object value, @Nullable Throwable thrown) {
    this.value = value;
    this.thrown = thrown;
  }

  /** Runs an operation to its end. */
  static <S> Outcome of(Operation<S> operation, S subject) {
    try {
      return new Outcome(operation.on(subject), null);
    } catch (Exploration.AbandonedException e) {
      throw e;
    } catch (Throwable e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt(); // Whoever waits next shall not hang, either.
      }
      return new Outcome(null, e);
    }
  }

  @Nullable Throwable thrown() {
    return thrown;
  }

  /** Says whether it threw what no operation may, whatever the model does. */
  boolean isFault() {
    return thrown instanceof Error || thrown instanceof InterruptedException;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Outcome that
        && Objects.equals(value, that.value)
        && (thrown == null
            ? that.thrown == null
            : that.thrown != null && thrown.getClass() == that.thrown.getClass());
  }

  @Override
  public int hashCode() {
    return thrown == null ? Objects.hashCode(value) : thrown.getClass().getName().hashCode();
  }

  @Override
  public String toString() {
    return thrown == null ? "returned " + value : "threw " + thrown;
  }
}
