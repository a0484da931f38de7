package dev.cairn.examples.index;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The index in plain maps, gone with the process: what the durable ones must be equal to. */
final class MemoryIndex implements Index {
  private final Map<String, FileTotals> files = new HashMap<>();
  private final Map<String, Long> totals = new HashMap<>();
  private final Map<String, Map<String, Integer>> postings = new HashMap<>();

  @Override
  public void add(String file, WordCounts counts) {
    files.put(file, new FileTotals(counts.words(), counts.distinctWords()));
    counts
        .counts()
        .forEach(
            (word, count) -> {
              totals.merge(word, (long) count, Long::sum);
              postings.computeIfAbsent(word, w -> new HashMap<>()).put(file, count);
            });
  }

  @Override
  public boolean contains(String file) {
    return files.containsKey(file);
  }

  @Override
  public int fileCount() {
    return files.size();
  }

  @Override
  public int wordCount() {
    return totals.size();
  }

  @Override
  public @Nullable FileTotals file(String file) {
    return files.get(file);
  }

  @Override
  public Set<String> words() {
    return totals.keySet();
  }

  @Override
  public long total(String word) {
    return totals.getOrDefault(word, 0L);
  }

  @Override
  public Map<String, Integer> postings(String word) {
    return postings.getOrDefault(word, Map.of());
  }

  Set<String> files() {
    return files.keySet();
  }

  long postingCount() {
    return postings.values().stream().mapToLong(Map::size).sum();
  }

  long wordsInAllFiles() {
    return totals.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void verify() {
    // Nothing of it is stored.
  }

  @Override
  public boolean hasUndone() {
    return false;
  }

  @Override
  public void close() {
    // Nothing of it is stored.
  }
}
