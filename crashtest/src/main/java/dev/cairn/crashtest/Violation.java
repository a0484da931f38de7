package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An image that the check refused, and the crashes that led to it. */
final class Violation {
  private static final int WORDS_SHOWN = 40;
  private static final int LABELS_SHOWN = 10;

  private final Throwable cause;
  private final Standing standing;
  private final int crashCount;

  /** The first crash first. */
  private final List<Crash> crashes = new ArrayList<>();

  /** Everything that was stored before the first crash; what names of words are taken from. */
  private @Nullable CrashImage newest;

  /**
   * One crash.
   *
   * @param thread on which it happened
   * @param places where lost words were stored, as far as that was recorded
   */
  private record Crash(
      EventKind kind,
      ReplayPath.Step step,
      CrashImage image,
      List<StackTraceElement> stack,
      String thread,
      Map<Long, CodePlace> places) {}

  Violation(Throwable cause, Standing standing, int crashCount) {
    this.cause = cause;
    this.standing = standing;
    this.crashCount = crashCount;
  }

  /** Adds the crash that led to those added before. Called at the event where it happened. */
  void addOuter(
      EventKind kind, long index, int[] versions, CrashImage image, SimulatedMedium medium) {
    List<StackTraceElement> stack =
        kind == EventKind.END
            ? List.of()
            : CodePlace.of(Thread.currentThread().getStackTrace()).frames();
    Map<Long, CodePlace> places = new HashMap<>();
    for (LostWord lost : image.lost()) {
      CodePlace place = medium.place(WordTable.word(lost.offset()));
      if (place != null) {
        places.put(lost.offset(), place);
      }
    }
    ReplayPath.Step step = new ReplayPath.Step(index, versions);
    String thread = Thread.currentThread().getName();
    crashes.addFirst(new Crash(kind, step, image, stack, thread, places));
    newest = medium.newestImage();
  }

  Throwable cause() {
    return cause;
  }

  Standing standing() {
    return standing;
  }

  /** Returns everything that was stored before the first crash. */
  @Nullable CrashImage newest() {
    return newest;
  }

  List<ReplayPath.Step> steps() {
    return crashes.stream().map(Crash::step).toList();
  }

  CrashTestFailure failure(Story story, ReplayPath replay, long seed, WordNames names) {
    StringBuilder message = new StringBuilder("the check refused what a crash left: ");
    message.append(cause);
    story.begin(message);
    for (int i = 0; i < crashes.size(); i++) {
      describe(message, i, crashes.get(i), names, story);
    }
    story.end(message);
    message.append(
        "%n  replay \"%s\" (seed %d, model %s)%n".formatted(replay, seed, replay.model()));
    return new CrashTestFailure(
        message.toString(),
        cause,
        crashes.getLast().image(),
        new Progress(standing.acknowledged(), crashCount),
        replay.toString(),
        seed);
  }

  /** What a report says of the code that was run. */
  interface Story {
    /** Says what was run, before the crashes are told. */
    void begin(StringBuilder message);

    /** Names who crashed first. */
    String crashed(String thread);

    /** Says what else there is to say, after the crashes were told. */
    void end(StringBuilder message);
  }

  /** The story of a workload, which is known by what it acknowledged. */
  static Story ofWorkload(Violation violation) {
    return new Story() {
      @Override
      public void begin(StringBuilder message) {}

      @Override
      public String crashed(String thread) {
        return "the workload crashed";
      }

      @Override
      public void end(StringBuilder message) {
        describe(message, violation.standing.acknowledged());
      }
    };
  }

  private static void describe(
      StringBuilder message, int depth, Crash crash, WordNames names, Story story) {
    message.append(
        "%n  %s at event %d, %s"
            .formatted(
                depth == 0 ? story.crashed(crash.thread) : "its recovery crashed",
                crash.step.event,
                crash.kind));
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
      CodePlace place = crash.places.get(word.offset());
      if (place != null) {
        message.append("%n        stored at %s".formatted(place));
      }
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
