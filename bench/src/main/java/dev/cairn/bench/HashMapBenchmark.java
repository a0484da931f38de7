package dev.cairn.bench;

import dev.cairn.collections.Types;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
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
 * What do single operations on a map of 1 million entries cost, 8-byte key to 100-byte value,
 * durable when they return?
 *
 * <p>The heap lies on {@code /dev/shm} where there is one: the CPU really executes {@code clwb} and
 * {@code sfence}. The neighbour is {@link ConcurrentHashMap} in DRAM, which keeps nothing.
 *
 * <p>What an iteration of put-new adds is removed before the next one, and what remove takes away
 * is put back, unmeasured. So these two run a fixed number of operations for each iteration.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HashMapBenchmark {
  private static final int ENTRIES = 1_000_000;
  private static final int VALUE_SIZE = 100;

  /** How many operations an iteration has, where it must be a fixed number. */
  private static final int BATCH = 500_000;

  /** Which map. */
  @Param({"cairn", "ConcurrentHashMap"})
  public String map = "cairn";

  private ConcurrentMap<Long, byte[]> entries = new ConcurrentHashMap<>();
  private final BenchmarkHeap heap = new BenchmarkHeap();

  /** What a thread keeps to itself. */
  @State(Scope.Thread)
  public static class Keys {
    private final SplittableRandom random = new SplittableRandom(42);
    private final byte[] value = new byte[VALUE_SIZE];

    Long next() {
      return spread(random.nextLong(ENTRIES));
    }
  }

  /** Keys that do not come in the order of their use. */
  private static long spread(long i) {
    return i * 0x9E3779B97F4A7C15L;
  }

  /**
   * Makes the map and fills it.
   *
   * @throws IOException if there is no room for the heap
   */
  @Setup(Level.Trial)
  public void fill() throws IOException {
    if (map.equals("cairn")) {
      entries = heap.create().map("entries", Types.LONG, Types.BYTES);
    }
    byte[] value = new byte[VALUE_SIZE];
    for (long i = 0; i < ENTRIES; i++) {
      entries.put(spread(i), value);
    }
  }

  /** Makes the map what it was, whichever benchmark changed it. */
  @Setup(Level.Iteration)
  public void restore() {
    byte[] value = new byte[VALUE_SIZE];
    for (long i = 0; i < BATCH; i++) {
      entries.remove(spread(ENTRIES + i));
      entries.putIfAbsent(spread(i), value);
    }
  }

  /**
   * Closes and deletes the heap.
   *
   * @throws IOException if it cannot be deleted
   */
  @TearDown(Level.Trial)
  public void drop() throws IOException {
    heap.close();
  }

  /**
   * Adds keys.
   *
   * @param keys the thread's own
   */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OperationsPerInvocation(BATCH)
  public void putNew(Keys keys) {
    for (long i = 0; i < BATCH; i++) {
      entries.put(spread(ENTRIES + i), keys.value);
    }
  }

  /**
   * Gives a key another value.
   *
   * @param keys the thread's own
   * @return the old value
   */
  @Benchmark
  public @Nullable Object replace(Keys keys) {
    return entries.put(keys.next(), keys.value);
  }

  /**
   * Reads a value.
   *
   * @param keys the thread's own
   * @return the value
   */
  @Benchmark
  public @Nullable Object get(Keys keys) {
    return entries.get(keys.next());
  }

  /** Removes keys. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OperationsPerInvocation(BATCH)
  public void remove() {
    for (long i = 0; i < BATCH; i++) {
      entries.remove(spread(i));
    }
  }
}
