package dev.cairn.crashtest;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A word with values that are not known durable: all it had since, oldest first. */
final class PendingWord {
  /** Offset divided by 8. */
  int word;

  /** Where the medium's list of pending words holds this one. */
  int position;

  private int count;
  private long[] values = new long[2];
  private long[] sequences = new long[2];

  /** Where the newest value was stored, if that is recorded. */
  @Nullable StorePlace place;

  void add(long value, long sequence) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
      sequences = Arrays.copyOf(sequences, 2 * count);
    }
    values[count] = value;
    sequences[count] = sequence;
    count++;
  }

  /** Returns how many values there are after the durable one. */
  int count() {
    return count;
  }

  long value(int i) {
    return values[i];
  }

  /** Returns when value {@code i} was stored, as a number that rises with every store. */
  long sequence(int i) {
    return sequences[i];
  }

  long newest() {
    return values[count - 1];
  }

  /** Returns how many values had been stored by then. */
  int countUpTo(long sequence) {
    int k = 0;
    while (k < count && sequences[k] <= sequence) {
      k++;
    }
    return k;
  }

  /** Forgets the {@code k} oldest values. */
  void drop(int k) {
    System.arraycopy(values, k, values, 0, count - k);
    System.arraycopy(sequences, k, sequences, 0, count - k);
    count -= k;
  }
}
