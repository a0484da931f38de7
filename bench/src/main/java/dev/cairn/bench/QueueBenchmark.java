package dev.cairn.bench;

import dev.cairn.bench.peer.Place;
import dev.cairn.bench.run.Scratch;
import dev.cairn.collections.PersistentDeque;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentLog;
import dev.cairn.collections.Types;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
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
 * What keeping messages of 100 bytes costs: a queue, from which each is taken again, and a log, to
 * which they are added only. Beside Cairn's, what a Java user would write: a queue in DRAM, and a
 * file that is appended to and forced, whose positions are somebody else's business.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueBenchmark {
  private static final int MESSAGE = 100;

  /** So many messages stay in the log, or in the file; what is before them is dropped. */
  private static final long KEPT = 1 << 16;

  /** Where files go: on tmpfs, or on a disk. */
  @Param({"MEMORY", "DISK"})
  public Place place = Place.MEMORY;

  /** How many messages the queue holds. */
  @Param({"1000"})
  public int length;

  private final byte[] message = new byte[MESSAGE];
  private final Deque<byte[]> inMemory = new ConcurrentLinkedDeque<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE);
  private @Nullable Scratch scratch;
  private @Nullable PersistentHeap heap;
  private @Nullable PersistentDeque<byte[]> deque;
  private @Nullable PersistentDeque<Long> longs;
  private @Nullable PersistentLog<byte[]> log;
  private @Nullable FileChannel file;

  /**
   * Fills queues.
   *
   * @throws IOException if there is no room
   */
  @Setup(Level.Trial)
  public void fill() throws IOException {
    scratch = Scratch.in(Path.of("/dev/shm"), Path.of("/var/tmp"));
    Path folder = scratch.create(place);
    heap = PersistentHeap.create(folder.resolve("queue.heap"));
    deque = heap.deque("deque", Types.BYTES);
    longs = heap.deque("longs", Types.LONG);
    log = heap.log("log", Types.BYTES);
    for (long i = 0; i < length; i++) {
      deque.add(message);
      longs.add(i);
      inMemory.add(message);
    }
    file =
        FileChannel.open(
            folder.resolve("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /**
   * Deletes them.
   *
   * @throws IOException if that does not work
   */
  @TearDown(Level.Trial)
  public void drop() throws IOException {
    Objects.requireNonNull(heap).close();
    Objects.requireNonNull(file).close();
    Objects.requireNonNull(scratch).close();
  }

  /**
   * Adds a message to a persistent deque, and takes one: two durable operations.
   *
   * @return what was taken
   */
  @Benchmark
  public byte @Nullable [] dequeAddAndPoll() {
    PersistentDeque<byte[]> queue = Objects.requireNonNull(deque);
    queue.addLast(message);
    return queue.pollFirst();
  }

  /**
   * The same for longs, which lie in the deque itself.
   *
   * @return what was taken
   */
  @Benchmark
  public @Nullable Long dequeOfLongsAddAndPoll() {
    PersistentDeque<Long> queue = Objects.requireNonNull(longs);
    queue.addLast(1L);
    return queue.pollFirst();
  }

  /**
   * The same in DRAM: the ceiling.
   *
   * @return what was taken
   */
  @Benchmark
  public byte @Nullable [] concurrentLinkedDequeAddAndPoll() {
    inMemory.addLast(message.clone());
    return inMemory.pollFirst();
  }

  /** Appends a message to a persistent log. */
  @Benchmark
  public void logAppend() {
    PersistentLog<byte[]> appended = Objects.requireNonNull(log);
    long index = appended.append(message);
    if (index % KEPT == KEPT - 1) {
      appended.truncate(index);
    }
  }

  /**
   * Appends a message to a file, and forces it; without a checksum, or anything to find it by.
   *
   * @throws IOException if that does not work
   */
  @Benchmark
  public void fileAppend() throws IOException {
    FileChannel channel = Objects.requireNonNull(file);
    if (channel.position() > KEPT * MESSAGE) {
      channel.truncate(0);
    }
    buffer.clear();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    channel.force(false);
  }
}
