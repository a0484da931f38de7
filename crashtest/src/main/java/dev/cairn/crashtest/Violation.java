package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An image that the check refused, and the crashes that led to it. */
final class Violation {
  private static final int FRAMES_SHOWN = 16;
  private static final int WORDS_SHOWN = 40;
  private static final int LABELS_SHOWN = 10;

  /** Classes whose frames say nothing about the explored code. */
  private static final Set<String> MACHINERY =
      Set.of(
          Exploration.class.getName(),
          ImageSpace.class.getName(),
          MediumSanitizer.class.getName(),
          SimulatedMedium.class.getName());

  private final Throwable cause;
  private final Progress progress;

  /** The first crash first. */
  private final List<Crash> crashes = new ArrayList<>();

  private record Crash(
      EventKind kind, ReplayPath.Step step, CrashImage image, List<StackTraceElement> stack) {}

  Violation(Throwable cause, Progress progress) {
    this.cause = cause;
    this.progress = progress;
  }

  /** Adds the crash that led to those added before. Called at the event where it happened. */
  void addOuter(EventKind kind, long index, int[] versions, CrashImage image) {
    List<StackTraceElement> stack = kind == EventKind.END ? List.of() : codeAtEvent();
    crashes.addFirst(new Crash(kind, new ReplayPath.Step(index, versions), image, stack));
  }

  /** Returns the frames between the innermost event and whoever explores it. */
  private static List<StackTraceElement> codeAtEvent() {
    List<StackTraceElement> frames = List.of(Thread.currentThread().getStackTrace());
    int from = 0;
    while (from < frames.size() && !isMachinery(frames.get(from))) {
      from++;
    }
    while (from < frames.size() && isMachinery(frames.get(from))) {
      from++;
    }
    int to = from;
    while (to < frames.size() && to < from + FRAMES_SHOWN && !isMachinery(frames.get(to))) {
      to++;
    }
    return frames.subList(from, to);
  }

  private static boolean isMachinery(StackTraceElement frame) {
    String name = frame.getClassName();
    int inner = name.indexOf('$');
    return MACHINERY.contains(inner < 0 ? name : name.substring(0, inner));
  }

  CrashTestFailure failure(CrashModel model, long seed, WordNames names) {
    List<ReplayPath.Step> steps = crashes.stream().map(Crash::step).toList();
    String replay = new ReplayPath(model, steps).toString();
    StringBuilder message = new StringBuilder("the check refused what a crash left: ");
    message.append(cause);
    for (int i = 0; i < crashes.size(); i++) {
      describe(message, i, crashes.get(i), names);
    }
    describe(message, progress.acknowledged());
    message.append("%n  replay \"%s\" (seed %d, model %s)%n".formatted(replay, seed, model));
    return new CrashTestFailure(
        message.toString(), cause, crashes.getLast().image(), progress, replay, seed);
  }

  private static void describe(StringBuilder message, int depth, Crash crash, WordNames names) {
    message.append(
        "%n  %s crashed at event %d, %s"
            .formatted(depth == 0 ? "the workload" : "its recovery", crash.step.event, crash.kind));
    for (StackTraceElement frame : crash.stack) {
      message.append("%n      at %s".formatted(frame));
    }
    List<LostWord> lost = crash.image.lost();
    message.append(
        "%n    lost %d of %d words that were not durable"
            .formatted(lost.size(), crash.image.changedWords()));
    for (LostWord word : lost.subList(0, Math.min(lost.size(), WORDS_SHOWN))) {
      String name = names.name(word.offset());
      message.append("%n      %s%s".formatted(word, name.isEmpty() ? "" : " (" + name + ")"));
    }
    if (lost.size() > WORDS_SHOWN) {
      message.append("%n      and %d more".formatted(lost.size() - WORDS_SHOWN));
    }
  }

  private static void describe(StringBuilder message, List<Object> acknowledged) {
    int from = Math.max(0, acknowledged.size() - LABELS_SHOWN);
    message.append("%n  acknowledged: %d".formatted(acknowledged.size()));
    if (!acknowledged.isEmpty()) {
      message.append(
          ", %s%s"
              .formatted(
                  from == 0 ? "" : "the last of them ",
                  acknowledged.subList(from, acknowledged.size())));
    }
  }
}
