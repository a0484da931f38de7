package dev.cairn.collections;

import org.jspecify.annotations.Nullable;

/** Names what lies in a deque, segment by segment. */
final class DequeDescriber {
  private final BlockSearch search;
  private final String title;
  private final long deque;

  DequeDescriber(BlockSearch search, String title, long deque) {
    this.search = search;
    this.title = title;
    this.deque = deque;
  }

  /** Names the place that is looked for, if it is in this deque. */
  @Nullable String describe() {
    if (search.block() == deque) {
      return title + ", " + dequeField(search.at());
    }
    boolean isInline = DequeLayout.isInline(search.read(deque));
    for (long segment = search.read(deque + DequeLayout.FIRST); segment != 0; ) {
      if (segment == search.block()) {
        return "%s, segment, %s".formatted(title, segmentField(segment, isInline));
      }
      long present = search.read(segment + DequeLayout.PRESENT);
      for (int slot = 0; !isInline && slot < DequeLayout.CAPACITY; slot++) {
        boolean isInUse = (present >>> slot & 1) != 0;
        if (isInUse && search.read(DequeLayout.slot(segment, slot)) == search.block()) {
          return "value of %s, %s".formatted(title, ValueBlocks.field(search));
        }
      }
      segment = search.read(segment + DequeLayout.BEHIND);
    }
    return null;
  }

  private static String dequeField(long at) {
    if (at >= DequeLayout.DEQUE_SIZE) {
      return "behind its end";
    }
    return switch ((int) at / Long.BYTES) {
      case 0 -> "header";
      case 1 -> "first segment";
      case 2 -> "last segment";
      case 3 -> "count of elements";
      case 4 -> "mark";
      default -> "reserved";
    };
  }

  private String segmentField(long segment, boolean isInline) {
    long at = search.at();
    if (at >= DequeLayout.SEGMENT_SIZE) {
      return "behind its end";
    } else if (at >= DequeLayout.SLOTS) {
      int slot = (int) ((at - DequeLayout.SLOTS) / Long.BYTES);
      boolean isInUse = (search.read(segment + DequeLayout.PRESENT) >>> slot & 1) != 0;
      String content = isInline ? "value" : "offset";
      return "slot %d, %s".formatted(slot, isInUse ? content : "padding");
    }
    return switch ((int) at / Long.BYTES) {
      case 0 -> "header";
      case 1 -> "its deque";
      case 2 -> "ordinal";
      case 3 -> "segment before";
      case 4 -> "segment behind";
      case 5 -> "slots in use";
      default -> "reserved";
    };
  }
}
