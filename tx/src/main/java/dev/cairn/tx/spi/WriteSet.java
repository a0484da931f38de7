package dev.cairn.tx.spi;

import java.util.Arrays;

/**
 * The words that a transaction will store when it commits, with their new values, in the order of
 * their first change; a word that is changed again by a nested operation has an entry for each, so
 * that a failure of the inner one brings the outer one's value back. Most transactions change a
 * few, and a scan finds them; long ones get a hash table. Reused by one lane; hot path.
 */
final class WriteSet {
  private static final int NONE = -1;
  private static final int SCAN_LIMIT = 8;

  /** A table that served a long transaction is not worth clearing for a short one. */
  private static final int KEPT_CAPACITY = 1 << 12;

  private long[] offsets = new long[2 * SCAN_LIMIT];
  private long[] values = new long[2 * SCAN_LIMIT];

  /** The older entry of the same word, or NONE. */
  private int[] older = new int[2 * SCAN_LIMIT];

  /** Whether a newer entry of the same word exists. */
  private boolean[] superseded = new boolean[2 * SCAN_LIMIT];

  private int size;

  /** Open addressing: the newest entry of each word, plus 1. Empty while a scan will do. */
  private int[] table = new int[0];

  private boolean isTableUsed;

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

  /** Returns the newest entry of a word, or a negative number. */
  int find(long offset) {
    if (!isTableUsed) {
      for (int i = size - 1; i >= 0; i--) {
        if (offsets[i] == offset) {
          return i;
        }
      }
      return NONE;
    }
    return table[slot(offset)] - 1;
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
    if (size == offsets.length) {
      grow();
    }
    offsets[size] = offset;
    values[size] = value;
    older[size] = found;
    superseded[size] = false;
    if (found >= 0) {
      superseded[found] = true;
    }
    size++;
    if (isTableUsed) {
      index(size - 1);
    } else if (size > SCAN_LIMIT) {
      buildTable();
    }
  }

  /** Forgets the entries behind the first ones. */
  void truncate(int newSize) {
    assert newSize <= size : newSize;
    if (newSize == 0) {
      clear();
      return;
    }
    boolean changed = newSize < size;
    while (size > newSize) {
      size--;
      if (older[size] >= 0) {
        superseded[older[size]] = false;
      }
    }
    if (changed && isTableUsed) {
      buildTable();
    }
  }

  private void clear() {
    size = 0;
    if (isTableUsed) {
      isTableUsed = false;
      if (table.length > KEPT_CAPACITY) {
        table = new int[0];
        offsets = new long[2 * SCAN_LIMIT];
        values = new long[2 * SCAN_LIMIT];
        older = new int[2 * SCAN_LIMIT];
        superseded = new boolean[2 * SCAN_LIMIT];
      }
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

  private void buildTable() {
    if (table.length < 4 * size) {
      table = new int[Integer.highestOneBit(8 * size)];
    } else {
      Arrays.fill(table, 0);
    }
    isTableUsed = true;
    for (int i = 0; i < size; i++) {
      table[slot(offsets[i])] = i + 1;
    }
  }

  private void index(int entry) {
    if (table.length < 2 * size) {
      buildTable();
    } else {
      table[slot(offsets[entry])] = entry + 1;
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
