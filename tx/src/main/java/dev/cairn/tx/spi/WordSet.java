package dev.cairn.tx.spi;

import java.util.Arrays;

/**
 * The words that a transaction has logged, in the order it logged them: most transactions log a
 * few, and a scan finds them; long ones get a hash table. Reused by one lane; hot path.
 */
final class WordSet {
  private static final int SCAN_LIMIT = 8;

  /** A table that served a long transaction is not worth clearing for a short one. */
  private static final int KEPT_CAPACITY = 1 << 12;

  private long[] words = new long[2 * SCAN_LIMIT];
  private int size;

  /** Open addressing; 0 is free, for no word lies at offset 0. Empty while a scan will do. */
  private long[] table = new long[0];

  private int tableSize;

  int size() {
    return size;
  }

  /** Adds a word; says whether it is new. */
  boolean add(long word) {
    assert word > 0 : word;
    if (contains(word)) {
      return false;
    }
    if (size == words.length) {
      words = Arrays.copyOf(words, 2 * size);
    }
    words[size++] = word;
    if (tableSize > 0) {
      insert(word);
    }
    return true;
  }

  boolean contains(long word) {
    if (size <= SCAN_LIMIT) {
      for (int i = 0; i < size; i++) {
        if (words[i] == word) {
          return true;
        }
      }
      return false;
    }
    if (tableSize == 0) {
      buildTable();
    }
    int i = slot(word);
    while (table[i] != 0) {
      if (table[i] == word) {
        return true;
      }
      i = (i + 1) & (table.length - 1);
    }
    return false;
  }

  /** Forgets what was added after the set had this size. */
  void truncate(int newSize) {
    assert newSize <= size : newSize;
    if (tableSize > 0) {
      Arrays.fill(table, 0);
      tableSize = 0;
    }
    if (table.length > KEPT_CAPACITY) {
      table = new long[0];
      words = Arrays.copyOf(words, Math.max(newSize, 2 * SCAN_LIMIT));
    }
    size = newSize;
  }

  private void buildTable() {
    if (table.length < 2 * size) {
      table = new long[Integer.highestOneBit(4 * size)];
    }
    for (int i = 0; i < size; i++) {
      insert(words[i]);
    }
  }

  private void insert(long word) {
    if (2 * (tableSize + 1) > table.length) {
      long[] old = table;
      table = new long[2 * old.length];
      for (long w : old) {
        if (w != 0) {
          place(w);
        }
      }
    }
    place(word);
    tableSize++;
  }

  private void place(long word) {
    int i = slot(word);
    while (table[i] != 0) {
      i = (i + 1) & (table.length - 1);
    }
    table[i] = word;
  }

  private int slot(long word) {
    return (int) (((word >>> 3) * 0x9E3779B97F4A7C15L) >>> 40) & (table.length - 1);
  }
}
