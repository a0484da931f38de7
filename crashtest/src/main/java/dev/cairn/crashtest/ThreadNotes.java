package dev.cairn.crashtest;

import java.util.Arrays;

/**
 * What one thread did: the lines it flushed since its last fence, and how new the stores are that
 * they cover; and what its transaction has declared fresh.
 */
final class ThreadNotes {
  final long threadId;

  /** What the words carry that this thread's transaction may overwrite; 0 if there is none. */
  int grant;

  private int count;
  private int[] lines = new int[16];
  private long[] sequences = new long[16];

  /** Ranges: {offset, length} pairs. */
  private long[] fresh = new long[16];

  private int freshSize;

  /** Ranges, as above: what a durable record stands for. */
  private long[] published = new long[16];

  private int publishedSize;

  ThreadNotes(long threadId) {
    this.threadId = threadId;
  }

  void add(int line, long sequence) {
    if (count == lines.length) {
      lines = Arrays.copyOf(lines, 2 * count);
      sequences = Arrays.copyOf(sequences, 2 * count);
    }
    lines[count] = line;
    sequences[count] = sequence;
    count++;
  }

  int count() {
    return count;
  }

  int line(int i) {
    return lines[i];
  }

  long sequence(int i) {
    return sequences[i];
  }

  /** Says whether this thread has flushed a line, with all that was stored to it by then. */
  boolean covers(int line, long stored) {
    for (int i = 0; i < count; i++) {
      if (lines[i] == line && sequences[i] >= stored) {
        return true;
      }
    }
    return false;
  }

  /** Forgets the flushes: they were fenced. */
  void clearFlushes() {
    count = 0;
  }

  void addPublished(long offset, long length) {
    if (publishedSize == published.length) {
      published = Arrays.copyOf(published, 2 * publishedSize);
    }
    published[publishedSize] = offset;
    published[publishedSize + 1] = length;
    publishedSize += 2;
  }

  int publishedCount() {
    return publishedSize / 2;
  }

  long publishedOffset(int i) {
    return published[2 * i];
  }

  long publishedLength(int i) {
    return published[2 * i + 1];
  }

  void addFresh(long offset, long length) {
    if (freshSize == fresh.length) {
      fresh = Arrays.copyOf(fresh, 2 * freshSize);
    }
    fresh[freshSize] = offset;
    fresh[freshSize + 1] = length;
    freshSize += 2;
  }

  int freshCount() {
    return freshSize / 2;
  }

  long freshOffset(int i) {
    return fresh[2 * i];
  }

  long freshLength(int i) {
    return fresh[2 * i + 1];
  }

  /** Removes the fresh range that begins at an offset; returns its length, 0 if there is none. */
  long removeFresh(long offset) {
    for (int i = freshCount() - 1; i >= 0; i--) {
      if (fresh[2 * i] == offset) {
        long length = fresh[2 * i + 1];
        freshSize -= 2;
        System.arraycopy(fresh, 2 * i + 2, fresh, 2 * i, freshSize - 2 * i);
        return length;
      }
    }
    return 0;
  }

  /** Forgets the transaction: it has ended. */
  void clearTransaction() {
    grant = 0;
    freshSize = 0;
    publishedSize = 0;
  }
}
