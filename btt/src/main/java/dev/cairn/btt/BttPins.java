package dev.cairn.btt;

import java.lang.StackWalker.StackFrame;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The pins of a store that are not yet released, and where each was made. */
final class BttPins {
  private static final int MOST_NAMED = 8;

  private final Set<BttPin> unreleased = ConcurrentHashMap.newKeySet();

  /** Makes a pin of a block that is pinned already. */
  BttPin add(long block, MemorySegment content, Runnable release) {
    BttPin[] itself = new BttPin[1];
    BttPin pin =
        new BttPin(
            block,
            content,
            caller(),
            () -> {
              unreleased.remove(itself[0]);
              release.run();
            });
    itself[0] = pin;
    unreleased.add(pin);
    return pin;
  }

  private static String caller() {
    String store = BttStore.class.getName();
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .dropWhile(frame -> !frame.getClassName().equals(store))
                    .dropWhile(frame -> frame.getClassName().equals(store))
                    .findFirst()
                    .map(StackFrame::toString)
                    .orElse("unknown"));
  }

  int count() {
    return unreleased.size();
  }

  /**
   * Checks that there is none.
   *
   * @throws IllegalStateException if there is; names some
   */
  void checkReleased() {
    if (unreleased.isEmpty()) {
      return;
    }
    String some =
        unreleased.stream()
            .limit(MOST_NAMED)
            .map(BttPin::toString)
            .collect(Collectors.joining("; "));
    throw new IllegalStateException(
        "closed with %d pins unreleased, such as %s".formatted(unreleased.size(), some));
  }
}
