package dev.cairn.bench;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Place;
import dev.cairn.bench.peer.Store;
import dev.cairn.bench.run.Effort;
import dev.cairn.bench.run.Scratch;
import dev.cairn.bench.run.Session;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SplittableRandom;
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
 * Do JMH, and its profiler of allocation, say the same as the suite? One thread; replace, get, and
 * put-new with remove as one operation, so that the size stays the same.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MapBenchmark {
  /** Which peer. */
  @Param({"cairn", "concurrenthashmap"})
  public String peer = "cairn";

  /** What is stored. */
  @Param({"long-bytes", "string-record", "long-long"})
  public String workload = "long-bytes";

  /** How many entries. */
  @Param("1000000")
  public long entries;

  /** A folder on tmpfs. */
  @Param("/dev/shm")
  public String memory = "/dev/shm";

  private @Nullable Scratch scratch;
  private @Nullable Open<?, ?> open;

  /** A store and what is in it. */
  private record Open<K, V>(Store<K, V> store, Workload<K, V> workload, SplittableRandom random) {
    static <K, V> Open<K, V> filled(Peer peer, Workload<K, V> workload, Path folder, long entries)
        throws IOException {
      Store<K, V> store = peer.open(folder, workload, entries + 1);
      Session.fill(store, workload, Effort.FULL.with(entries, null));
      return new Open<>(store, workload, new SplittableRandom(1));
    }

    void replace(long entries) {
      long number = random.nextLong(entries);
      store.put(workload.key().apply(number), workload.value().apply(number));
    }

    @Nullable Object get(long entries) {
      return store.get(workload.key().apply(random.nextLong(entries)));
    }

    void putNewAndRemove(long entries) {
      K key = workload.key().apply(entries);
      store.put(key, workload.value().apply(entries));
      store.remove(key);
    }
  }

  /**
   * Fills a store.
   *
   * @throws IOException if there is no room
   */
  @Setup(Level.Trial)
  public void fill() throws IOException {
    scratch = Scratch.in(Path.of(memory), Path.of(memory));
    open =
        Open.filled(
            Peer.named(peer), Workload.named(workload), scratch.create(Place.MEMORY), entries);
  }

  /**
   * Deletes it.
   *
   * @throws IOException if that does not work
   */
  @TearDown(Level.Trial)
  public void drop() throws IOException {
    Objects.requireNonNull(open).store().close();
    Objects.requireNonNull(scratch).close();
  }

  /** Replaces the value of an entry. */
  @Benchmark
  public void replace() {
    Objects.requireNonNull(open).replace(entries);
  }

  /**
   * Reads a value.
   *
   * @return the value
   */
  @Benchmark
  public @Nullable Object get() {
    return Objects.requireNonNull(open).get(entries);
  }

  /** Adds an entry, always the same, and removes it. */
  @Benchmark
  public void putNewAndRemove() {
    Objects.requireNonNull(open).putNewAndRemove(entries);
  }
}
