package dev.cairn.crashtest;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where in the code something was done to a medium. */
final class CodePlace {
  private static final int FRAMES_WALKED = 24;

  /** Of stores, of which there are many: half are machinery, and a few say enough. */
  private static final int FRAMES_OF_STORE = 12;

  private static final int FRAMES_SHOWN = 12;

  /** Classes whose frames say nothing about the code under test. */
  private static final Set<String> MACHINERY =
      Set.of(
          CodePlace.class.getName(),
          SimulatedMedium.class.getName(),
          MediumSanitizer.class.getName(),
          Exploration.class.getName(),
          "dev.cairn.heap.spi.MediumAccessor");

  private static final StackWalker WALKER = StackWalker.getInstance(Set.of(), FRAMES_OF_STORE);

  private final List<StackFrame> frames;

  private CodePlace(List<StackFrame> frames) {
    this.frames = frames;
  }

  /** Notes where the calling thread is. */
  static CodePlace here() {
    return new CodePlace(WALKER.walk(frames -> frames.limit(FRAMES_WALKED).toList()));
  }

  /** Notes where the calling thread stores. Takes microseconds; names are looked up when asked. */
  static CodePlace ofStore() {
    return new CodePlace(WALKER.walk(frames -> frames.limit(FRAMES_OF_STORE).toList()));
  }

  /** Returns the frames of the code under test, innermost first. */
  List<StackTraceElement> frames() {
    Stream<StackFrame> inner = frames.stream().dropWhile(CodePlace::isMachinery);
    return inner
        .takeWhile(frame -> !isMachinery(frame) && !isTestRunner(frame))
        .limit(FRAMES_SHOWN)
        .map(StackFrame::toStackTraceElement)
        .toList();
  }

  private static boolean isMachinery(StackFrame frame) {
    String name = frame.getClassName();
    int inner = name.indexOf('$');
    return MACHINERY.contains(inner < 0 ? name : name.substring(0, inner));
  }

  private static boolean isTestRunner(StackFrame frame) {
    String name = frame.getClassName();
    return name.startsWith("org.junit.") || name.startsWith("java.lang.reflect.");
  }
}
