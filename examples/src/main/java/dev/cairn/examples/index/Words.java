package dev.cairn.examples.index;

import java.util.HashMap;
import java.util.Locale;

/**
 * Cuts text into words: runs of letters and digits, in lower case by the rules of {@link
 * Locale#ROOT}. Runs shorter than {@value #SHORTEST} or longer than {@value #LONGEST} characters
 * are left out, because single letters and encoded data are nothing to search for. Everything else
 * separates: {@code HashMap.get(key)} is "hashmap", "get" and "key".
 */
final class Words {
  static final int SHORTEST = 2;
  static final int LONGEST = 64;

  private Words() {}

  /** Counts the words of a text. */
  static WordCounts count(String text) {
    HashMap<String, Integer> counts = new HashMap<>();
    int words = 0;
    int at = 0;
    while (at < text.length()) {
      int end = endOfRun(text, at);
      if (end == at) {
        at += Character.charCount(text.codePointAt(at));
        continue;
      }
      int length = text.codePointCount(at, end);
      if (length >= SHORTEST && length <= LONGEST) {
        counts.merge(text.substring(at, end).toLowerCase(Locale.ROOT), 1, Integer::sum);
        words++;
      }
      at = end;
    }
    return new WordCounts(words, counts);
  }

  private static int endOfRun(String text, int from) {
    int end = from;
    while (end < text.length()) {
      int character = text.codePointAt(end);
      if (!Character.isLetterOrDigit(character)) {
        break;
      }
      end += Character.charCount(character);
    }
    return end;
  }
}
