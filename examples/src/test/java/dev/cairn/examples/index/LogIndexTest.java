package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The baseline must survive kills as well, or the comparison would be worth nothing. */
class LogIndexTest {
  private static final WordCounts WORDS =
      new WordCounts(3, new HashMap<>(Map.of("cairn", 2, "heap", 1)));

  @TempDir private Path folder;
  private Path path;

  @BeforeEach
  void writeTwoRecords() throws IOException {
    path = folder.resolve("log");
    try (LogIndex index = LogIndex.open(path, true)) {
      index.add("one", WORDS);
      index.add("two", WORDS);
    }
  }

  @Test
  void findsWhatWasAdded() throws IOException {
    try (LogIndex index = LogIndex.open(path, true)) {
      assertEquals(2, index.fileCount());
      assertEquals(4, index.total("cairn"));
      assertEquals(Map.of("one", 1, "two", 1), index.postings("heap"));
    }
  }

  @Test
  void endsBeforeARecordThatIsCutShortAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(path);
    for (int length = whole.length / 2; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      try (LogIndex index = LogIndex.open(path, true)) {
        assertTrue(index.contains("one"), "one, of " + length + " bytes");
        assertFalse(index.contains("two"), "two, of " + length + " bytes");
        index.add("two", WORDS);
      }
      assertEquals(whole.length, Files.size(path));
    }
  }

  @Test
  void endsBeforeARecordWithAWrongChecksum() throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    bytes[bytes.length - 1] ^= 1;
    Files.write(path, bytes);
    try (LogIndex index = LogIndex.open(path, true)) {
      assertEquals(1, index.fileCount());
    }
  }
}
