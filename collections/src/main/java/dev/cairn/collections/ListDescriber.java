package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import org.jspecify.annotations.Nullable;

/** Names what lies in a list, segment by segment. */
final class ListDescriber {
  private final BlockSearch search;
  private final String title;
  private final long list;

  ListDescriber(BlockSearch search, String title, long list) {
    this.search = search;
    this.title = title;
    this.list = list;
  }

  /** Names the place that is looked for, if it is in this list. */
  @Nullable String describe() {
    MediumAccessor accessor = search.accessor();
    long block = search.block();
    long at = search.at();
    if (block == list) {
      return title + ", " + listField(at);
    }
    long header = accessor.getWord(list);
    long width = ListLayout.width(header);
    long size = ListLayout.claimedSize(accessor.getWord(list + ListLayout.SIZE));
    for (int segment = 0; segment < ListLayout.SEGMENTS; segment++) {
      long start = accessor.getWord(ListLayout.segmentWord(list, segment));
      long first = ListLayout.firstIndex(segment);
      if (start != 0 && start == block) {
        long element = first + at / width;
        if (at >= ListLayout.segmentElements(segment) * width) {
          return "%s, segment %d, behind its end".formatted(title, segment);
        }
        return element < size
            ? "%s, element %d%s"
                .formatted(title, element, ListLayout.isInline(header) ? ", value" : ", offset")
            : title + ", behind the last element";
      }
      long end = Math.min(size, first + ListLayout.segmentElements(segment));
      for (long i = first; start != 0 && !ListLayout.isInline(header) && i < end; i++) {
        if (search.read(start + (i - first) * Long.BYTES) == block) {
          return "value of %s, element %d, %s".formatted(title, i, ValueBlocks.field(search));
        }
      }
    }
    return null;
  }

  private static String listField(long at) {
    long segment = (at - ListLayout.FIRST_SEGMENT) / Long.BYTES;
    if (at < ListLayout.SIZE) {
      return "header";
    } else if (at < ListLayout.FIRST_SEGMENT) {
      return "size";
    } else if (segment < ListLayout.SEGMENTS) {
      return "segment word " + segment;
    } else if (at < ListLayout.MARK + Long.BYTES) {
      return "mark";
    }
    return at < ListLayout.LIST_SIZE ? "reserved" : "behind its end";
  }
}
