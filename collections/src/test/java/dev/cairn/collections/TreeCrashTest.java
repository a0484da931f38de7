package dev.cairn.collections;

import dev.cairn.collections.CrashStory.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Every crash of what a tree map does: split, grow by a level, be emptied, shrink. */
class TreeCrashTest {
  /** As many as a leaf holds. */
  private static final int LEAF = TreeLayout.LEAF_CAPACITY;

  /** As many rising keys as fill a branch and all leaves below it. */
  private static final int BRANCH = LEAF * TreeLayout.BRANCH_CAPACITY;

  /** Explores the steps on a map that holds keys already. */
  private static <K extends Comparable<K>> void explore(
      String name, Type<K> type, List<K> before, List<Step<NavigableMap<K, String>>> steps) {
    CrashStory<NavigableMap<K, String>> story =
        new CrashStory<>(
            heap -> heap.treeMap("map", type, Types.STRING), TreeMap::new, TreeMap::new);
    story.explore(name, map -> before.forEach(key -> map.put(key, "old")), steps);
  }

  private static List<Long> even(int count) {
    return LongStream.range(0, count).map(i -> 2 * i).boxed().toList();
  }

  @Test
  void everyCrashLeavesAnEntryThereOrNot() {
    explore(
        "tree of one leaf",
        Types.LONG,
        even(20),
        List.of(
            map -> map.put(7L, "new"),
            map -> map.put(8L, "new"), // as long: in place
            map -> map.put(10L, "longer than before"),
            map -> map.remove(7L),
            map -> map.remove(0L),
            map -> map.merge(10L, "!", String::concat),
            NavigableMap::pollLastEntry,
            map -> map.put(-1L, "first"),
            NavigableMap::clear,
            map -> map.put(1L, "alone")));
  }

  @Test
  void everyCrashLeavesTheFirstEntry() {
    explore(
        "first entry of a tree",
        Types.LONG,
        List.of(),
        List.of(
            map -> map.put(1L, "first"),
            map -> map.put(2L, "second"),
            map -> map.remove(1L),
            map -> map.remove(2L),
            map -> map.put(3L, "first again")));
    explore(
        "first entries of a tree, together",
        Types.LONG,
        List.of(),
        List.of(
            map -> {
              map.put(1L, "first");
              map.put(2L, "second");
              map.put(1L, "1st");
            },
            map -> {
              map.remove(1L);
              map.remove(2L);
              map.put(2L, "first again");
            }));
  }

  @Test
  void everyCrashLeavesALeafSplitOrNot() {
    explore(
        "leaf that is split, at the end", Types.LONG, even(LEAF), putsOf(2L * LEAF, 2L * LEAF + 1));
    explore("leaf that is split, in its lower half", Types.LONG, even(LEAF), putsOf(5, 7));
    explore("leaf that is split, in its upper half", Types.LONG, even(LEAF), putsOf(85, 87));
    explore("leaf that is split, where it is split", Types.LONG, even(LEAF), putsOf(51, 53));
    explore("leaf that is split, at its beginning", Types.LONG, even(LEAF), putsOf(-1, -2));
    explore(
        "leaves that are split in one transaction",
        Types.LONG,
        even(LEAF),
        List.of(
            map -> {
              for (long key = 1; key < 100; key += 2) {
                map.put(key, "new");
              }
            },
            map -> map.headMap(97L).clear()));
  }

  private static List<Step<NavigableMap<Long, String>>> putsOf(long... keys) {
    List<Step<NavigableMap<Long, String>>> steps = new ArrayList<>();
    for (long key : keys) {
      steps.add(map -> map.put(key, "new"));
    }
    return steps;
  }

  /** Keys whose prefixes are all the same, so that separators need theirs. */
  @Test
  void everyCrashLeavesSeparatorsWithKeys() {
    LongFunction<String> key = i -> "the same beginning %04d".formatted(i);
    List<String> keys = LongStream.range(0, 3L * LEAF).mapToObj(i -> key.apply(2 * i)).toList();
    explore(
        "leaf that is split, with the key of a separator",
        Types.STRING,
        keys.subList(0, LEAF),
        List.of(map -> map.put(key.apply(21), "new"), map -> map.put(key.apply(83), "new")));
    List<Step<NavigableMap<String, String>>> removals = new ArrayList<>();
    for (int i = LEAF - 2; i <= LEAF; i++) {
      String gone = keys.get(i);
      removals.add(map -> map.remove(gone));
    }
    removals.add(map -> map.subMap(keys.get(LEAF), keys.get(2 * LEAF)).clear());
    removals.add(map -> map.tailMap(keys.get(2 * LEAF)).clear());
    explore("tree that loses separators with keys", Types.STRING, keys, removals);
  }

  /** From two levels to three. */
  @Test
  void everyCrashLeavesABranchSplitOrNot() {
    explore("branch that is split, at the end", Types.LONG, even(BRANCH), putsOf(2L * BRANCH));
    explore("branch that is split, in its lower half", Types.LONG, even(BRANCH), putsOf(1001));
    explore("branch that is split, in its upper half", Types.LONG, even(BRANCH), putsOf(4001));
  }

  /** From three levels to two, and to one, and to none. */
  @Test
  void everyCrashLeavesATreeThatShrinks() {
    List<Long> keys = even(BRANCH + 1);
    explore(
        "tree that loses a level",
        Types.LONG,
        keys,
        List.of(map -> map.remove(2L * BRANCH), map -> map.remove(0L)));
    List<Long> few = even(LEAF + 1);
    explore(
        "tree that becomes a leaf",
        Types.LONG,
        few,
        List.of(map -> map.remove(2L * LEAF), map -> map.remove(0L)));
    explore(
        "tree whose last leaf becomes the top",
        Types.LONG,
        few,
        List.of(map -> map.headMap(2L * LEAF).clear(), map -> map.remove(2L * LEAF)));
  }

  @Test
  void everyCrashLeavesAllEntriesOrNone() {
    explore(
        "tree of two levels that is cleared",
        Types.LONG,
        even(4 * LEAF),
        List.of(NavigableMap::clear, map -> map.put(1L, "first")));
    explore(
        "tree that is cleared after a change, and filled again",
        Types.LONG,
        even(LEAF + 2),
        List.of(
            map -> {
              map.put(1L, "lost");
              map.clear();
              map.put(2L, "stays");
            }));
  }
}
