package dev.cairn.heap;

/**
 * Sees every store that Cairn makes to a {@link Medium}: how a simulated medium records them, and
 * how it decides which of several threads goes on.
 */
@FunctionalInterface
public interface StoreObserver {

  /**
   * Called on the storing thread, right after the bytes of {@code [offset, offset + length)} were
   * written.
   *
   * @param offset first byte, in bytes from the start of the heap
   * @param length in bytes, at least 1
   */
  void stored(long offset, long length);

  /**
   * Called on the storing thread, just before the bytes of {@code [offset, offset + length)} are
   * written. May take its time; holds no lock that another thread needs. By default, does nothing.
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
}
