package dev.cairn.crashtest;

import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** A word with values that are not known durable: all it had since, oldest first. */
final class PendingWord {
  /** Who stored a value that nobody relies on, or that was found without a report. */
  static final long NOBODY = 0;

  /** Offset divided by 8. */
  int word;

  /** Where the medium's list of pending words holds this one. */
  int position;

  private int count;
  private long[] values = new long[2];
  private long[] sequences = new long[2];
  private long[] storers = new long[2];
  private @Nullable CodePlace[] places = new CodePlace[2];

  void add(long value, long sequence, long storer, @Nullable CodePlace place) {
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
      sequences = Arrays.copyOf(sequences, 2 * count);
      storers = Arrays.copyOf(storers, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
    }
    values[count] = value;
    sequences[count] = sequence;
    storers[count] = storer;
    places[count] = place;
    count++;
  }

  /** Says who stored the newest value, if that is not known. */
  void claim(long storer, @Nullable CodePlace place) {
    if (storers[count - 1] == NOBODY) {
      storers[count - 1] = storer;
      places[count - 1] = place;
    }
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

  /**
   * Returns the id of the thread that stored value {@code i}, negative if a record {@linkplain
   * #vouch vouches} for it, or {@link #NOBODY}.
   */
  long storer(int i) {
    return storers[i];
  }

  /** Returns the code that stored the newest value, if that was noted. */
  @Nullable CodePlace newestPlace() {
    return places[count - 1];
  }

  /** Returns the code that stored value {@code i}, if that was noted. */
  @Nullable CodePlace place(int i) {
    return places[i];
  }

  /** Says that a durable record stands for what a thread has stored, until it is durable itself. */
  void vouch(long storer) {
    for (int i = 0; i < count; i++) {
      if (storers[i] == storer) {
        storers[i] = -storer;
      }
    }
  }

  /** Says that nobody relies on what some threads have stored. */
  void discard(LongPredicate byThem) {
    for (int i = 0; i < count; i++) {
      if (byThem.test(storers[i])) {
        discard(i);
      }
    }
  }

  /** Says that nobody relies on value {@code i}. */
  void discard(int i) {
    storers[i] = NOBODY;
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
    System.arraycopy(storers, k, storers, 0, count - k);
    System.arraycopy(places, k, places, 0, count - k);
    Arrays.fill(places, count - k, count, null);
    count -= k;
  }
}
