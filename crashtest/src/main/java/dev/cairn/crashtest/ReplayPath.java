package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way to one image: which operations of a scenario are run, and how its threads take turns;
 * then at which event the code crashed and which version each cell kept; then the same for the
 * recovery from that crash, and so on.
 *
 * <p>As a string: {@code words#0-2.5~12>1.40>0@17:0*5.1.2/3:1*2} is, under the model WORDS,
 * operations 0, 1, 2 and 5, thread 1 going on at step 12 and thread 0 at step 40; event 17 with
 * five cells durable, one at version 1, one at version 2; then event 3 of the recovery with two
 * cells at version 1. Without {@code #} all operations are run.
 */
final class ReplayPath {
  private final CrashModel model;
  private final @Nullable BitSet operations;
  private final List<Switch> switches;
  private final List<Step> steps;

  ReplayPath(CrashModel model, List<Step> steps) {
    this(model, null, List.of(), steps);
  }

  ReplayPath(
      CrashModel model, @Nullable BitSet operations, List<Switch> switches, List<Step> steps) {
    this.model = model;
    this.operations = operations;
    this.switches = List.copyOf(switches);
    this.steps = List.copyOf(steps);
  }

  /** Another thread than otherwise goes on at a step. */
  record Switch(int step, int thread) {}

  /** One crash. */
  static final class Step {
    final long event;
    final int[] versions;

    Step(long event, int[] versions) {
      this.event = event;
      this.versions = versions.clone();
    }
  }

  private static final Pattern SYNTAX =
      Pattern.compile("([a-z]+)(?:#([0-9.-]*))?(?:~([0-9.>]+))?@(.*)");

  static ReplayPath parse(String text) {
    try {
      Matcher parts = SYNTAX.matcher(text);
      if (!parts.matches()) {
        throw new IllegalArgumentException("expected model@event:versions");
      }
      List<Step> steps = new ArrayList<>();
      for (String step : parts.group(4).split("/", -1)) {
        int colon = step.indexOf(':');
        long event = Long.parseLong(step.substring(0, colon));
        steps.add(new Step(event, parseVersions(step.substring(colon + 1))));
      }
      String operations = parts.group(2);
      String switches = parts.group(3);
      return new ReplayPath(
          CrashModel.valueOf(parts.group(1).toUpperCase(Locale.ROOT)),
          operations == null ? null : parseOperations(operations),
          switches == null ? List.of() : parseSwitches(switches),
          steps);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a replay string: " + text, e);
    }
  }

  private static BitSet parseOperations(String text) {
    BitSet operations = new BitSet();
    for (String range : text.isEmpty() ? new String[0] : text.split("\\.", -1)) {
      int dash = range.indexOf('-');
      int first = Integer.parseUnsignedInt(dash < 0 ? range : range.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseUnsignedInt(range.substring(dash + 1));
      operations.set(first, last + 1);
    }
    return operations;
  }

  private static List<Switch> parseSwitches(String text) {
    List<Switch> switches = new ArrayList<>();
    for (String part : text.split("\\.", -1)) {
      int arrow = part.indexOf('>');
      switches.add(
          new Switch(
              Integer.parseUnsignedInt(part.substring(0, arrow)),
              Integer.parseUnsignedInt(part.substring(arrow + 1))));
    }
    return switches;
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

  /** Returns which operations are run, or null for all. */
  @Nullable BitSet operations() {
    return operations;
  }

  List<Switch> switches() {
    return switches;
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
    StringBuilder text = new StringBuilder(model.name().toLowerCase(Locale.ROOT));
    if (operations != null) {
      text.append('#').append(format(operations));
    }
    for (Switch one : switches) {
      text.append(one == switches.getFirst() ? '~' : '.');
      text.append(one.step).append('>').append(one.thread);
    }
    return text.append('@').append(String.join("/", parts)).toString();
  }

  private static String format(BitSet operations) {
    List<String> ranges = new ArrayList<>();
    for (int from = operations.nextSetBit(0), to; from >= 0; from = operations.nextSetBit(to)) {
      to = operations.nextClearBit(from);
      ranges.add(to - from == 1 ? "" + from : from + "-" + (to - 1));
    }
    return String.join(".", ranges);
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
