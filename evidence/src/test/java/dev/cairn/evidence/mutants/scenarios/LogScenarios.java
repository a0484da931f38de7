package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.CollectionStory.undone;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentLog;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Logs, whose segments are filled, linked, and freed from the front. */
final class LogScenarios {
  /** As many as the first segment has room for. */
  private static final int SEGMENT = 20;

  private static final CollectionStory<Journal> STORY =
      new CollectionStory<>(LogScenarios::persistent, LogScenarios::model, Journal::content);

  private LogScenarios() {}

  /** What a log and its model have. */
  private interface Journal {
    void append(List<String> values);

    void truncate(long index);

    List<String> content();
  }

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.COLLECTIONS, "a log of one segment", LogScenarios::oneSegment),
        new Scenario(Area.COLLECTIONS, "logs in used memory", LogScenarios::usedMemory),
        new Scenario(Area.COLLECTIONS, "segments of a log", LogScenarios::segments));
  }

  private static Journal persistent(PersistentHeap heap) {
    PersistentLog<String> log = heap.log("log", Types.STRING);
    return new Journal() {
      @Override
      public void append(List<String> values) {
        log.appendAll(values);
      }

      @Override
      public void truncate(long index) {
        log.truncate(index);
      }

      @Override
      public List<String> content() {
        List<String> content = new ArrayList<>();
        content.add("%d to %d".formatted(log.firstIndex(), log.nextIndex()));
        log.forEach(entry -> content.add(entry.index() + " " + entry.value()));
        return content;
      }
    };
  }

  private static Journal model() {
    List<String> all = new ArrayList<>();
    long[] first = new long[1];
    return new Journal() {
      @Override
      public void append(List<String> values) {
        all.addAll(values);
      }

      @Override
      public void truncate(long index) {
        first[0] = Math.clamp(index, first[0], all.size());
      }

      @Override
      public List<String> content() {
        List<String> content = new ArrayList<>();
        content.add("%d to %d".formatted(first[0], all.size()));
        for (int i = (int) first[0]; i < all.size(); i++) {
          content.add(i + " " + all.get(i));
        }
        return content;
      }
    };
  }

  private static List<String> records(int count) {
    return IntStream.range(0, count).mapToObj("a record of some length, %4d"::formatted).toList();
  }

  private static void oneSegment() {
    STORY.explore(
        journal -> {},
        journal -> journal.append(List.of("first")),
        journal -> journal.append(List.of("second")),
        undone(journal -> journal.append(List.of("nothing"))),
        journal -> journal.append(List.of("third", "fourth")),
        undone(journal -> journal.truncate(2)),
        journal -> journal.truncate(2),
        journal -> journal.truncate(4),
        journal -> journal.append(List.of("fifth")));
  }

  private static void segments() {
    STORY.explore(
        journal -> journal.append(records(SEGMENT)),
        undone(journal -> journal.append(records(2))),
        journal -> journal.append(records(2)),
        journal -> journal.append(records(4 * SEGMENT)),
        undone(journal -> journal.truncate(3 * SEGMENT)),
        journal -> journal.truncate(SEGMENT / 2),
        journal -> journal.truncate(2 * SEGMENT),
        journal -> journal.truncate(Long.MAX_VALUE),
        journal -> journal.append(records(1)));
  }

  private static void usedMemory() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(CollectionStory.SIZE, CollectionStory.SIZE)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      CollectionStory.useMemory(heap, 8, 40, 1000, 2000, 4000);
      PersistentLog<String> log = heap.log("log", Types.STRING);
      log.appendAll(records(6 * SEGMENT));
      heap.verify();
      assertEquals(records(6 * SEGMENT), log.stream(0).map(entry -> entry.value()).toList());
    }
  }
}
