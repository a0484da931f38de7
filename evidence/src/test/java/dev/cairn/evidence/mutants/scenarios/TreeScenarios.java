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
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Sorted maps, whose nodes are split, made and freed. Keys begin alike, so that prefixes say
 * nothing, and separators need keys.
 */
final class TreeScenarios {
  /** As many as a leaf holds. */
  private static final int LEAF = 52;

  /** As many leaves as a branch has below it. */
  private static final int BRANCH = 50;

  private static final CollectionStory<NavigableMap<String, String>> STORY =
      new CollectionStory<>(TreeScenarios::map, TreeMap::new, TreeMap::new);

  private TreeScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.COLLECTIONS, "a tree of one leaf", TreeScenarios::oneLeaf),
        new Scenario(Area.COLLECTIONS, "trees in used memory", TreeScenarios::usedMemory),
        new Scenario(Area.COLLECTIONS, "leaves that are split", TreeScenarios::splits),
        new Scenario(Area.COLLECTIONS, "leaves that are emptied", TreeScenarios::emptied),
        new Scenario(Area.COLLECTIONS, "branches that are split", TreeScenarios::branches));
  }

  private static String key(int number) {
    return "the same beginning %05d".formatted(number);
  }

  private static List<String> even(int count) {
    return IntStream.range(0, count).mapToObj(i -> key(2 * i)).toList();
  }

  private static NavigableMap<String, String> map(PersistentHeap heap) {
    return heap.treeMap("tree", Types.STRING, Types.STRING);
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // only handed on
  private static void explore(List<String> before, Step<NavigableMap<String, String>>... steps) {
    STORY.explore(map -> before.forEach(key -> map.put(key, "old")), steps);
  }

  private static void oneLeaf() {
    explore(
        List.of(),
        map -> map.put(key(1), "first"),
        map -> map.put(key(0), "before it"),
        map -> map.put(key(1), "another length"),
        map -> map.put(key(0), "same size"),
        undone(map -> map.put(key(2), "nothing")),
        undone(NavigableMap::clear),
        map -> map.remove(key(1)),
        map -> map.remove(key(0)),
        map -> {
          map.put(key(3), "again");
          map.put(key(3), "twice");
        },
        NavigableMap::clear);
  }

  private static void splits() {
    explore(
        even(LEAF),
        undone(map -> map.put(key(31), "nothing")),
        map -> map.put(key(31), "in the lower half"),
        map -> map.put(key(2 * LEAF), "at the end"));
    explore(even(LEAF), map -> map.put(key(83), "in the upper half"));
    explore(even(LEAF), map -> map.put(key(2 * LEAF), "beside a full leaf"));
    explore(
        even(LEAF),
        map -> {
          for (int i = 1; i < LEAF; i += 2) {
            map.put(key(i), "many");
          }
        });
  }

  private static void emptied() {
    List<String> keys = even(3 * LEAF);
    explore(
        keys,
        map -> map.subMap(key(2 * LEAF), key(4 * LEAF - 2)).clear(),
        undone(map -> map.remove(key(4 * LEAF - 2))),
        map -> map.remove(key(4 * LEAF - 2)), // a leaf between two others
        map -> map.headMap(key(2 * LEAF)).clear(), // the first one, so that the last is the top
        NavigableMap::clear);
  }

  private static void branches() {
    List<String> keys = even(LEAF * BRANCH);
    explore(keys, map -> map.put(key(2 * LEAF * BRANCH), "a third level"));
    explore(keys, map -> map.put(key(1001), "in its lower half"));
    explore(keys, map -> map.put(key(4001), "in its upper half"));
    explore(
        even(LEAF * BRANCH + 1),
        map -> map.remove(key(2 * LEAF * BRANCH)), // two levels again
        NavigableMap::clear);
  }

  /** Blocks that held something else become nodes: whatever they held means nothing. */
  private static void usedMemory() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(CollectionStory.SIZE, CollectionStory.SIZE)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      CollectionStory.useMemory(heap, 40, 40, 860, 1240);
      Map<String, String> model = new TreeMap<>();
      NavigableMap<String, String> map = map(heap);
      for (String key : even(20 * LEAF)) {
        map.put(key, "");
        model.put(key, "");
      }
      heap.verify();
      assertEquals(model, map);
    }
  }
}
