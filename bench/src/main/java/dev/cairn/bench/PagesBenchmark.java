package dev.cairn.bench;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.MediumAccessor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
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
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What do huge pages and prefault bring to random accesses all over a heap of more than 1 GiB?
 *
 * <p>A map of 8-byte keys to 100-byte values, filled with small pages and opened once more as the
 * parameter says. The neighbour is the hardware: a chain of random reads of 8 bytes over the first
 * GiB of a heap that is opened in the same way, each of which waits for the one before.
 *
 * <p>Prints how much is really mapped by huge pages, as the kernel tells, at first and in the end:
 * what was asked for may not be what there is.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PagesBenchmark {
  private static final int VALUE_SIZE = 100;

  private static HeapOptions options(String pages) {
    return HeapOptions.defaults()
        .withHugePages(pages.startsWith("huge"))
        .withPrefault(pages.endsWith("prefault"));
  }

  private static void print(String when, Path file) throws IOException {
    StringBuilder found = new StringBuilder();
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.endsWith(file.toString())) {
        inside = true;
      } else if (line.startsWith("VmFlags:")) {
        inside = false;
      } else if (inside && line.matches("(Rss|ShmemPmdMapped|FilePmdMapped):.*")) {
        found.append("; ").append(line.replaceAll(" +", " "));
      }
    }
    System.out.printf("%s: %s of %,d MiB%s%n", when, file, Files.size(file) >> 20, found);
  }

  /** A heap without content, read at random. */
  @State(Scope.Benchmark)
  public static class Chain {
    private static final long SIZE = 1L << 30;

    /** How the heap is opened. */
    @Param({"4 KiB", "4 KiB, prefault", "huge", "huge, prefault"})
    public String pages = "";

    private final BenchmarkHeap place = new BenchmarkHeap();
    private @Nullable HeapFile heap;
    private @Nullable MediumAccessor accessor;
    private long position;

    /**
     * Makes the heap.
     *
     * @throws IOException if there is no room for it
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
      Path file = place.reserve();
      HeapFile.create(file, options("4 KiB").withInitialSize(SIZE)).close();
      long start = System.nanoTime();
      HeapFile opened = HeapFile.open(file, options(pages));
      System.out.printf("open: %,d ms%n", (System.nanoTime() - start) / 1_000_000);
      heap = opened;
      accessor = opened.accessor();
      print("at first", file);
    }

    /**
     * Deletes the heap.
     *
     * @throws IOException if that fails
     */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
      print("in the end", place.file());
      if (heap != null) {
        heap.close();
      }
      place.close();
    }
  }

  /** A map that fills more than a GiB. */
  @State(Scope.Benchmark)
  public static class Filled {
    private static final long ENTRIES = 8_000_000;

    /** How the heap is opened. */
    @Param({"4 KiB", "4 KiB, prefault", "huge", "huge, prefault"})
    public String pages = "";

    private final BenchmarkHeap place = new BenchmarkHeap();
    private final SplittableRandom random = new SplittableRandom(42);
    private final byte[] value = new byte[VALUE_SIZE];
    private @Nullable PersistentHeap heap;
    private ConcurrentMap<Long, byte[]> entries = new ConcurrentHashMap<>();

    private Long next() {
      return spread(random.nextLong(ENTRIES));
    }

    private static long spread(long i) {
      return i * 0x9E3779B97F4A7C15L;
    }

    /**
     * Makes the map.
     *
     * @throws IOException if there is no room for it
     */
    @Setup(Level.Trial)
    public void fill() throws IOException {
      Path file = place.reserve();
      try (PersistentHeap filled = PersistentHeap.create(file, options("4 KiB"))) {
        ConcurrentMap<Long, byte[]> map = filled.map("entries", Types.LONG, Types.BYTES);
        for (long i = 0; i < ENTRIES; i++) {
          map.put(spread(i), value);
        }
      }
      long start = System.nanoTime();
      PersistentHeap opened = PersistentHeap.open(file, options(pages));
      System.out.printf("open: %,d ms%n", (System.nanoTime() - start) / 1_000_000);
      heap = opened;
      entries = opened.map("entries", Types.LONG, Types.BYTES);
      print("at first", file);
    }

    /**
     * Deletes the heap.
     *
     * @throws IOException if that fails
     */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
      print("in the end", place.file());
      if (heap != null) {
        heap.close();
      }
      place.close();
    }
  }

  /** A read that waits for the one before: what a random access costs at least. */
  @Benchmark
  public long dependentRead(Chain chain) {
    MediumAccessor accessor = Objects.requireNonNull(chain.accessor);
    long mixed = (chain.position + 1) * 0x9E3779B97F4A7C15L;
    long offset = (mixed ^ (mixed >>> 29)) & (Chain.SIZE - Long.BYTES);
    // What is read is zero but for a few words; the CPU does not know.
    chain.position = mixed + accessor.getWord(offset);
    return offset;
  }

  /** A lookup of a random key that is there, and a copy of its value. */
  @Benchmark
  public byte @Nullable [] get(Filled filled) {
    return filled.entries.get(filled.next());
  }

  /** A new value for a random key that is there, durable when it returns. */
  @Benchmark
  public byte @Nullable [] replace(Filled filled) {
    return filled.entries.put(filled.next(), filled.value);
  }
}
