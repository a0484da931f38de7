package dev.cairn.tx.spi;

import java.util.Arrays;

/**
 * The words that a transaction will store when it commits, with their new values, in the order of
 * their first change; a word that is changed again by a nested operation has an entry for each, so
 * that a failure of the inner one brings the outer one's value back. Most transactions change a
 * few, and a scan finds them; if there are many, the first search makes a hash table. Reused by one
 * lane; hot path.
 */
final class WriteSet {
  private static final int NONE = -1;
  private static final int SCAN_LIMIT = 8;

  /** What served a long transaction is not worth keeping for short ones. */
  private static final int KEPT_CAPACITY = 1 << 10;

  private long[] offsets = new long[2 * SCAN_LIMIT];
  private long[] values = new long[2 * SCAN_LIMIT];

  /** The older entry of the same word, or NONE. */
  private int[] older = new int[2 * SCAN_LIMIT];

  /** Whether a newer entry of the same word exists. */
  private boolean[] superseded = new boolean[2 * SCAN_LIMIT];

  private int size;

  /** Open addressing: the newest entry of each word, plus 1, for the first entries. */
  private int[] table = new int[0];

  /** How many entries the table knows. */
  private int indexed;

  /** Returns how many entries there are, superseded ones too. */
  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Returns whether entry {@code i} has its word's newest value. */
  boolean isNewest(int i) {
    return !superseded[i];
  }

  long offset(int i) {
    return offsets[i];
  }

  long value(int i) {
    return values[i];
  }

  /**
   * Returns the end of the words that follow one another from entry {@code i} on, each the newest
   * of its word, as {@code i} is.
   */
  int runEnd(int i) {
    int end = i + 1;
    while (end < size && offsets[end] == offsets[end - 1] + Long.BYTES && !superseded[end]) {
      end++;
    }
    return end;
  }

  /** Returns the newest entry of a word, or a negative number. */
  int find(long offset) {
    if (size <= SCAN_LIMIT) {
      for (int i = size - 1; i >= 0; i--) {
        if (offsets[i] == offset) {
          return i;
        }
      }
      return NONE;
    }
    if (indexed < size) {
      index();
    }
    return table[slot(offset)] - 1;
  }

  /** Whether any word of a range is set. */
  boolean touches(long offset, long length) {
    if (size <= SCAN_LIMIT) {
      for (int i = 0; i < size; i++) {
        if (offsets[i] >= offset && offsets[i] < offset + length) {
          return true;
        }
      }
      return false;
    }
    for (long at = offset; at < offset + length; at += Long.BYTES) {
      if (find(at) >= 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Sets a word's value.
   *
   * @param kept the entries before this index belong to outer operations, and stay as they are
   */
  void put(long offset, long value, int kept) {
    int found = find(offset);
    if (found >= kept) {
      values[found] = value;
      return;
    }
    add(offset, value);
    older[size - 1] = found;
    if (found >= 0) {
      superseded[found] = true;
    }
  }

  /** Sets the value of a word that is not set. */
  void add(long offset, long value) {
    if (size == offsets.length) {
      grow();
    }
    offsets[size] = offset;
    values[size] = value;
    older[size] = NONE;
    superseded[size] = false;
    size++;
  }

  /** Forgets the entries behind the first ones. */
  void truncate(int newSize) {
    assert newSize <= size : newSize;
    if (newSize == 0) {
      clear();
      return;
    }
    if (newSize < indexed) {
      indexed = 0;
    }
    while (size > newSize) {
      size--;
      if (older[size] >= 0) {
        superseded[older[size]] = false;
      }
    }
  }

  private void clear() {
    size = 0;
    indexed = 0;
    if (offsets.length > KEPT_CAPACITY) {
      table = new int[0];
      offsets = new long[2 * SCAN_LIMIT];
      values = new long[2 * SCAN_LIMIT];
      older = new int[2 * SCAN_LIMIT];
      superseded = new boolean[2 * SCAN_LIMIT];
    }
  }

  private void grow() {
    int capacity = 2 * size;
    long[] moreOffsets = Arrays.copyOf(offsets, capacity);
    long[] moreValues = Arrays.copyOf(values, capacity);
    int[] moreOlder = Arrays.copyOf(older, capacity);
    superseded = Arrays.copyOf(superseded, capacity);
    // All or none but the last: memory may run out in between.
    offsets = moreOffsets;
    values = moreValues;
    older = moreOlder;
  }

  /** Enters what the table does not know yet; older entries of a word are entered over. */
  private void index() {
    if (table.length < 2 * size) {
      table = new int[Integer.highestOneBit(8 * size)];
      indexed = 0;
    } else if (indexed == 0) {
      Arrays.fill(table, 0);
    }
    while (indexed < size) {
      table[slot(offsets[indexed])] = indexed + 1;
      indexed++;
    }
  }

  /** Where a word's newest entry is noted, or the free place where it would be. */
  private int slot(long offset) {
    int i = (int) (((offset >>> 3) * 0x9E3779B97F4A7C15L) >>> 40) & (table.length - 1);
    while (table[i] != 0 && offsets[table[i] - 1] != offset) {
      i = (i + 1) & (table.length - 1);
    }
    return i;
  }
}
