package dev.cairn.examples.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares an index with the one that it should be: every file, every word, every posting, both
 * ways round.
 */
final class IndexComparison {
  private static final int SHOWN = 10;

  private final MemoryIndex expected;
  private final Index actual;
  private final List<String> shown = new ArrayList<>();
  private long differences;

  private IndexComparison(MemoryIndex expected, Index actual) {
    this.expected = expected;
    this.actual = actual;
  }

  /**
   * What was found.
   *
   * @param differences how many
   * @param shown the first few, for people
   */
  record Result(long differences, List<String> shown) {
    boolean isEqual() {
      return differences == 0;
    }
  }

  static Result compare(MemoryIndex expected, Index actual) {
    IndexComparison comparison = new IndexComparison(expected, actual);
    comparison.compareFiles();
    comparison.compareWords();
    return new Result(comparison.differences, comparison.shown);
  }

  private void compareFiles() {
    check("number of files", expected.fileCount(), actual.fileCount());
    for (String file : expected.files()) {
      check("file " + file, expected.file(file), actual.file(file));
    }
  }

  private void compareWords() {
    check("number of words", expected.wordCount(), actual.wordCount());
    for (String word : expected.words()) {
      check("total of \"" + word + '"', expected.total(word), actual.total(word));
      comparePostings(word, expected.postings(word), actual.postings(word));
    }
    for (String word : actual.words()) {
      if (expected.total(word) == 0) {
        check("total of \"" + word + '"', 0L, actual.total(word));
      }
    }
  }

  private void comparePostings(
      String word, Map<String, Integer> wanted, Map<String, Integer> found) {
    if (wanted.equals(found)) {
      return;
    }
    wanted.forEach((file, count) -> check(inFile(word, file), count, found.get(file)));
    found.forEach(
        (file, count) -> {
          if (!wanted.containsKey(file)) {
            check(inFile(word, file), null, count);
          }
        });
  }

  private static String inFile(String word, String file) {
    return "count of \"" + word + "\" in " + file;
  }

  private void check(String what, @Nullable Object wanted, @Nullable Object found) {
    if (Objects.equals(wanted, found)) {
      return;
    }
    differences++;
    if (shown.size() < SHOWN) {
      shown.add(what + ": expected " + wanted + ", found " + found);
    }
  }
}
