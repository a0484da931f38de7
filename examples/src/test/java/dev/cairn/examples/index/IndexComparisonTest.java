package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plants differences and expects the comparison to find them: a demo that cannot fail proves
 * nothing.
 */
class IndexComparisonTest {
  private static final WordCounts ONE =
      new WordCounts(3, new HashMap<>(Map.of("cairn", 2, "heap", 1)));
  private static final WordCounts TWO =
      new WordCounts(2, new HashMap<>(Map.of("heap", 1, "stone", 1)));

  private final MemoryIndex expected = index("one", ONE, "two", TWO);

  @TempDir private Path folder;

  @Test
  void findsEqualIndexesEqual() {
    assertTrue(compareWith(index("two", TWO, "one", ONE)).isEqual());
  }

  @Test
  void findsAMissingFile() {
    MemoryIndex actual = new MemoryIndex();
    actual.add("one", ONE);
    IndexComparison.Result result = compareWith(actual);
    assertTrue(result.shown().contains("number of files: expected 2, found 1"), result.toString());
    assertTrue(
        result.shown().contains("count of \"heap\" in two: expected 1, found null"),
        result.toString());
  }

  @Test
  void findsAFileTooMany() {
    MemoryIndex actual = index("one", ONE, "two", TWO);
    actual.add("three", new WordCounts(0, new HashMap<>(Map.of())));
    assertEquals(1, compareWith(actual).differences());
  }

  @Test
  void findsACountThatIsOffByOne() {
    WordCounts wrong = new WordCounts(2, new HashMap<>(Map.of("heap", 2, "stone", 1)));
    IndexComparison.Result result = compareWith(index("one", ONE, "two", wrong));
    assertTrue(
        result.shown().contains("count of \"heap\" in two: expected 1, found 2"),
        result.toString());
    assertTrue(
        result.shown().contains("total of \"heap\": expected 2, found 3"), result.toString());
  }

  @Test
  void findsAPostingThatMovedToAnotherFile() {
    WordCounts withoutStone = new WordCounts(2, new HashMap<>(Map.of("heap", 1, "cairn", 1)));
    assertFalse(compareWith(index("one", ONE, "two", withoutStone)).isEqual());
  }

  @Test
  void findsAWordThatNoFileHas() {
    WordCounts more = new WordCounts(2, new HashMap<>(Map.of("heap", 1, "stone", 1, "ghost", 1)));
    IndexComparison.Result result = compareWith(index("one", ONE, "two", more));
    assertTrue(
        result.shown().contains("total of \"ghost\": expected 0, found 1"), result.toString());
  }

  @Test
  void findsWrongTotalsOfAFile() {
    WordCounts wrong = new WordCounts(7, new HashMap<>(TWO.counts()));
    assertEquals(1, compareWith(index("one", ONE, "two", wrong)).differences());
  }

  @Test
  void showsTheFirstFewOnly() {
    MemoryIndex actual = index("one", ONE, "two", TWO);
    for (int i = 0; i < 100; i++) {
      expected.add("file " + i, ONE);
    }
    IndexComparison.Result result = compareWith(actual);
    assertTrue(result.differences() > 100, result.toString());
    assertEquals(10, result.shown().size());
  }

  @Test
  void readsTheHeapAndTheLogAsWell() throws IOException {
    try (Index heap = Storage.HEAP.create(folder.resolve("heap"), false)) {
      heap.add("one", ONE);
      assertFalse(compareWith(heap).isEqual());
      heap.add("two", TWO);
      assertEquals("[]", compareWith(heap).shown().toString());
    }
    try (Index log = Storage.LOG.create(folder.resolve("log"), true)) {
      log.add("two", TWO);
      assertFalse(compareWith(log).isEqual());
      log.add("one", ONE);
      assertEquals("[]", compareWith(log).shown().toString());
    }
  }

  private IndexComparison.Result compareWith(Index actual) {
    return IndexComparison.compare(expected, actual);
  }

  private static MemoryIndex index(
      String firstFile, WordCounts first, String secondFile, WordCounts second) {
    MemoryIndex index = new MemoryIndex();
    index.add(firstFile, first);
    index.add(secondFile, second);
    return index;
  }
}
