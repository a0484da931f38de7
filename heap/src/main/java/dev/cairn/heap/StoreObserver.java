package dev.cairn.heap;

/** Sees every store that Cairn makes to a {@link Medium}: how a simulated medium records them. */
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
}
