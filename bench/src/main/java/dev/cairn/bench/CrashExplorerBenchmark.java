package dev.cairn.bench;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.Recorder;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many crash images does one core build, recover, verify and compare in a second?
 *
 * <p>The heap has 2 MiB and one map, in which two entries are put, one replaced, one removed, and
 * two more put in a transaction. A check opens the heap, lets it verify itself, and reads the map.
 * One call explores the whole story; the column {@code images} is what counts.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class CrashExplorerBenchmark {
  private static final int SIZE = 2 << 20;

  /** How many images a second, of crashes of the operations and of crashes of their recovery. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Visited {
    /** Images, counted once each. */
    public long images;
  }

  /**
   * All images where there are at most 1,024, else a sample; no crashes of recovery.
   *
   * @param visited counts
   */
  @Benchmark
  public void operations(Visited visited) {
    explore(CrashExplorer.onMedium(SIZE).withExhaustiveLimit(1024).withNestedDepth(0), visited);
  }

  /**
   * The same, and each recovery crashes too.
   *
   * @param visited counts
   */
  @Benchmark
  public void operationsAndRecovery(Visited visited) {
    explore(CrashExplorer.onMedium(SIZE).withExhaustiveLimit(1024), visited);
  }

  private static void explore(CrashExplorer explorer, Visited visited) {
    ExplorationReport report =
        explorer.explore(CrashExplorerBenchmark::work, CrashExplorerBenchmark::check);
    visited.images += report.imagesDistinct() + report.nestedImages();
  }

  private static PersistentHashMap<Long, String> map(PersistentHeap heap) {
    return heap.map("map", Types.LONG, Types.STRING);
  }

  private static void work(SimulatedMedium medium, Recorder recorder) {
    PersistentHeap heap = PersistentHeap.create(medium, HeapOptions.defaults());
    PersistentHashMap<Long, String> map = map(heap);
    map.put(1L, "one");
    recorder.start();
    map.put(2L, "two");
    recorder.acknowledge(Map.of(1L, "one", 2L, "two"));
    map.put(1L, "uno");
    recorder.acknowledge(Map.of(1L, "uno", 2L, "two"));
    map.remove(2L);
    recorder.acknowledge(Map.of(1L, "uno"));
    heap.transact(
        () -> {
          map.put(5L, "five");
          map.put(6L, "six");
        });
    recorder.acknowledge(Map.of(1L, "uno", 5L, "five", 6L, "six"));
  }

  private static void check(SimulatedMedium recovered, Progress progress) {
    PersistentHeap heap = PersistentHeap.open(recovered, HeapOptions.defaults());
    recovered.onEvent(EventHook.NONE);
    heap.verify();
    Map<Long, String> found = new HashMap<>(map(heap));
    if (found.isEmpty() || (progress.count() == 4 && found.size() != 3)) {
      throw new AssertionError(progress + " left " + found);
    }
  }
}
