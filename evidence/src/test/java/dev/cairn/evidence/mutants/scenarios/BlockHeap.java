package dev.cairn.evidence.mutants.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.Transactions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A heap that is a chain of blocks, each {next, size}: what is allocated is what can be reached
 * from the root.
 */
final class BlockHeap {
  static final long CHUNK = HeapLayout.CHUNK_SIZE;
  static final long ZONE = HeapLayout.ZONES_OFFSET;
  static final long ROOT = HeapLayout.ROOT_OFFSET;

  /** Blocks up to this size, in bytes, are filled. */
  private static final long SMALL = 1000;

  private static final byte FILLED = 0x5A;

  final MediumAccessor accessor;
  final Allocator allocator;
  final Transactions transactions;

  private BlockHeap(HeapFile file) {
    this.accessor = file.accessor();
    this.allocator = new Allocator(file);
    allocator.load(); // as PersistentHeap does: headers are right before recovery, too
    this.transactions = Transactions.open(file, allocator);
    if (transactions.recovered()) {
      allocator.load();
    }
  }

  static BlockHeap create(Medium medium) {
    return new BlockHeap(HeapFile.create(medium, TxHeap.OPTIONS));
  }

  static BlockHeap open(Medium medium) {
    return new BlockHeap(HeapFile.open(medium, TxHeap.OPTIONS));
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

  private static final class OnPurpose extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Runs a body that is then undone. */
  void abort(Consumer<Transaction> body) {
    try {
      transact(
          transaction -> {
            body.accept(transaction);
            throw new OnPurpose();
          });
    } catch (OnPurpose expected) {
      // Everything is undone.
    }
  }

  /** Puts a block at the head of the chain. */
  void push(Transaction transaction, long size) {
    boolean isSmall = size <= SMALL;
    long block =
        isSmall
            ? allocator.allocate(transaction, size)
            : allocator.allocateUnwritten(transaction, size);
    if (isSmall) {
      accessor.fill(block, size, FILLED);
    } else {
      transaction.fresh(block, 16);
    }
    accessor.putWord(block, accessor.getWord(ROOT));
    accessor.putWord(block + 8, size);
    transaction.declareWord(ROOT);
    transaction.seal();
    transaction.putWord(ROOT, block);
  }

  void pop(Transaction transaction) {
    long block = accessor.getWord(ROOT);
    long next = accessor.getWord(block);
    allocator.free(transaction, block);
    transaction.declareWord(ROOT);
    transaction.seal();
    transaction.putWord(ROOT, next);
  }

  static Consumer<BlockHeap> pushing(long... sizes) {
    return heap ->
        heap.transact(
            transaction -> {
              for (long size : sizes) {
                heap.push(transaction, size);
              }
            });
  }

  static Consumer<BlockHeap> popping(int count) {
    return heap ->
        heap.transact(
            transaction -> {
              for (int i = 0; i < count; i++) {
                heap.pop(transaction);
              }
            });
  }

  /** The sizes of the chain's blocks, after a check that they are all that is allocated. */
  List<Long> chain() {
    List<Long> sizes = new ArrayList<>();
    Set<Long> reached = new HashSet<>();
    for (long at = accessor.getWord(ROOT); at != 0; at = accessor.getWord(at)) {
      assertTrue(reached.add(at), "a block is reached twice");
      long size = accessor.getWord(at + 8);
      assertTrue(allocator.blockSize(at) >= size, "a block is too small");
      for (long i = 16; size <= SMALL && i < size; i++) {
        assertEquals(FILLED, accessor.getByte(at + i), "a block's content");
      }
      sizes.add(size);
    }
    assertEquals(reached, allocated(), "allocated and reachable differ");
    return sizes;
  }

  Set<Long> allocated() {
    Set<Long> allocated = new HashSet<>();
    allocator.forEachAllocated((block, size) -> allocated.add(block));
    return allocated;
  }
}
