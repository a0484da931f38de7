package dev.cairn.crashtest;

import java.util.Arrays;

/** What one thread flushed since its last fence: lines, and how new the stores are it covers. */
final class FlushNotes {
  final long threadId;
  private int count;
  private int[] lines = new int[16];
  private long[] sequences = new long[16];

  FlushNotes(long threadId) {
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

  void clear() {
    count = 0;
  }
}
