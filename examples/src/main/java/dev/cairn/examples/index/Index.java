package dev.cairn.examples.index;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which words stand in which files, and how often.
 *
 * <p>Three implementations do the same job: {@link WordIndex} in a persistent heap, {@link
 * LogIndex} in a log file, {@link MemoryIndex} in plain maps. They are filled by one thread and
 * read by it.
 */
interface Index extends AutoCloseable {

  /** Returns whether a file has been added. */
  boolean contains(String file);

  /**
   * Adds a file: all of it or, if the process dies, nothing. In a durable index, it is durable when
   * this returns.
   *
   * @param file a name that the index does not contain yet
   */
  void add(String file, WordCounts counts) throws IOException;

  /** Returns how many files were added. */
  int fileCount();

  /** Returns how many different words there are in all files. */
  int wordCount();

  /** Returns the totals of a file, or null if the file was not added. */
  @Nullable FileTotals file(String file);

  /** Returns the different words of all files. */
  Set<String> words();

  /** Returns how often a word stands in all files together. */
  long total(String word);

  /** Returns which files a word stands in, and how often in each. */
  Map<String, Integer> postings(String word);

  /** Checks the storage under the index; throws if it is damaged. */
  void verify();

  /** Returns whether an addition had been cut short when the index was opened, and was undone. */
  boolean hasUndone();

  @Override
  void close() throws IOException;
}
