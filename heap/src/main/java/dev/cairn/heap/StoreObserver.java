package dev.cairn.heap;

/**
 * Sees every store that Cairn makes to a {@link Medium}, and what makes the store safe: how a
 * simulated medium records stores and checks them, and decides which of several threads goes on.
 *
 * <p>All methods are called on the thread that does what they tell of. The announcements do nothing
 * unless an observer wants to know; where a medium has no observer, nobody makes them.
 */
@FunctionalInterface
public interface StoreObserver {

  /**
   * Called right after the bytes of {@code [offset, offset + length)} were written by who may only
   * write what its transaction has {@linkplain #snapshotted snapshotted} or declared {@linkplain
   * #fresh fresh}.
   *
   * @param offset first byte, in bytes from the start of the heap
   * @param length in bytes, at least 1
   */
  void stored(long offset, long length);

  /**
   * Called on the storing thread, just before the bytes of {@code [offset, offset + length)} are
   * written. May take its time; but the thread may hold locks and monitors that others wait for. By
   * default, does nothing.
   *
   * @param offset first byte, in bytes from the start of the heap
   * @param length in bytes, at least 1
   */
  default void storing(long offset, long length) {}

  /**
   * Called by a thread that cannot go on before another one has done something, outside of any
   * monitor, each time before it looks again. By default, says that the thread shall wait itself.
   *
   * @return whether other threads have had the time to go on: then there is no need to sleep
   */
  default boolean waiting() {
    return false;
  }

  /**
   * Called in place of {@link #stored} for a step of a protocol that has its own reason why a crash
   * is harmless: log records, allocation bits, superblocks.
   *
   * @param offset first byte, in bytes from the start of the heap
   * @param length in bytes, at least 1
   */
  default void storedByProtocol(long offset, long length) {
    stored(offset, length);
  }

  /**
   * Says that the old content of a range is durable in the log of this thread's transaction, which
   * may overwrite it until it ends.
   *
   * @param offset first byte
   * @param length in bytes, at least 1
   */
  default void snapshotted(long offset, long length) {}

  /**
   * Says that what this thread's transaction is about to store to a range is durable in a record,
   * which stands until the range itself is durable. So the transaction may store it, and may end
   * before it is durable.
   *
   * @param offset first byte
   * @param length in bytes, at least 1
   */
  default void published(long offset, long length) {}

  /**
   * Says that nothing durable leads to a range, so that this thread's transaction may write it
   * until it ends. The range must be durable when the transaction commits.
   *
   * @param offset first byte
   * @param length in bytes, at least 1
   */
  default void fresh(long offset, long length) {}

  /**
   * Says that this thread's transaction gives a fresh range up: what it stored there means nothing,
   * and it stores nothing there any more.
   *
   * @param offset first byte of a range that was declared fresh; any other is ignored
   */
  default void released(long offset) {}

  /**
   * Says that what was stored to a range so far, by any thread, means nothing: nobody will rely on
   * it.
   *
   * @param offset first byte
   * @param length in bytes
   */
  default void discarded(long offset, long length) {}

  /**
   * Says that this thread's transaction has ended: it may not store to what it had snapshotted or
   * declared fresh any more.
   *
   * @param committed whether the caller relies on what was stored; if not, what is fresh means
   *     nothing
   */
  default void transactionEnded(boolean committed) {}
}
