package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The way to one image: at which event the workload crashed and which version each cell kept; then
 * the same for the recovery from that crash, and so on.
 *
 * <p>As a string: {@code words@17:0*5.1.2/3:1*2} is, under the model WORDS, event 17 with five
 * cells durable, one at version 1, one at version 2; then event 3 of the recovery with two cells at
 * version 1.
 */
final class ReplayPath {
  private final CrashModel model;
  private final List<Step> steps;

  ReplayPath(CrashModel model, List<Step> steps) {
    this.model = model;
    this.steps = List.copyOf(steps);
  }

  /** One crash. */
  static final class Step {
    final long event;
    final int[] versions;

    Step(long event, int[] versions) {
      this.event = event;
      this.versions = versions.clone();
    }
  }

  static ReplayPath parse(String text) {
    try {
      int at = text.indexOf('@');
      CrashModel model = CrashModel.valueOf(text.substring(0, at).toUpperCase(Locale.ROOT));
      List<Step> steps = new ArrayList<>();
      for (String step : text.substring(at + 1).split("/", -1)) {
        int colon = step.indexOf(':');
        long event = Long.parseLong(step.substring(0, colon));
        steps.add(new Step(event, parseVersions(step.substring(colon + 1))));
      }
      return new ReplayPath(model, steps);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a replay string: " + text, e);
    }
  }

  private static int[] parseVersions(String text) {
    List<Integer> versions = new ArrayList<>();
    for (String run : text.isEmpty() ? new String[0] : text.split("\\.", -1)) {
      int star = run.indexOf('*');
      int version = Integer.parseUnsignedInt(star < 0 ? run : run.substring(0, star));
      int length = star < 0 ? 1 : Integer.parseUnsignedInt(run.substring(star + 1));
      for (int i = 0; i < length; i++) {
        versions.add(version);
      }
    }
    return versions.stream().mapToInt(Integer::intValue).toArray();
  }

  CrashModel model() {
    return model;
  }

  List<Step> steps() {
    return steps;
  }

  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (Step step : steps) {
      parts.add(step.event + ":" + format(step.versions));
    }
    return model.name().toLowerCase(Locale.ROOT) + "@" + String.join("/", parts);
  }

  private static String format(int[] versions) {
    List<String> runs = new ArrayList<>();
    for (int from = 0, to; from < versions.length; from = to) {
      int version = versions[from];
      to = from + 1;
      while (to < versions.length && versions[to] == version) {
        to++;
      }
      runs.add(to - from == 1 ? "" + version : version + "*" + (to - from));
    }
    return String.join(".", runs);
  }
}
