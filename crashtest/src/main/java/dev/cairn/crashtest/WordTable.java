package dev.cairn.crashtest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The words of a medium: of each, the value known durable and every value since. Also how a medium
 * that is lent out gets back to the base that it had before.
 */
final class WordTable {
  /*
   * I1  For each word, the newest value is the last of its pending ones, or the durable value if
   *     none is pending. It is what the segment held when the last store to it was reported.
   * I2  A pending word has at least one pending value; values of a word differ from their
   *     predecessors, the first from the durable value.
   * I3  Sequence numbers rise with each new value over the whole medium and are never reused, so
   *     that a note of a flush cannot cover a value that was stored after it.
   * I4  durableHash is the exclusive or of hash(word, value) over all durable words.
   * I5  On a lent medium, each word that differs from the base in any way is in the touched list,
   *     with the base's value.
   */
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment segment;
  private final boolean lent;

  // Per word, of which there are durable.length.
  private long[] durable;
  private @Nullable PendingWord[] histories;
  private final List<PendingWord> pending = new ArrayList<>();
  private final ArrayDeque<PendingWord> spare = new ArrayDeque<>();
  private long sequence;
  private long changes;
  private long durableHash;

  // What a follower has not copied yet: words whose durable value changed. Null without follower.
  private @Nullable WordSet changedDurable;

  // Lent media only: how to get back to the base.
  private final WordSet touched = new WordSet();
  private long[] touchedBase = new long[64];

  WordTable(MemorySegment segment, int words, boolean lent) {
    this.segment = segment;
    this.lent = lent;
    durable = new long[words];
    histories = new PendingWord[words];
  }

  static int word(long offset) {
    return Math.toIntExact(offset / Long.BYTES);
  }

  static long offset(int word) {
    return (long) word * Long.BYTES;
  }

  int count() {
    return durable.length;
  }

  /** Makes room for more words, all zero. */
  void extend(int words) {
    durable = Arrays.copyOf(durable, words);
    histories = Arrays.copyOf(histories, words);
  }

  // Time: a number that rises with every new value, and one that rises with every change.

  long sequence() {
    return sequence;
  }

  long nextSequence() {
    return ++sequence;
  }

  /** Returns a number that changes with the set of possible images. */
  long changes() {
    return changes;
  }

  void changed() {
    changes++;
  }

  // Values.

  long durable(int word) {
    return durable[word];
  }

  long durableHash() {
    return durableHash;
  }

  /** Returns a copy of the durable values of the first words. */
  long[] durableWords(int words) {
    return Arrays.copyOf(durable, words);
  }

  long newest(int word) {
    PendingWord history = histories[word];
    return history == null ? durable[word] : history.newest();
  }

  int pendingCount() {
    return pending.size();
  }

  PendingWord pending(int i) {
    return pending.get(i);
  }

  /** Returns the pending words by rising offset. */
  List<PendingWord> sortedPending() {
    List<PendingWord> sorted = new ArrayList<>(pending);
    sorted.sort(Comparator.comparingInt(p -> p.word));
    return sorted;
  }

  /**
   * Takes note of a word's value in the segment; says whether it is new.
   *
   * @param storer the thread that stored it, or {@link PendingWord#NOBODY}
   * @param place the code that did, if that is noted
   */
  boolean observe(int word, long storer, @Nullable CodePlace place) {
    long value = segment.get(WORD, offset(word));
    PendingWord history = histories[word];
    if (value == (history == null ? durable[word] : history.newest())) {
      if (history != null) {
        history.claim(storer, place);
      }
      return false;
    }
    if (lent) {
      touch(word);
    }
    if (history == null) {
      history = take(word);
    }
    history.add(value, ++sequence, storer, place);
    changes++;
    return true;
  }

  /** Returns where a pending word's newest value was stored, or null if that is not known. */
  @Nullable CodePlace place(int word) {
    PendingWord history = histories[word];
    return history == null ? null : history.newestPlace();
  }

  /** Says that a durable record stands for what a thread has stored to a range of words. */
  void vouch(int fromWord, int toWord, long storer) {
    for (int word = fromWord; word < toWord; word++) {
      PendingWord history = histories[word];
      if (history != null) {
        history.vouch(storer);
      }
    }
  }

  /** Forgets that a thread, or anybody, stored what words hold now: nobody relies on it. */
  void discard(int fromWord, int toWord, LongPredicate storers) {
    if (toWord - fromWord > pending.size()) {
      for (PendingWord history : pending) {
        if (history.word >= fromWord && history.word < toWord) {
          history.discard(storers);
        }
      }
      return;
    }
    for (int word = fromWord; word < toWord; word++) {
      PendingWord history = histories[word];
      if (history != null) {
        history.discard(storers);
      }
    }
  }

  /** Makes durable what words held when {@code upTo} was the newest sequence number. */
  void settle(int fromWord, int toWord, long upTo) {
    for (int word = fromWord; word < toWord; word++) {
      PendingWord history = histories[word];
      if (history != null) {
        settle(history, upTo);
      }
    }
  }

  void settle(PendingWord history, long upTo) {
    int k = history.countUpTo(upTo);
    if (k == 0) {
      return;
    }
    setDurable(history.word, history.value(k - 1));
    history.drop(k);
    if (history.count() == 0) {
      release(history);
    }
    changes++;
  }

  /** Returns the first word that was changed without being observed, or -1. */
  int unobserved() {
    for (int word = 0; word < durable.length; word++) {
      if (segment.get(WORD, offset(word)) != newest(word)) {
        return word;
      }
    }
    return -1;
  }

  // Bases, and those who follow them.

  /** Sets a word to a value that is durable. */
  void setBase(int word, long value) {
    setDurable(word, value);
    segment.set(WORD, offset(word), value);
  }

  /** Notes what a word is to be set back to. */
  void touch(int word) {
    if (touched.add(word)) {
      if (touched.size() > touchedBase.length) {
        touchedBase = Arrays.copyOf(touchedBase, 2 * touchedBase.length);
      }
      touchedBase[touched.size() - 1] = durable[word];
    }
  }

  /** Forgets everything since the base, and restores that. */
  void restoreBase() {
    for (int i = pending.size() - 1; i >= 0; i--) {
      release(pending.get(i));
    }
    for (int i = 0; i < touched.size(); i++) {
      setBase(touched.get(i), touchedBase[i]);
    }
    touched.clear();
  }

  boolean isAtBase() {
    return touched.size() == 0 && pending.isEmpty();
  }

  /** Collects from now on what {@link #changedDurable} returns. */
  void startCollecting() {
    changedDurable = new WordSet();
  }

  @Nullable WordSet changedDurable() {
    return changedDurable;
  }

  private void setDurable(int word, long value) {
    durableHash ^= ImageSpace.hash(word, durable[word]) ^ ImageSpace.hash(word, value);
    durable[word] = value;
    if (changedDurable != null) {
      changedDurable.add(word);
    }
  }

  private PendingWord take(int word) {
    PendingWord history = spare.isEmpty() ? new PendingWord() : spare.pop();
    history.word = word;
    history.position = pending.size();
    pending.add(history);
    histories[word] = history;
    return history;
  }

  private void release(PendingWord history) {
    PendingWord last = pending.removeLast();
    if (last != history) {
      pending.set(history.position, last);
      last.position = history.position;
    }
    histories[history.word] = null;
    history.drop(history.count());
    spare.push(history);
  }
}
