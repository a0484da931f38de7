package dev.cairn.collections;

/** What a transaction does, without a result. */
@FunctionalInterface
public interface TransactionBody {
  /**
   * Changes collections of the heap. May throw anything: then all is undone.
   *
   * @throws Exception to undo everything; it becomes the cause of what {@code transact} throws
   */
  void run() throws Exception;
}
