package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WordsTest {

  @Test
  void cutsAtEverythingThatIsNeitherLetterNorDigit() {
    assertEquals(
        Map.of("hashmap", 1, "get", 1, "key", 2, "x86", 1),
        Words.count("HashMap.get(key)\n\tkey_x86!").counts());
  }

  @Test
  void countsRepetitions() {
    WordCounts counts = Words.count("a cairn is a heap; a Cairn is stones");
    assertEquals(Map.of("cairn", 2, "is", 2, "heap", 1, "stones", 1), counts.counts());
    assertEquals(6, counts.words());
    assertEquals(4, counts.distinctWords());
  }

  @Test
  void leavesOutWordsThatAreTooShortOrTooLong() {
    String longest = "x".repeat(Words.LONGEST);
    assertEquals(
        Map.of(longest, 1, "ab", 1), Words.count(longest + " y ab " + longest + "x").counts());
  }

  @Test
  void knowsLettersBeyondAsciiAndBeyondSixteenBits() {
    // U+10400 is an upper-case letter of two chars; its lower-case one is U+10428.
    assertEquals(
        Map.of("größe", 1, "\ud801\udc28\ud801\udc28", 1),
        Words.count("GRÖßE \ud801\udc00\ud801\udc28 \ud801\udc00").counts());
  }

  @Test
  void doesNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("tr"));
    try {
      assertEquals(Map.of("title", 1), Words.count("TITLE").counts());
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void findsNothingInNothing() {
    assertEquals(new WordCounts(0, new HashMap<>(Map.of())), Words.count(""));
    assertEquals(new WordCounts(0, new HashMap<>(Map.of())), Words.count(" .,;\n"));
  }
}
