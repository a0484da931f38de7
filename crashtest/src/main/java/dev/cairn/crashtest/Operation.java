package dev.cairn.crashtest;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step of a {@link CrashScenario}: something that is done to its subject, and that a caller may
 * rely on once it has returned.
 *
 * <p>It runs on the persistent subject and on the model, several times, and does the same to both:
 * it depends on nothing but its argument.
 *
 * @param <S> what it works on
 */
@FunctionalInterface
public interface Operation<S> {
  /**
   * Does it.
   *
   * @param subject the persistent subject, or the model
   * @return what the caller learns; compared with what the model returns
   * @throws Exception if the model throws one of the same class; without a {@linkplain
   *     CrashScenario#withState state}, or with an {@code Error} such as a failed assertion, the
   *     exploration fails
   */
  @Nullable Object on(S subject) throws Exception;

  /**
   * Does something that returns nothing.
   *
   * @param <S> what it works on
   */
  @FunctionalInterface
  interface Action<S> {
    /**
     * Does it.
     *
     * @param subject the persistent subject, or the model
     * @throws Exception if the model throws one of the same class
     */
    void on(S subject) throws Exception;
  }

  /**
   * Gives a name to an operation that returns something.
   *
   * @param <S> what it works on
   * @param name for reports
   * @param operation does it
   * @return the named operation
   */
  static <S> Operation<S> call(String name, Operation<S> operation) {
    return new NamedOperation<>(name, operation);
  }

  /**
   * Gives a name to an operation that returns nothing.
   *
   * @param <S> what it works on
   * @param name for reports
   * @param action does it
   * @return the named operation
   */
  static <S> Operation<S> run(String name, Action<S> action) {
    Objects.requireNonNull(action);
    return new NamedOperation<>(
        name,
        subject -> {
          action.on(subject);
          return null;
        });
  }
}
