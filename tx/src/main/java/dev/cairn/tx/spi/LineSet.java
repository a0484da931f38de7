package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;

/** The cache lines that a commit must flush, each once. Reused by one lane; hot path. */
final class LineSet {
  private static final int LINE_SHIFT = Integer.numberOfTrailingZeros(HeapLayout.LINE_SIZE);
  private static final int COUNT_BITS = 20;
  private static final long LARGEST_COUNT = (1L << COUNT_BITS) - 1;

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
    flushAndKeep(accessor);
    size = 0;
  }

  /** Flushes every line once, in rising order. */
  void flushAndKeep(MediumAccessor accessor) {
    Arrays.sort(runs, 0, size);
    long first = 0;
    long end = 0; // no run starts at line 0, which holds a superblock
    for (int i = 0; i < size; i++) {
      long line = runs[i] >>> COUNT_BITS;
      long lineEnd = line + (runs[i] & LARGEST_COUNT);
      if (line > end) {
        flushLines(accessor, first, end);
        first = line;
      }
      end = Math.max(end, lineEnd);
    }
    flushLines(accessor, first, end);
  }

  private static void flushLines(MediumAccessor accessor, long first, long end) {
    if (end > first) {
      accessor.flush(first << LINE_SHIFT, (end - first) << LINE_SHIFT);
    }
  }
}
