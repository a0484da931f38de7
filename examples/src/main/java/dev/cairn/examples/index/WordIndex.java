package dev.cairn.examples.index;

import dev.cairn.collections.HeapStats;
import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A durable full-text index in a persistent heap: four collections, and one transaction for each
 * file. There is no save and no load. When {@link #add} returns, the file's words are durable; when
 * the process dies in the middle of it, the next one finds none of them.
 *
 * <p>The postings of a word form a chain through one large list: the word's entry knows the newest
 * posting, and each posting knows the one before it. So a file costs one append and one replace for
 * each of its different words, however many files had the word before.
 */
final class WordIndex implements Index {
  private static final int NONE = -1;
  private static final WordEntry NEW_WORD = new WordEntry(0, 0, NONE);

  /** A file: its place in the list of names, and its totals. */
  record FileEntry(int id, int words, int distinctWords) {}

  /** A word: how often it stands in all files, in how many of them, and its newest posting. */
  record WordEntry(long total, int files, int newestPosting) {}

  /** A word stands in a file, so many times. The posting before it is of the same word. */
  record Posting(int file, int count, int previousPosting) {}

  private final PersistentHeap heap;
  private final PersistentHashMap<String, FileEntry> files;
  private final PersistentArrayList<String> names;
  private final PersistentHashMap<String, WordEntry> words;
  private final PersistentArrayList<Posting> postings;

  private WordIndex(PersistentHeap heap) {
    this.heap = heap;
    files = heap.map("files", Types.STRING, Types.record(FileEntry.class));
    names = heap.list("names", Types.STRING);
    words = heap.map("words", Types.STRING, Types.record(WordEntry.class));
    postings = heap.list("postings", Types.record(Posting.class));
  }

  /** Creates a heap file with an empty index in it. */
  static WordIndex create(Path path, HeapOptions options) throws IOException {
    return new WordIndex(PersistentHeap.create(path, options));
  }

  /** Opens the index in a heap file, whatever its last user was doing when it ended. */
  static WordIndex open(Path path, HeapOptions options) throws IOException {
    return new WordIndex(PersistentHeap.open(path, options));
  }

  @Override
  public void add(String file, WordCounts counts) {
    heap.transact(
        () -> {
          int id = names.size();
          names.add(file);
          files.put(file, new FileEntry(id, counts.words(), counts.distinctWords()));
          counts.counts().forEach((word, count) -> addPosting(word, id, count));
        });
  }

  private void addPosting(String word, int file, int count) {
    WordEntry entry = words.getOrDefault(word, NEW_WORD);
    int posting = postings.size();
    postings.add(new Posting(file, count, entry.newestPosting));
    words.put(word, new WordEntry(entry.total + count, entry.files + 1, posting));
  }

  @Override
  public Map<String, Integer> postings(String word) {
    Map<String, Integer> counts = new HashMap<>();
    int place = words.getOrDefault(word, NEW_WORD).newestPosting;
    while (place != NONE) {
      Posting posting = postings.get(place);
      counts.put(names.get(posting.file), posting.count);
      if (posting.previousPosting >= place) {
        throw new IllegalStateException(
            "posting %d of \"%s\": the one before it is %d, expected a lower place"
                .formatted(place, word, posting.previousPosting));
      }
      place = posting.previousPosting;
    }
    return counts;
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
    return words.size();
  }

  @Override
  public @Nullable FileTotals file(String file) {
    FileEntry entry = files.get(file);
    return entry == null ? null : new FileTotals(entry.words, entry.distinctWords);
  }

  @Override
  public Set<String> words() {
    return words.keySet();
  }

  @Override
  public long total(String word) {
    return words.getOrDefault(word, NEW_WORD).total;
  }

  @Override
  public void verify() {
    heap.verify();
  }

  @Override
  public boolean hasUndone() {
    return heap.stats().rolledBack();
  }

  Durability durability() {
    return heap.durability();
  }

  HeapStats stats() {
    return heap.stats();
  }

  @Override
  public void close() {
    heap.close();
  }
}
