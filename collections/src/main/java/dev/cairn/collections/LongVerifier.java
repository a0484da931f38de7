package dev.cairn.collections;

import static dev.cairn.collections.LongLayout.LONG_SIZE;
import static dev.cairn.collections.LongLayout.MARK;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.VersionedLock;

/** Checks a long that nobody changes. Its value may be any. */
final class LongVerifier {
  private LongVerifier() {}

  /** Throws unless a long can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(OpenHeap heap, long offset) {
    long size = heap.allocator().blockSize(offset);
    if (size < LONG_SIZE) {
      throw new HeapCorruptedException(
          "long", offset, "a block of at least " + LONG_SIZE, "%d bytes".formatted(size));
    }
    checkHeader(heap.accessor().getWord(offset), offset);
  }

  /** Throws unless a header is that of the long at an offset. */
  static void checkHeader(long header, long offset) {
    if (header != LongLayout.header(offset)) {
      throw new HeapCorruptedException(
          "long",
          offset,
          "header 0x%x".formatted(LongLayout.header(offset)),
          "0x" + Long.toHexString(header));
    }
  }

  /**
   * Checks everything.
   *
   * @param title such as {@code long "next order"}
   * @param offset where it lies
   * @param reached is told of its block
   */
  static void run(
      OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    findings.check(
        title,
        "long",
        offset,
        () -> {
          checkBlock(heap, offset);
          VersionedLock.checkMark(heap.accessor(), offset + MARK);
          long end = offset + MARK + Long.BYTES;
          findings.checkZero("long of " + title, end, offset + LONG_SIZE);
          reached.visit(offset, LONG_SIZE);
        });
  }
}
