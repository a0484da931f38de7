package dev.cairn.collections;

import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.heap.HeapCorruptedException;
import java.util.Arrays;

/**
 * The blocks that a walk met, to be compared with what is allocated: a block that is allocated and
 * not reached has leaked; one that is reached and not allocated is dangling; one that is reached
 * twice will be freed twice.
 */
final class ReachedBlocks implements BlockVisitor {
  private final OpenHeap heap;
  private long[] blocks = new long[1024];
  private long[] lengths = new long[1024];
  private int count;
  private long total;

  ReachedBlocks(OpenHeap heap) {
    this.heap = heap;
  }

  /**
   * Remembers a block.
   *
   * @throws HeapCorruptedException if blocks have been visited that are larger together than the
   *     heap: a bound for walks in circles, and for what they take of memory
   */
  @Override
  public void visit(long block, long length) {
    if (length > heap.accessor().size() - total) {
      throw new HeapCorruptedException(
          "block", block, "blocks that fit into the heap together", "one that is met again");
    }
    total += length;
    if (count == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    blocks[count] = block;
    lengths[count] = length;
    count++;
  }

  /** Finds what is dangling, reached twice, or longer than its block. */
  void checkAllocated(Findings findings) {
    distinct(findings);
    for (int i = 0; i < count; i++) {
      long block = blocks[i];
      long length = lengths[i];
      findings.check(
          "heap",
          "block",
          block,
          () -> {
            check(heap.allocator().place(block).block() == block, block, "allocated", "free");
            checkLength(block, length);
          });
    }
  }

  /** Finds what is reached twice; returns all blocks, once each, in rising order. */
  private long[] distinct(Findings findings) {
    long[] sorted = Arrays.copyOf(blocks, count);
    Arrays.sort(sorted);
    int distinct = 0;
    for (int i = 0; i < count; i++) {
      if (i > 0 && sorted[i] == sorted[i - 1]) {
        findings.add("block", sorted[i], "one way to it", "two");
      } else {
        sorted[distinct++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, distinct);
  }

  /** Finds all that {@link #checkAllocated} does, and leaks; the walk must have been complete. */
  void compareWithAllocated(Findings findings) {
    long[] sorted = distinct(findings);
    Position position = new Position();
    heap.allocator()
        .forEachAllocated(
            (block, size) -> {
              while (position.isBefore(sorted, block)) {
                findings.add("block", sorted[position.next++], "allocated", "free");
              }
              if (position.next < sorted.length && sorted[position.next] == block) {
                position.next++;
              } else {
                findings.add("block", block, "a way to it", "leaked, %d bytes".formatted(size));
              }
            });
    while (position.next < sorted.length) {
      findings.add("block", sorted[position.next++], "allocated", "free");
    }
    for (int i = 0; i < count && findings.isEmpty(); i++) {
      long block = blocks[i];
      long length = lengths[i];
      findings.check("heap", "block", block, () -> checkLength(block, length));
    }
  }

  /** How far the comparison has come. */
  private static final class Position {
    int next;

    boolean isBefore(long[] sorted, long block) {
      return next < sorted.length && sorted[next] < block;
    }
  }

  private void checkLength(long block, long length) {
    long size = heap.allocator().blockSize(block);
    boolean fits = length <= size;
    check(fits, block, "content within its %d bytes".formatted(size), "%d bytes".formatted(length));
  }

  private static void check(boolean ok, long block, String expected, String actual) {
    if (!ok) {
      throw new HeapCorruptedException("block", block, expected, actual);
    }
  }
}
