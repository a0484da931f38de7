package dev.cairn.crashtest;

import dev.cairn.crashtest.SanitizerFinding.Kind;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sanitizer's state for one medium: what may be stored to, and by whom. Guarded by the medium's
 * lock.
 *
 * <p>A transaction gets a number, its grant, with its first announcement. The words it may store to
 * carry it, until another transaction's announcement replaces it; when the transaction ends, no
 * thread has that number any more. So the end costs nothing, and a word is in the hands of one
 * transaction at most.
 */
final class MediumSanitizer {
  private final Sanitizer sanitizer;

  /** Whether anybody says what may be stored to: only then are stores checked against it. */
  private boolean announced;

  /** Per word, the grant of the transaction that may store to it. Empty until one is announced. */
  private int[] grants = new int[0];

  private int lastGrant;
  private @Nullable SanitizerError error;

  MediumSanitizer(Sanitizer sanitizer) {
    this.sanitizer = sanitizer;
  }

  Sanitizer policy() {
    return sanitizer;
  }

  boolean isOn() {
    return sanitizer.isOn();
  }

  /** Returns what was thrown, even if somebody caught it; or null. */
  @Nullable SanitizerError error() {
    return error;
  }

  /** Forgets what was thrown: the medium begins another life. */
  void clearError() {
    error = null;
  }

  boolean isAnnounced() {
    return announced;
  }

  /** Says that stores are announced, on this medium or on the one whose images it holds. */
  void announce() {
    announced = true;
  }

  /** Lets a thread's transaction store to words. */
  void grant(ThreadNotes notes, int firstWord, int lastWord, int wordCount) {
    announced = true;
    if (notes.grant == 0) {
      notes.grant = ++lastGrant;
    }
    if (grants.length < wordCount) {
      grants = Arrays.copyOf(grants, wordCount);
    }
    Arrays.fill(grants, firstWord, lastWord + 1, notes.grant);
  }

  /** Takes back what a thread's transaction was granted, except what another one has got since. */
  void revoke(ThreadNotes notes, int firstWord, int lastWord) {
    for (int word = firstWord; word <= lastWord; word++) {
      if (grants[word] == notes.grant) {
        grants[word] = 0;
      }
    }
  }

  /** Checks a store that must have been announced. */
  void checkStore(ThreadNotes storer, Iterable<ThreadNotes> threads, int firstWord, int lastWord) {
    if (!announced) {
      return;
    }
    for (int word = firstWord; word <= lastWord; word++) {
      if (storer.grant == 0 || !hasGrant(word, storer.grant)) {
        int end = word + 1;
        while (end <= lastWord && (storer.grant == 0 || !hasGrant(end, storer.grant))) {
          end++;
        }
        Kind kind = isHeld(word, threads) ? Kind.FOREIGN_STORE : Kind.UNDECLARED_STORE;
        report(kind, word, end);
        return;
      }
    }
  }

  private boolean hasGrant(int word, int grant) {
    return word < grants.length && grants[word] == grant;
  }

  private boolean isHeld(int word, Iterable<ThreadNotes> threads) {
    for (ThreadNotes notes : threads) {
      if (notes.grant != 0 && hasGrant(word, notes.grant)) {
        return true;
      }
    }
    return false;
  }

  /** Reports what the calling thread does just now to the words from one to before another. */
  void report(Kind kind, int word, int end) {
    report(kind, word, end, CodePlace.here().frames(), List.of());
  }

  /** Reports a store that the calling thread relies on just now. */
  void reportReliedOn(Kind kind, int word, int end, @Nullable CodePlace place) {
    List<StackTraceElement> stored = place == null ? List.of() : place.frames();
    report(kind, word, end, stored, CodePlace.here().frames());
  }

  private void report(
      Kind kind,
      int word,
      int end,
      List<StackTraceElement> place,
      List<StackTraceElement> reliedOn) {
    long offset = (long) word * Long.BYTES;
    long length = (long) (end - word) * Long.BYTES;
    if (!sanitizer.fails()) {
      sanitizer.collect(new SanitizerFinding(kind, offset, length, place, reliedOn, 1));
    } else if (error == null) {
      error = new SanitizerError(new SanitizerFinding(kind, offset, length, place, reliedOn, 1));
      throw error;
    }
  }
}
