package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Runs the example of the README, and holds the README to it. */
class ReadmeExampleTest {

  // @start region="example"
  static final long BALANCE = 0; // two words that must always add up to 30
  static final long SAVINGS = 64;
  static final long OLD_BALANCE = 128; // the undo log: old values, and a word that makes them count
  static final long OLD_SAVINGS = 136;
  static final long LOG_VALID = 192;

  static void transfer(SimulatedMedium medium, long amount) {
    medium.putLong(OLD_BALANCE, medium.getLong(BALANCE));
    medium.putLong(OLD_SAVINGS, medium.getLong(SAVINGS));
    persist(medium, OLD_BALANCE, 16); // delete this line, and the test fails
    persistLong(medium, LOG_VALID, 1);
    medium.putLong(BALANCE, medium.getLong(BALANCE) - amount);
    medium.putLong(SAVINGS, medium.getLong(SAVINGS) + amount);
    persist(medium, BALANCE, SAVINGS + 8 - BALANCE);
    persistLong(medium, LOG_VALID, 0);
  }

  static void recover(SimulatedMedium medium) {
    if (medium.getLong(LOG_VALID) == 1) {
      medium.putLong(BALANCE, medium.getLong(OLD_BALANCE));
      medium.putLong(SAVINGS, medium.getLong(OLD_SAVINGS));
      persist(medium, BALANCE, SAVINGS + 8 - BALANCE);
      persistLong(medium, LOG_VALID, 0);
    }
  }

  @Test
  void transfersSurviveCrashes() {
    // @start region="explore"
    CrashExplorer.onMedium(4096)
        .explore(
            (medium, recorder) -> {
              persistLong(medium, BALANCE, 30);
              recorder.start(); // the account exists: explore from here
              for (long amount = 1; amount <= 3; amount++) {
                transfer(medium, amount);
                recorder.acknowledge(amount);
              }
            },
            (medium, progress) -> {
              recover(medium);
              long done = progress.count(); // 1 + 2 + ... + done have been moved, or one more
              long savings = medium.getLong(SAVINGS);
              assertEquals(30, medium.getLong(BALANCE) + savings);
              assertTrue(
                  savings == done * (done + 1) / 2 || savings == (done + 1) * (done + 2) / 2,
                  () -> "savings " + savings + " after " + done + " transfers");
            });
    // @end region="explore"
  }

  static void persistLong(SimulatedMedium medium, long offset, long value) {
    medium.putLong(offset, value);
    persist(medium, offset, 8);
  }

  static void persist(SimulatedMedium medium, long offset, long length) {
    medium.flush(offset, length);
    medium.fence();
  }

  // @end region="example"

  @Test
  void theReadmeShowsThisExample() throws IOException {
    Path source = Path.of("src/test/java/dev/cairn/crashtest/ReadmeExampleTest.java");
    String code =
        between(
            Files.readString(source), "@start region=\"example\"\n", "@end region=\"example\"\n");
    String shown = between(Files.readString(Path.of("README.md")), "```java\n", "```\n");

    assertEquals(withoutMarks(code).stripTrailing().stripIndent(), shown.strip());
  }

  private static String withoutMarks(String code) {
    return code.lines()
        .filter(line -> !line.strip().startsWith("// @") && !line.strip().equals("//"))
        .collect(Collectors.joining("\n"));
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertTrue(from >= 0, begin);
    int to = text.indexOf(end, from + begin.length());
    assertTrue(to >= 0, end);
    return text.substring(from + begin.length(), to);
  }
}
