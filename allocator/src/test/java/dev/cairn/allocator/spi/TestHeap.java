package dev.cairn.allocator.spi;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.heap.spi.MemoryMedium;
import dev.cairn.tx.TransactionAbortedException;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.Transactions;
import java.io.IOException;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/** An open heap with its allocator. */
final class TestHeap implements AutoCloseable {
  static final long CHUNK = HeapLayout.CHUNK_SIZE;
  static final long ZONE = HeapLayout.ZONES_OFFSET;
  static final long ROOT = HeapLayout.ROOT_OFFSET;

  final HeapFile file;
  final MediumAccessor accessor;
  final Allocator allocator;
  final Transactions transactions;

  private TestHeap(HeapFile file) {
    this.file = file;
    this.accessor = file.accessor();
    this.allocator = new Allocator(file);
    this.transactions = Transactions.open(file, allocator);
    allocator.load();
  }

  static TestHeap create(Medium medium) {
    return new TestHeap(HeapFile.create(medium, HeapOptions.defaults()));
  }

  static TestHeap open(Medium medium) {
    return new TestHeap(HeapFile.open(medium, HeapOptions.defaults()));
  }

  /** A new heap in memory whose zones have so many chunks, the table's chunk included. */
  static TestHeap inMemory(int chunks, int mostChunks) throws IOException {
    return create(MemoryMedium.anonymous(ZONE + chunks * CHUNK, ZONE + mostChunks * CHUNK));
  }

  static SimulatedMedium simulated(int chunks, int mostChunks) {
    return SimulatedMedium.create(ZONE + chunks * CHUNK, ZONE + mostChunks * CHUNK);
  }

  void transact(Consumer<Transaction> body) {
    Transaction transaction = transactions.enter();
    try {
      body.accept(transaction);
    } catch (Throwable t) {
      throw transaction.exitFailed(t);
    }
    transaction.exit();
  }

  /** Allocates a block. Where a sanitizer looks, writes it too, unless that would take long. */
  long allocate(Transaction transaction, long size) {
    if (!accessor.isObserved()) {
      return allocator.allocate(transaction, size);
    }
    if (size > CHUNK) {
      return allocator.allocateUnwritten(transaction, size);
    }
    long block = allocator.allocate(transaction, size);
    accessor.fill(block, size, (byte) 1);
    return block;
  }

  long allocate(long size) {
    long[] block = new long[1];
    transact(transaction -> block[0] = allocate(transaction, size));
    return block[0];
  }

  void free(long block) {
    transact(transaction -> allocator.free(transaction, block));
  }

  /** Runs a body that is then undone. */
  void abort(Consumer<Transaction> body) {
    try {
      transactions.transact(
          () -> {
            body.accept(Objects.requireNonNull(transactions.current()));
            throw new AbortedOnPurpose();
          });
    } catch (TransactionAbortedException e) {
      if (!(e.getCause() instanceof AbortedOnPurpose)) {
        throw e;
      }
    }
  }

  private static final class AbortedOnPurpose extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** The allocated blocks and their sizes, by rising offset. */
  NavigableMap<Long, Long> allocated() {
    NavigableMap<Long, Long> blocks = new TreeMap<>();
    allocator.forEachAllocated(blocks::put);
    return blocks;
  }

  @Override
  public void close() {
    file.close();
  }
}
