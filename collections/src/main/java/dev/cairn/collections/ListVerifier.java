package dev.cairn.collections;

import static dev.cairn.collections.ListLayout.LIST_SIZE;
import static dev.cairn.collections.ListLayout.SEGMENTS;
import static dev.cairn.collections.ListLayout.SIZE;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.VersionedLock;
import org.jspecify.annotations.Nullable;

/** Checks a list that nobody changes: the invariants of {@link ListElements}, and its elements. */
final class ListVerifier {
  private final OpenHeap heap;
  private final MediumAccessor accessor;
  private final String title;
  private final long list;
  private final @Nullable Type<?> type;
  private final ReachedBlocks reached;
  private final Findings findings;

  /**
   * Creates a verifier.
   *
   * @param title such as {@code list "log"}
   * @param list where it lies
   * @param type of the elements; null if only the program knows
   * @param reached is told of every block
   */
  ListVerifier(
      OpenHeap heap,
      String title,
      long list,
      @Nullable Type<?> type,
      ReachedBlocks reached,
      Findings findings) {
    this.heap = heap;
    this.accessor = heap.accessor();
    this.title = title;
    this.list = list;
    this.type = type;
    this.reached = reached;
    this.findings = findings;
  }

  /** Throws unless a list can lie at an offset: in a block of its own, with its header. */
  static void checkBlock(OpenHeap heap, long list) {
    long size = heap.allocator().blockSize(list);
    if (size < LIST_SIZE) {
      throw new HeapCorruptedException(
          "list", list, "a block of at least " + LIST_SIZE, "%d bytes".formatted(size));
    }
    BlockHeader.check(heap.accessor().getWord(list), BlockHeader.LIST, list);
  }

  /** Checks everything, segment by segment. */
  void run() {
    if (!findings.check(title, "list", list, this::checkHead)) {
      return;
    }
    long width = ListLayout.width(accessor.getWord(list));
    for (int i = 0; i < SEGMENTS; i++) {
      int segment = i;
      long word = ListLayout.segmentWord(list, segment);
      findings.check(title, "segment", word, () -> walkSegment(segment, word, width));
    }
  }

  private void checkHead() {
    checkBlock(heap, list);
    long header = accessor.getWord(list);
    long width = ListLayout.width(header);
    check(width > 0 && width % Long.BYTES == 0, list, "a width of whole words", width);
    boolean words = ListLayout.isInline(header) || width == Long.BYTES;
    check(words, list, "a width of 8 for offsets", width);
    boolean typed = type == null || header == ListLayout.header(type.fixedSize());
    check(typed, list, "elements of type " + type, header);
    ListLayout.size(accessor.getWord(list + SIZE), list);
    VersionedLock.checkMark(accessor, list + ListLayout.MARK);
    long end = list + ListLayout.MARK + Long.BYTES;
    findings.checkZero("list of " + title, end, list + LIST_SIZE);
    reached.visit(list, LIST_SIZE);
  }

  private void walkSegment(int segment, long word, long width) {
    long size = ListLayout.size(accessor.getWord(list + SIZE), list);
    long start = accessor.getWord(word);
    int first = ListLayout.firstIndex(segment);
    int elements = ListLayout.segmentElements(segment);
    check(start != 0 || first >= size, list, "a segment " + segment, start);
    if (start == 0) {
      return;
    }
    long length = Math.multiplyExact(elements, width);
    long blockSize = heap.allocator().blockSize(start);
    check(length <= blockSize, start, "a block of %d bytes".formatted(length), blockSize);
    reached.visit(start, length);
    boolean inline = ListLayout.isInline(accessor.getWord(list));
    for (int i = 0; i < Math.min(elements, size - first); i++) {
      long element = start + i * width;
      if (!inline) {
        ValueBlocks.verify(heap, accessor.getWord(element), type, reached);
      } else if (type != null) {
        type.readIfAccepted(accessor, element, type.fixedSize());
      }
    }
  }

  private static void check(boolean ok, long offset, String expected, long actual) {
    if (!ok) {
      throw new HeapCorruptedException("list", offset, expected, "0x" + Long.toHexString(actual));
    }
  }
}
