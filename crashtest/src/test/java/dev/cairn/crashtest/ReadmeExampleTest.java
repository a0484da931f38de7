package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Runs the example of the README, and holds the README to it. */
class ReadmeExampleTest {

  // @start region="scenario"
  /** A counter and the log of who counted, each in a line of its own. */
  record Counter(SimulatedMedium medium) {
    static final long COUNT = 0;
    static final long LAST = 64;

    synchronized long add(long amount) {
      long count = medium.getLong(COUNT) + amount;
      medium.putLong(LAST, count);
      medium.flush(LAST, 8); // delete this line, and the test fails
      medium.fence();
      medium.putLong(COUNT, count); // the commit: recovery believes no other word
      medium.flush(COUNT, 8);
      medium.fence();
      return count;
    }

    static Counter recover(SimulatedMedium medium) {
      Counter counter = new Counter(medium);
      counter.verify();
      return counter;
    }

    void verify() {
      assertTrue(medium.getLong(LAST) >= medium.getLong(COUNT), "counted, and not in the log");
    }
  }

  @Test
  void countsSurviveCrashes() {
    ExplorationReport report =
        CrashExplorer.onMedium(4096)
            .explore(
                CrashScenario.of(Counter::new, Counter::recover)
                    .withState(counter -> counter.medium().getLong(Counter.COUNT))
                    .withVerify(Counter::verify)
                    .withWordNames(counter -> offset -> offset == 0 ? "count" : "last")
                    .prepare(Operation.call("add 5", counter -> counter.add(5)))
                    .thread(
                        Operation.call("add 1", counter -> counter.add(1)),
                        Operation.call("add 2", counter -> counter.add(2)))
                    .thread(Operation.call("add 10", counter -> counter.add(10))));
    System.out.println(report);
  }

  // @end region="scenario"

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
  void theReadmeShowsTheseExamples() throws IOException {
    Path source = Path.of("src/test/java/dev/cairn/crashtest/ReadmeExampleTest.java");
    String code = Files.readString(source);
    String readme = Files.readString(Path.of("README.md"));
    for (String region : List.of("scenario", "example")) {
      String shown = between(readme, "```java\n", "```\n");
      String run =
          between(
              code,
              "@start region=\"%s\"\n".formatted(region),
              "@end region=\"%s\"\n".formatted(region));
      assertEquals(withoutMarks(run).stripTrailing().stripIndent(), shown.strip());
      readme = readme.substring(readme.indexOf(shown) + shown.length() + 4);
    }
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
