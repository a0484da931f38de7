package dev.cairn.crashtest;

import java.lang.StackWalker.StackFrame;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Where explored code was: its innermost frames, but for those that only pass stores on. */
final class StorePlace {
  private static final int FRAMES = 3;
  private static final Set<String> PASSING_ON =
      Set.of(
          SimulatedMedium.class.getName(),
          StorePlace.class.getName(),
          Turns.class.getName(),
          Turns.Worker.class.getName(),
          "dev.cairn.heap.spi.MediumAccessor");
  private static final Set<String> CALLERS =
      Set.of(
          Operation.class.getName(),
          NamedOperation.class.getName(),
          Outcome.class.getName(),
          ScenarioRun.class.getName(),
          WorkloadExploration.class.getName());
  private static final StackWalker WALKER = StackWalker.getInstance();

  private final List<StackTraceElement> frames;

  private StorePlace(List<StackTraceElement> frames) {
    this.frames = frames;
  }

  /** Returns the place that the calling thread stores from. */
  static StorePlace here() {
    return new StorePlace(
        WALKER.walk(
            all ->
                all.dropWhile(frame -> PASSING_ON.contains(frame.getClassName()))
                    .takeWhile(frame -> !CALLERS.contains(frame.getClassName()))
                    .limit(FRAMES)
                    .map(StackFrame::toStackTraceElement)
                    .toList()));
  }

  /** Returns the place that another thread is at. */
  static StorePlace of(StackTraceElement[] stack) {
    return new StorePlace(
        Arrays.stream(stack)
            .dropWhile(frame -> isJdk(frame) || PASSING_ON.contains(frame.getClassName()))
            .takeWhile(frame -> !CALLERS.contains(frame.getClassName()))
            .limit(FRAMES)
            .toList());
  }

  private static boolean isJdk(StackTraceElement frame) {
    return frame.getClassName().startsWith("java.") || frame.getClassName().startsWith("jdk.");
  }

  boolean isKnown() {
    return !frames.isEmpty();
  }

  @Override
  public String toString() {
    return frames.stream().map(StorePlace::format).collect(Collectors.joining(", in "));
  }

  private static String format(StackTraceElement frame) {
    String name = frame.getClassName();
    return "%s.%s(%s:%d)"
        .formatted(
            name.substring(name.lastIndexOf('.') + 1),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }
}
