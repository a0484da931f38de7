package dev.cairn.bench;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does it take to open a heap, and read a first value, after its process was killed, and
 * does it matter how much is in it?
 *
 * <p>Another process fills a map, goes on replacing values, and is killed with SIGKILL while it
 * does. Each measurement is the first open of that heap in a new JVM: with the classes of Cairn,
 * and what Java generates for native calls, still to be loaded; or loaded before, by the use of
 * another heap.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(5)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class ReopenBenchmark {
  private static final int VALUE_SIZE = 100;
  private static final String FILLED = "filled";
  private static final HeapOptions OPTIONS = HeapOptions.defaults();

  /** How many entries the map has. */
  @Param({"10000", "10000000"})
  public int entries;

  /** Whether another heap was used in this JVM before. */
  @Param({"false", "true"})
  public boolean classesLoaded;

  private final BenchmarkHeap place = new BenchmarkHeap();
  private @Nullable PersistentHeap heap;

  /**
   * Has another process fill the heap, and kills it.
   *
   * @throws IOException if that does not work
   * @throws InterruptedException if told to stop
   */
  @Setup(Level.Trial)
  public void fillAndKill() throws IOException, InterruptedException {
    Path file = place.reserve();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Filler.class.getName(),
                file.toString(),
                Integer.toString(entries))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      if (!FILLED.equals(out.readLine())) {
        throw new IOException("the filling process ended early");
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    if (classesLoaded) {
      try (BenchmarkHeap other = new BenchmarkHeap()) {
        other.create().map("entries", Types.LONG, Types.BYTES).put(1L, new byte[VALUE_SIZE]);
      }
    }
  }

  /**
   * Opens the heap and reads a value.
   *
   * @return the value
   * @throws IOException if it cannot be opened
   */
  @Benchmark
  public byte @Nullable [] openAndGet() throws IOException {
    heap = PersistentHeap.open(place.file(), OPTIONS);
    PersistentHashMap<Long, byte[]> map = heap.map("entries", Types.LONG, Types.BYTES);
    return map.get(entries / 2L);
  }

  /**
   * Closes and deletes the heap.
   *
   * @throws IOException if it cannot be deleted
   */
  @TearDown(Level.Trial)
  public void drop() throws IOException {
    if (heap != null) {
      heap.close();
    }
    Files.deleteIfExists(place.file());
    place.close();
  }

  /** The process that is killed. */
  static final class Filler {
    private Filler() {}

    /**
     * Fills a map, says so, and goes on until it is killed.
     *
     * @param args the heap's path; how many entries
     * @throws IOException if the heap cannot be created
     */
    public static void main(String[] args) throws IOException {
      int count = Integer.parseInt(args[1]);
      PersistentHeap heap = PersistentHeap.create(Path.of(args[0]), OPTIONS);
      PersistentHashMap<Long, byte[]> map = heap.map("entries", Types.LONG, Types.BYTES);
      byte[] value = new byte[VALUE_SIZE];
      for (long key = 0; key < count; key++) {
        map.put(key, value);
      }
      System.out.println(FILLED);
      for (long key = 0; ; key = (key + 1) % count) {
        map.put(key, value);
      }
    }
  }
}
