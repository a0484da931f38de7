package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.RANGE;
import static dev.cairn.tx.spi.LogFormat.WORD;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;

/**
 * What a transaction has declared for its undo log: what waits for the next seal, and which words
 * are in the log already. Reused by one lane; hot path.
 */
final class Declarations {
  /** Not yet sealed: {kind | offset, operand} pairs. */
  private long[] entries = new long[32];

  private int size;

  /** Whether a word or a range waits that will be changed in place. */
  private boolean isPlaceDeclared;

  /** Words whose old value is in the log, or waits for it. */
  private final WordSet words = new WordSet();

  private int sealedWordsSize;

  boolean isEmpty() {
    return size == 0;
  }

  boolean isPlaceDeclared() {
    return isPlaceDeclared;
  }

  /** How many wait for the next seal. */
  int count() {
    return size / 2;
  }

  int wordCount() {
    return words.size();
  }

  /** Adds a change of allocation bits. */
  void addBits(int kind, long word, long mask) {
    add(kind, word, mask);
  }

  /**
   * Adds a word that will be changed in place.
   *
   * @return false if it was there
   */
  boolean addWord(long offset) {
    boolean isNew = words.add(offset);
    if (isNew) {
      add(WORD, offset, 0);
      isPlaceDeclared = true;
    }
    return isNew;
  }

  void addRange(long offset, long length) {
    add(RANGE, offset, length);
    isPlaceDeclared = true;
  }

  /** Adds the words of which a transaction has deferred new values, when there is a log. */
  void addDeferred(WriteSet deferred) {
    for (int i = 0; i < deferred.size(); i++) {
      if (deferred.isNewest(i) && words.add(deferred.offset(i))) {
        add(WORD, deferred.offset(i), 0);
      }
    }
  }

  private void add(int kind, long offset, long operand) {
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, 2 * size);
    }
    entries[size] = LogFormat.entry(kind, offset);
    entries[size + 1] = operand;
    size += 2;
  }

  /** Appends to the log what waits: old content, and changes of bits. */
  void appendTo(UndoLog log, MediumAccessor accessor) {
    for (int i = 0; i < size; i += 2) {
      int kind = LogFormat.kind(entries[i]);
      long offset = LogFormat.offset(entries[i]);
      switch (kind) {
        case WORD -> log.append(WORD, offset, accessor.getWord(offset));
        case RANGE -> log.appendRange(offset, entries[i + 1]);
        default -> log.append(kind, offset, entries[i + 1]);
      }
    }
  }

  /** Tells who observes the medium what may be changed from here on. */
  void announce(MediumAccessor accessor) {
    for (int i = 0; i < size; i += 2) {
      int kind = LogFormat.kind(entries[i]);
      if (kind == WORD || kind == RANGE) {
        long length = kind == WORD ? Long.BYTES : entries[i + 1];
        accessor.snapshotted(LogFormat.offset(entries[i]), length);
      }
    }
  }

  /** Says that all that waited is in the log, durably. */
  void sealed() {
    size = 0;
    isPlaceDeclared = false;
    sealedWordsSize = words.size();
  }

  /** Whether a word may be changed in place: it is in the log, or was never declared. */
  boolean isSealed(long offset) {
    if (size == 0 || !words.contains(offset)) {
      return true;
    }
    for (int i = 0; i < size; i += 2) {
      if (entries[i] == LogFormat.entry(WORD, offset)) {
        return false;
      }
    }
    return true;
  }

  /** Forgets what was declared after there were so many. */
  void truncate(int newCount, int newWordCount) {
    size = 2 * newCount;
    words.truncate(newWordCount);
  }

  /** Forgets what waits, but for so many; words that are in the log stay. */
  void drop(int keptCount, int keptWordCount) {
    truncate(keptCount, Math.max(sealedWordsSize, keptWordCount));
  }

  /** Forgets all, when the transaction has ended. */
  void clear() {
    truncate(0, 0);
    isPlaceDeclared = false;
    sealedWordsSize = 0;
  }
}
