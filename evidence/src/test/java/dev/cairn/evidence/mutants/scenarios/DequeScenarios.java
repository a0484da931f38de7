package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.CollectionStory.undone;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.evidence.mutants.scenarios.CollectionStory.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/** Deques, whose segments are linked, and taken out wherever they are. */
final class DequeScenarios {
  /** As many as a segment holds. */
  private static final int SEGMENT = 56;

  private static final CollectionStory<Deque<String>> STORY =
      new CollectionStory<>(DequeScenarios::deque, ArrayDeque::new, ArrayList::new);

  private DequeScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.COLLECTIONS, "a deque of one segment", DequeScenarios::oneSegment),
        new Scenario(Area.COLLECTIONS, "deques in used memory", DequeScenarios::usedMemory),
        new Scenario(Area.COLLECTIONS, "segments that are added", DequeScenarios::added),
        new Scenario(Area.COLLECTIONS, "segments that are emptied", DequeScenarios::emptied));
  }

  private static Deque<String> deque(PersistentHeap heap) {
    return heap.deque("deque", Types.STRING);
  }

  private static List<String> elements(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "element " + i).toList();
  }

  private static void remove(Deque<String> deque, int from, int to) {
    elements(from, to).forEach(deque::remove);
  }

  private static Step<Deque<String>> of(int count) {
    return deque -> deque.addAll(elements(0, count));
  }

  private static void oneSegment() {
    STORY.explore(
        of(0),
        deque -> deque.addLast("first"),
        deque -> deque.addLast("second"),
        Deque::pollFirst,
        deque -> deque.addFirst("where the first was"),
        undone(deque -> deque.addLast("nothing")),
        undone(Deque::pollFirst),
        undone(Deque::clear),
        Deque::pollLast,
        Deque::pollLast,
        deque -> deque.addFirst("at the other end"),
        deque -> {
          deque.addFirst("and before it");
          deque.pollLast();
          deque.addFirst("and so on");
        },
        Deque::clear);
    STORY.explore(of(10), deque -> deque.remove("element 5"));
  }

  private static void added() {
    STORY.explore(
        of(SEGMENT),
        undone(deque -> deque.addLast("nothing")),
        deque -> deque.addLast("at the end"),
        deque -> deque.addFirst("at the front"),
        undone(deque -> deque.addAll(elements(0, SEGMENT))),
        deque -> deque.addAll(elements(0, 2 * SEGMENT)));
    STORY.explore(
        of(0),
        deque -> {
          deque.addLast("first");
          deque.addLast("second");
        });
  }

  private static void emptied() {
    STORY.explore(
        of(4 * SEGMENT),
        deque -> remove(deque, SEGMENT + 1, 2 * SEGMENT),
        undone(deque -> deque.remove("element " + SEGMENT)),
        deque -> deque.remove("element " + SEGMENT), // between two others
        deque -> remove(deque, 1, SEGMENT),
        Deque::pollFirst, // the first one
        deque -> remove(deque, 3 * SEGMENT, 4 * SEGMENT - 1),
        Deque::pollLast, // the last one
        Deque::clear);
  }

  /** Blocks that held something else become segments: whatever they held means nothing. */
  private static void usedMemory() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(CollectionStory.SIZE, CollectionStory.SIZE)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      CollectionStory.useMemory(heap, 20, 40, 480);
      Deque<String> deque = deque(heap);
      deque.addAll(elements(0, 4 * SEGMENT));
      for (String element : elements(0, 4 * SEGMENT)) {
        deque.addFirst(element);
      }
      heap.verify();
      List<String> expected = new ArrayList<>(elements(0, 4 * SEGMENT));
      Collections.reverse(expected);
      expected.addAll(elements(0, 4 * SEGMENT));
      assertEquals(expected, new ArrayList<>(deque));
    }
  }
}
