package dev.cairn.collections;

import static dev.cairn.collections.CellLayout.CELL_SIZE;
import static dev.cairn.collections.CellLayout.MARK;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.VersionedLock;

/** Checks a cell that nobody changes, but for its word. */
final class CellVerifier {
  private CellVerifier() {}

  /** Throws unless a cell can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(OpenHeap heap, int kind, long offset) {
    long size = heap.allocator().blockSize(offset);
    if (size < CELL_SIZE) {
      throw new HeapCorruptedException(
          BlockHeader.name(kind),
          offset,
          "a block of at least " + CELL_SIZE,
          "%d bytes".formatted(size));
    }
    checkHeader(heap.accessor().getWord(offset), kind, offset);
  }

  /** Throws unless a header is that of the cell at an offset. */
  static void checkHeader(long header, int kind, long offset) {
    long expected = CellLayout.header(kind, offset);
    if (header != expected) {
      throw new HeapCorruptedException(
          BlockHeader.name(kind),
          offset,
          "header 0x%x".formatted(expected),
          "0x" + Long.toHexString(header));
    }
  }

  /**
   * Checks everything but the word.
   *
   * @param title such as {@code long "next order"}
   * @param kind of the block
   * @param offset where it lies
   * @param reached is told of its block
   * @param word checks what the word leads to
   */
  static void run(
      OpenHeap heap,
      String title,
      int kind,
      long offset,
      ReachedBlocks reached,
      Findings findings,
      Runnable word) {
    String name = BlockHeader.name(kind);
    findings.check(
        title,
        name,
        offset,
        () -> {
          checkBlock(heap, kind, offset);
          VersionedLock.checkMark(heap.accessor(), offset + MARK);
          long end = offset + MARK + Long.BYTES;
          findings.checkZero(name + " of " + title, end, offset + CELL_SIZE);
          reached.visit(offset, CELL_SIZE);
          word.run();
        });
  }
}
