package dev.cairn.bench;

import dev.cairn.bench.peer.Place;
import dev.cairn.bench.run.Scratch;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What can no software beat: how long do a store, {@code clwb} and {@code sfence} take, and a read
 * of a line that is in no cache?
 *
 * <p>Lines lie in a mapping of 1 GiB on tmpfs, whose pages are all there. The flush goes through
 * the medium of a heap, as Cairn's own flushes do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HardwareBenchmark {
  private static final long SIZE = 1L << 30;
  private static final int LINE = 64;
  private static final long LINES = SIZE / LINE;
  private static final int READS = 64;

  /** Odd and 1 modulo 4, so that a line's number modulo a power of two takes all values in turn. */
  private static final long MULTIPLIER = 6364136223846793005L;

  private static final long INCREMENT = 1442695040888963407L;

  /** A folder on tmpfs. */
  @Param("/dev/shm")
  public String memory = "/dev/shm";

  private @Nullable Scratch scratch;
  private @Nullable PersistentHeap heap;
  private @Nullable Medium medium;
  private @Nullable Arena arena;
  private MemorySegment lines = MemorySegment.NULL;
  private long line;
  private long position;
  private long flushed;

  /**
   * Makes a heap, for its medium, and a mapping.
   *
   * @throws IOException if there is no room
   */
  @Setup(Level.Trial)
  public void map() throws IOException {
    scratch = Scratch.in(Path.of(memory), Path.of(memory));
    Path folder = scratch.create(Place.MEMORY);
    List<Medium> media = new ArrayList<>();
    HeapOptions options =
        HeapOptions.defaults()
            .withMediumDecorator(
                chosen -> {
                  media.add(chosen);
                  return chosen;
                });
    heap = PersistentHeap.create(folder.resolve("bench.heap"), options);
    medium = media.getFirst();
    flushed = medium.size() - LINE; // nothing of the heap is there yet, and the heap is thrown away
    arena = Arena.ofShared();
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("bench.lines"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      lines = file.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, arena);
    }
    lines.fill((byte) 0);
  }

  /**
   * Deletes both.
   *
   * @throws IOException if that does not work
   */
  @TearDown(Level.Trial)
  public void unmap() throws IOException {
    Objects.requireNonNull(heap).close();
    Objects.requireNonNull(arena).close();
    Objects.requireNonNull(scratch).close();
  }

  private long nextLine() {
    line = line * MULTIPLIER + INCREMENT;
    return (line >>> 33) & (LINES - 1);
  }

  /** One store, clwb, sfence: the least that anything durable costs. */
  @Benchmark
  public void storeFlushFence() {
    Medium target = Objects.requireNonNull(medium);
    target.segment().set(ValueLayout.JAVA_LONG, flushed, line++);
    target.flush(flushed, Long.BYTES);
    target.fence();
  }

  /**
   * Reads lines, the next of which is known only when the one before is there.
   *
   * @return what the reads led to
   */
  @Benchmark
  @OperationsPerInvocation(READS)
  public long dependentRead() {
    long at = position;
    for (int i = 0; i < READS; i++) {
      long zero = lines.get(ValueLayout.JAVA_LONG, (at >>> 33 & (LINES - 1)) * LINE);
      at = at * MULTIPLIER + INCREMENT + zero;
    }
    position = at;
    return at;
  }

  /**
   * Reads lines, any number of which the CPU may fetch at once.
   *
   * @return their sum
   */
  @Benchmark
  @OperationsPerInvocation(READS)
  public long independentRead() {
    long sum = 0;
    for (int i = 0; i < READS; i++) {
      sum += lines.get(ValueLayout.JAVA_LONG, nextLine() * LINE);
    }
    return sum;
  }

  /**
   * Reads the clock: what is in each latency that is reported.
   *
   * @return the time
   */
  @Benchmark
  public long readClock() {
    return System.nanoTime();
  }
}
