package dev.cairn.examples;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentTreeMap;
import dev.cairn.collections.Types;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableMap;

/** A map in the order of its keys: what was measured, and when, looked up by ranges of time. */
public final class Example08_TreeMapRanges {
  private static final Instant MIDNIGHT = Instant.parse("2026-01-01T00:00:00Z");

  private Example08_TreeMapRanges() {}

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws IOException {
    try (PersistentHeap heap = PersistentHeap.create(Path.of(args[0]))) {
      PersistentTreeMap<Instant, Double> degrees =
          heap.treeMap("degrees", Types.INSTANT, Types.DOUBLE);
      heap.transact( // three fences for all, not one for each
          () -> {
            for (int minute = 0; minute < 24 * 60; minute += 10) {
              degrees.put(at(minute), 10 - 5 * Math.cos(2 * Math.PI * minute / (24 * 60)));
            }
          });

      NavigableMap<Instant, Double> noon = degrees.subMap(at(11 * 60), true, at(13 * 60), true);
      System.out.printf("Around noon: %d values, first %s%n", noon.size(), noon.firstEntry());
      System.out.println("Last before 06:05: " + degrees.floorEntry(at(6 * 60 + 5)));
      System.out.println("Warmest of the evening: " + max(degrees.tailMap(at(18 * 60))));
      System.out.println("Backwards: " + degrees.descendingMap().firstKey());

      degrees.headMap(at(12 * 60)).clear(); // a view: what leaves it leaves the map
      System.out.printf("Afternoon only: %d values, from %s%n", degrees.size(), degrees.firstKey());
    }
  }

  private static Instant at(int minute) {
    return MIDNIGHT.plus(Duration.ofMinutes(minute));
  }

  private static double max(NavigableMap<Instant, Double> values) {
    return values.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }
}
