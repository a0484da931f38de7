package dev.cairn.collections;

import org.jspecify.annotations.Nullable;

/**
 * What a transaction does, with a result.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface TransactionFunction<T extends @Nullable Object> {
  /**
   * Changes collections of the heap. May throw anything: then all is undone.
   *
   * @return what {@code transact} is to return
   * @throws Exception to undo everything; it becomes the cause of what {@code transact} throws
   */
  T call() throws Exception;
}
