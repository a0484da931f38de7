package dev.cairn.collections;

import static dev.cairn.collections.DequeLayout.DEQUE_SIZE;
import static dev.cairn.collections.DequeLayout.OWNER;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/** Checks a deque that nobody changes: its structure by {@link DequeWalker}, and its elements. */
final class DequeVerifier {
  private final OpenHeap heap;
  private final String title;
  private final long deque;
  private final @Nullable Type<?> type;
  private final ReachedBlocks reached;
  private final Findings findings;

  /**
   * Creates a verifier.
   *
   * @param title such as {@code deque "jobs"}
   * @param deque where it lies
   * @param type of the elements; null if only the program knows
   * @param reached is told of every block
   */
  DequeVerifier(
      OpenHeap heap,
      String title,
      long deque,
      @Nullable Type<?> type,
      ReachedBlocks reached,
      Findings findings) {
    this.heap = heap;
    this.title = title;
    this.deque = deque;
    this.type = type;
    this.reached = reached;
    this.findings = findings;
  }

  /** Throws unless a deque can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(OpenHeap heap, long deque) {
    long size = heap.allocator().blockSize(deque);
    if (size < DEQUE_SIZE) {
      throw new HeapCorruptedException(
          "deque", deque, "a block of at least " + DEQUE_SIZE, "%d bytes".formatted(size));
    }
    checkHeader(heap.accessor().getWord(deque), deque);
  }

  /** Throws unless a header is that of the deque at an offset. */
  static void checkHeader(long header, long deque) {
    long expected = DequeLayout.dequeHeader(deque, DequeLayout.isInline(header));
    if (header != expected) {
      throw new HeapCorruptedException(
          "deque", deque, "header 0x%x".formatted(expected), "0x" + Long.toHexString(header));
    }
  }

  /** Throws unless a segment of a deque lies at an offset. */
  static void checkSegment(MediumAccessor accessor, long segment, long deque) {
    long header = accessor.getWord(segment);
    long owner = accessor.getWord(segment + OWNER);
    if (header != DequeLayout.segmentHeader(segment) || owner != deque) {
      throw new HeapCorruptedException(
          "segment",
          segment,
          "header 0x%x, of deque 0x%x".formatted(DequeLayout.segmentHeader(segment), deque),
          "0x%x, of 0x%x".formatted(header, owner));
    }
  }

  /** Checks everything. */
  void run() {
    findings.check(title, "deque", deque, this::walk);
  }

  private void walk() {
    checkBlock(heap, deque);
    MediumAccessor accessor = heap.accessor();
    boolean isInline = DequeLayout.isInline(accessor.getWord(deque));
    if (type != null && DequeLayout.isInline(type) != isInline) {
      throw new HeapCorruptedException(
          "deque", deque, "elements of type " + type, isInline ? "single words" : "blocks");
    }
    reached.visit(deque, DEQUE_SIZE);
    new DequeWalker(accessor, deque)
        .walk(
            reached,
            slot -> {
              if (!isInline) {
                ValueBlocks.verify(heap, accessor.getWord(slot), type, reached);
              } else if (type != null) {
                type.readIfAccepted(accessor, slot, type.fixedSize());
              }
            });
  }
}
