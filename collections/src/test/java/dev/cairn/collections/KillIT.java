package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that uses a heap is killed, again and again; the next one goes on where it stopped. */
class KillIT {
  private static final int KILLS = 20;
  private static final HeapOptions OPTIONS =
      HeapOptions.defaults()
          .withInitialSize(2 * TestHeaps.MIB)
          .withMaximumSize(256 * TestHeaps.MIB);

  /**
   * Counts on: number n is put into the map and, with the list, summed up in one transaction. Says
   * each number when it is durable.
   */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws IOException {
      try (PersistentHeap heap = PersistentHeap.open(Path.of(arguments[0]), OPTIONS)) {
        PersistentHashMap<Long, String> map = heap.map("map", Types.LONG, Types.STRING);
        PersistentArrayList<Long> list = heap.list("list", Types.LONG);
        PersistentHashMap<String, Long> sums = heap.map("sums", Types.STRING, Types.LONG);
        for (long n = sums.getOrDefault("count", 0L); true; n++) {
          long number = n;
          map.put(number, text(number));
          System.out.println("put " + number);
          heap.transact(
              () -> {
                sums.merge("count", 1L, Long::sum);
                list.add(number);
                sums.merge("sum", number, Long::sum);
                if (number % 2 == 1) {
                  map.remove(number / 2);
                }
              });
          System.out.println("done " + number);
        }
      }
    }
  }

  static String text(long number) {
    return ("number " + number + ' ').repeat((int) (number % 10) + 1);
  }

  @Test
  @Timeout(120)
  void nothingAcknowledgedIsLostAndNoTransactionIsHalfThere(@TempDir Path directory)
      throws Exception {
    Path shm = Path.of("/dev/shm");
    Path own = Files.isWritable(shm) ? Files.createTempDirectory(shm, "cairn-kill") : directory;
    Path path = own.resolve("victim.heap");
    try {
      PersistentHeap.create(path, OPTIONS).close();
      Random random = new Random(TestHeaps.seed("KillIT"));
      for (int kill = 0; kill < KILLS; kill++) {
        killOne(path, 1 + random.nextInt(3000));
      }
    } finally {
      Files.deleteIfExists(path);
      if (!own.equals(directory)) {
        Files.delete(own);
      }
    }
  }

  /** Lets a victim live until it has said so many lines; looks at what it leaves. */
  private static void killOne(Path path, int lines) throws Exception {
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Victim.class.getName(),
                path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long put = -1;
    long done = -1;
    try (BufferedReader reader = victim.inputReader(StandardCharsets.UTF_8)) {
      int count = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        int space = line.indexOf(' ');
        if (space > 0 && line.startsWith("put ")) {
          put = Long.parseLong(line.substring(space + 1));
        } else if (space > 0 && line.startsWith("done ")) {
          done = Long.parseLong(line.substring(space + 1));
        }
        if (++count == lines) {
          // Not the process itself, which would drop what the victim had said meanwhile.
          victim.toHandle().destroyForcibly();
        }
      }
      assertTrue(count >= lines, "the victim ended by itself");
    } finally {
      victim.destroyForcibly().waitFor();
    }
    look(path, put, done);
  }

  private static void look(Path path, long put, long done) throws IOException {
    try (PersistentHeap heap = PersistentHeap.open(path, OPTIONS)) {
      heap.verify();
      PersistentHashMap<Long, String> map = heap.map("map", Types.LONG, Types.STRING);
      PersistentArrayList<Long> list = heap.list("list", Types.LONG);
      PersistentHashMap<String, Long> sums = heap.map("sums", Types.STRING, Types.LONG);
      long count = sums.getOrDefault("count", 0L);
      assertTrue(count == done + 1 || count == done + 2, count + " done, said " + done);
      assertEquals(count, list.size());
      assertEquals(count * (count - 1) / 2, sums.getOrDefault("sum", 0L));
      for (int i = 0; i < count; i++) {
        assertEquals(i, list.get(i));
      }
      assertTrue(put < 0 || text(put).equals(map.get(put)), "put " + put + " is lost");
      for (long n = 0; n < count; n++) {
        boolean removed = n <= (count - 2) / 2 && 2 * n + 1 < count;
        assertEquals(removed ? null : text(n), map.get(n), "number " + n + " of " + count);
      }
    }
  }
}
