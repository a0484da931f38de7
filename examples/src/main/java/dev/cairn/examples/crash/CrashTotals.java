package dev.cairn.examples.crash;

import dev.cairn.crashtest.kill.KillMoment;
import dev.cairn.examples.command.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts what all lanes did, shows how far they are, and prints the table. */
final class CrashTotals {
  private static final String RANDOM = "at a random moment";

  private final int wanted;
  private final Progress progress;
  private final Map<String, Map<Phase, Integer>> kills = new LinkedHashMap<>();
  private final List<Duration> openings = new ArrayList<>();
  private final long start = System.nanoTime();
  private int killCount;
  private int heaps;
  private long acknowledged;
  private long foundTaken;
  private int undone;

  /**
   * Begins to count.
   *
   * @param wanted how many kills there are to be
   */
  CrashTotals(int wanted, Progress progress) {
    this.wanted = wanted;
    this.progress = progress;
    kills.put(RANDOM, new EnumMap<>(Phase.class));
    for (KillMoment.Place place : KillMoment.Place.values()) {
      kills.put(row(place), new EnumMap<>(Phase.class));
    }
  }

  private static String row(KillMoment.Place place) {
    return place.words() + " n";
  }

  synchronized void addHeap() {
    heaps++;
  }

  synchronized void add(KillMoment moment, Phase phase, Audit.Result result) {
    String row = moment instanceof KillMoment.AtEvent at ? row(at.place()) : RANDOM;
    kills.computeIfAbsent(row, any -> new EnumMap<>(Phase.class)).merge(phase, 1, Integer::sum);
    killCount++;
    acknowledged += result.acknowledged();
    foundTaken += result.foundTaken();
    undone += result.undone() ? 1 : 0;
    if (!result.opening().isZero()) {
      openings.add(result.opening());
    }
    progress.step(
        "%,d of %,d kills, %,d operations acknowledged, none lost"
            .formatted(killCount, wanted, acknowledged));
  }

  synchronized int kills() {
    return killCount;
  }

  /**
   * Prints the table.
   *
   * @param failures how many lanes ended because something was wrong
   */
  synchronized void print(PrintStream out, int failures) {
    out.println();
    out.printf("%-30s", "kills");
    for (Phase phase : Phase.values()) {
      out.printf("%10s", phase.words);
    }
    out.printf("%10s%n", "all");
    kills.forEach((row, counts) -> printRow(out, row, counts));
    Map<Phase, Integer> sums = new EnumMap<>(Phase.class);
    kills.values().forEach(counts -> counts.forEach((p, n) -> sums.merge(p, n, Integer::sum)));
    printRow(out, "all", sums);
    out.println();
    line(out, "operations acknowledged", "%,d".formatted(acknowledged));
    line(out, "  taken, not acknowledged", "%,d".formatted(foundTaken));
    line(out, "kills that left work to undo", "%,d".formatted(undone));
    line(out, "heaps", "%,d".formatted(heaps));
    Collections.sort(openings);
    if (!openings.isEmpty()) {
      line(out, "opening what was left", millis(openings.get(openings.size() / 2)) + " median");
      line(out, "", millis(openings.getLast()) + " longest");
    }
    line(out, "time", "%,.1f s".formatted((System.nanoTime() - start) / 1e9));
    line(out, "lost, torn or failed", failures == 0 ? "nothing" : "SOMETHING, see below");
  }

  private static void printRow(PrintStream out, String row, Map<Phase, Integer> counts) {
    out.printf("  %-28s", row);
    int sum = 0;
    for (Phase phase : Phase.values()) {
      int count = counts.getOrDefault(phase, 0);
      out.printf("%,10d", count);
      sum += count;
    }
    out.printf("%,10d%n", sum);
  }

  private static void line(PrintStream out, String label, String value) {
    out.printf("%-30s%s%n", label, value);
  }

  private static String millis(Duration duration) {
    return "%,.1f ms".formatted(duration.toNanos() / 1e6);
  }
}
