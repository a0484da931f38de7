package dev.cairn.crashtest;

import java.lang.StackWalker.StackFrame;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the code under test was when something was done to a medium. */
final class CodePlace {
  private static final int FRAMES_WALKED = 24;

  /** Of stores, of which there are many: half are machinery, and a few say enough. */
  private static final int FRAMES_OF_STORE = 12;

  private static final int FRAMES_KEPT = 16;
  private static final int FRAMES_IN_TEXT = 3;

  /** Classes whose frames say nothing about the code under test. */
  private static final Set<String> MACHINERY =
      Set.of(
          CodePlace.class.getName(),
          SimulatedMedium.class.getName(),
          MediumSanitizer.class.getName(),
          Turns.class.getName(),
          Exploration.class.getName(),
          ImageSpace.class.getName(),
          Violation.class.getName(),
          DeltaDebugging.class.getName(),
          WorkloadExploration.class.getName(),
          ScenarioRun.class.getName(),
          Outcome.class.getName(),
          NamedOperation.class.getName(),
          Operation.class.getName(),
          "dev.cairn.heap.spi.MediumAccessor");

  private static final StackWalker WALKER = StackWalker.getInstance(Set.of(), FRAMES_OF_STORE);

  /** Innermost first; made anew at each call. */
  private final Supplier<Stream<StackTraceElement>> stack;

  private CodePlace(Supplier<Stream<StackTraceElement>> stack) {
    this.stack = stack;
  }

  /** Notes where the calling thread stores. Takes microseconds; names are looked up when asked. */
  static CodePlace ofStore() {
    return here(FRAMES_OF_STORE);
  }

  /** Notes where the calling thread is. */
  static CodePlace here() {
    return here(FRAMES_WALKED);
  }

  private static CodePlace here(int walked) {
    List<StackFrame> frames = WALKER.walk(all -> all.limit(walked).toList());
    return new CodePlace(() -> frames.stream().map(StackFrame::toStackTraceElement));
  }

  /** Returns the place that another thread is at. */
  static CodePlace of(StackTraceElement[] stack) {
    return new CodePlace(() -> Arrays.stream(stack));
  }

  /** Returns the frames of the code under test, innermost first. */
  List<StackTraceElement> frames() {
    return stack
        .get()
        .dropWhile(frame -> isMachinery(frame) || isJdk(frame))
        .takeWhile(frame -> !isMachinery(frame) && !isTestRunner(frame))
        .limit(FRAMES_KEPT)
        .toList();
  }

  boolean isKnown() {
    return !frames().isEmpty();
  }

  @Override
  public String toString() {
    return frames().stream()
        .limit(FRAMES_IN_TEXT)
        .map(CodePlace::format)
        .collect(Collectors.joining(", in "));
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

  private static boolean isMachinery(StackTraceElement frame) {
    String name = frame.getClassName();
    int inner = name.indexOf('$');
    return MACHINERY.contains(inner < 0 ? name : name.substring(0, inner));
  }

  private static boolean isJdk(StackTraceElement frame) {
    return frame.getClassName().startsWith("java.") || frame.getClassName().startsWith("jdk.");
  }

  private static boolean isTestRunner(StackTraceElement frame) {
    return frame.getClassName().startsWith("org.junit.")
        || frame.getClassName().startsWith("java.lang.reflect.");
  }
}
