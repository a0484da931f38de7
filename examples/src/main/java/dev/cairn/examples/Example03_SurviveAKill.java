package dev.cairn.examples;

import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process is killed while it appends to a list; what it had appended is in the list. */
public final class Example03_SurviveAKill {
  private static final int ENOUGH = 1000;

  private Example03_SurviveAKill() {}

  /** Runs the example; the argument is a path where nothing is yet. */
  public static void main(String[] args) throws Exception {
    if (args.length == 2) {
      appendUntilKilled(Path.of(args[0]));
      return;
    }
    Path path = Path.of(args[0]);
    long acknowledged = startAndKill(path);
    try (PersistentHeap heap = PersistentHeap.open(path)) {
      heap.verify();
      List<Long> numbers = heap.list("numbers", Types.LONG);
      if (numbers.size() <= acknowledged) {
        throw new AssertionError(acknowledged + " was acknowledged, but is not in the list");
      }
      System.out.println("Last number that was acknowledged: " + acknowledged);
      System.out.println("Last number in the list:           " + numbers.getLast());
    }
  }

  /** Runs this class in another process, kills it, and returns the last number that it said. */
  private static long startAndKill(Path path) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Example03_SurviveAKill.class.getName(),
                path.toString(),
                "append")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long acknowledged = -1;
    try (BufferedReader said = process.inputReader()) {
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        acknowledged = Long.parseLong(line);
        if (acknowledged == ENOUGH) {
          process.toHandle().destroyForcibly(); // SIGKILL. What it had said can still be read.
        }
      }
    }
    process.waitFor();
    return acknowledged;
  }

  private static void appendUntilKilled(Path path) throws IOException {
    try (PersistentHeap heap = PersistentHeap.create(path)) {
      PersistentArrayList<Long> numbers = heap.list("numbers", Types.LONG);
      for (long i = 0; ; i++) {
        numbers.add(i);
        System.out.println(i); // Said after it is durable.
      }
    }
  }
}
