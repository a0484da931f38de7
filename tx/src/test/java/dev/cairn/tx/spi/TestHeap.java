package dev.cairn.tx.spi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import java.time.Duration;
import java.util.Objects;

/** A heap whose zones are nothing but words to change, and extents for long logs. */
final class TestHeap implements AutoCloseable {
  static final long SIZE = HeapOptions.MINIMUM_SIZE;
  static final HeapOptions OPTIONS = HeapOptions.defaults().withLockTimeout(Duration.ofSeconds(60));

  final HeapFile file;
  final TestSpace space = new TestSpace();
  final Transactions transactions;

  private TestHeap(HeapFile file) {
    this.file = file;
    this.transactions = Transactions.open(file, space);
  }

  static TestHeap create() {
    return create(SimulatedMedium.create(SIZE, SIZE));
  }

  static TestHeap create(Medium medium) {
    return new TestHeap(HeapFile.create(medium, OPTIONS));
  }

  static TestHeap create(Medium medium, Duration lockTimeout) {
    return new TestHeap(HeapFile.create(medium, OPTIONS.withLockTimeout(lockTimeout)));
  }

  static TestHeap open(Medium medium) {
    return new TestHeap(HeapFile.open(medium, OPTIONS));
  }

  /** A word on a line of its own. */
  static long word(int index) {
    return HeapLayout.ZONES_OFFSET + (long) index * HeapLayout.LINE_SIZE;
  }

  long get(int index) {
    return file.accessor().getWord(word(index));
  }

  /** Makes a word durable without a transaction. */
  void preset(int index, long value) {
    file.protocolAccessor().putWord(word(index), value);
    file.protocolAccessor().persist(word(index), Long.BYTES);
  }

  /** Changes words in the calling thread's transaction, as one snapshot group. */
  static void set(Transaction transaction, long value, int... indexes) {
    for (int index : indexes) {
      transaction.declareWord(word(index));
    }
    transaction.seal();
    for (int index : indexes) {
      transaction.putWord(word(index), value);
    }
  }

  /** The calling thread's transaction; there must be one. */
  Transaction current() {
    return Objects.requireNonNull(transactions.current());
  }

  static void assertMessage(String expected, Throwable thrown) {
    String message = String.valueOf(thrown.getMessage());
    assertTrue(message.contains(expected), message);
  }

  VersionedLock lock() {
    return new VersionedLock(file);
  }

  @Override
  public void close() {
    file.close();
  }
}
