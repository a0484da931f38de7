package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;

/** The cache lines that a commit must flush, each once. Reused by one lane; hot path. */
final class LineSet {
  private static final int LINE_SHIFT = Integer.numberOfTrailingZeros(HeapLayout.LINE_SIZE);
  private static final int COUNT_BITS = 20;
  private static final long LARGEST_COUNT = (1L << COUNT_BITS) - 1;

  /** So many runs are sorted by insertion. */
  private static final int SMALL = 24;

  /** Runs of lines: {first line (44 bits) | line count (20 bits)}, so that they sort by place. */
  private long[] runs = new long[32];

  private int size;

  void add(long offset, long length) {
    assert length > 0 : length;
    long line = offset >>> LINE_SHIFT;
    long count = ((offset + length - 1) >>> LINE_SHIFT) - line + 1;
    while (count > LARGEST_COUNT) {
      addRun((line << COUNT_BITS) | LARGEST_COUNT);
      line += LARGEST_COUNT;
      count -= LARGEST_COUNT;
    }
    addRun((line << COUNT_BITS) | count);
  }

  private void addRun(long run) {
    if (size > 0 && runs[size - 1] == run) {
      return;
    }
    if (size == runs.length) {
      runs = Arrays.copyOf(runs, 2 * size);
    }
    runs[size++] = run;
  }

  int size() {
    return size;
  }

  /** Forgets what was added after the set had this size. */
  void truncate(int newSize) {
    assert newSize <= size : newSize;
    size = newSize;
  }

  /**
   * Adds the lines of another set. That may be changed meanwhile by its owner, who can be seen to
   * have done so afterwards: then what was added means nothing, and must be forgotten again.
   */
  void addAll(LineSet other) {
    long[] added = other.runs;
    int count = Math.min(other.size, added.length);
    if (size + count > runs.length) {
      runs = Arrays.copyOf(runs, Math.max(2 * runs.length, size + count));
    }
    System.arraycopy(added, 0, runs, size, count);
    size += count;
  }

  /** Flushes every line once, in rising order, and forgets them. */
  void flush(MediumAccessor accessor) {
    sort();
    for (int i = 0; i < size; ) {
      long first = runs[i] >>> COUNT_BITS;
      long end = first;
      for (; i < size && runs[i] >>> COUNT_BITS <= end; i++) {
        end = Math.max(end, (runs[i] >>> COUNT_BITS) + (runs[i] & LARGEST_COUNT));
      }
      accessor.flush(first << LINE_SHIFT, (end - first) << LINE_SHIFT);
    }
    size = 0;
  }

  /** Sorts: a few runs, as most transactions have, without a call. */
  private void sort() {
    if (size > SMALL) {
      Arrays.sort(runs, 0, size);
      return;
    }
    for (int i = 1; i < size; i++) {
      long run = runs[i];
      int j = i;
      for (; j > 0 && runs[j - 1] > run; j--) {
        runs[j] = runs[j - 1];
      }
      runs[j] = run;
    }
  }
}
