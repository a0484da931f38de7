package dev.cairn.crashtest;

/** Sees the events of a {@link SimulatedMedium} before they take effect, and may cut the power. */
@FunctionalInterface
public interface EventHook {
  /** Does nothing. */
  EventHook NONE = (kind, index) -> {};

  /**
   * Called on the thread that flushes, fences, grows or stores, just before that takes effect. All
   * other threads that touch the medium wait meanwhile.
   *
   * <p>Throwing cuts the power at this point: the exception reaches the code under test, the medium
   * records nothing from here on, and every later flush, fence and grow throws {@link
   * PowerCutException}, so that code which cleans up after an exception cannot change what the
   * crash left.
   *
   * @param kind what is about to happen
   * @param index how many events came before, since the hook was set
   */
  void before(EventKind kind, long index);
}
