package dev.cairn.heap.spi;

import org.jspecify.annotations.Nullable;

/**
 * Names what lies at an offset, for reports: superblocks, root and era lines, and what is reserved.
 */
public final class RegionNames {
  private RegionNames() {}

  /**
   * Names what lies at an offset. Reads nothing, and never throws.
   *
   * @param offset any number
   * @return such as {@code superblock slot 1, sequence}; null in the lanes, their slots, and in the
   *     zones
   */
  public static @Nullable String describe(long offset) {
    if (offset < 0) {
      return "before the heap";
    } else if (offset < SuperblockLayout.SLOTS_SIZE) {
      long slot = offset / SuperblockLayout.SLOT_SIZE;
      String field = SuperblockLayout.fieldName((int) (offset % SuperblockLayout.SLOT_SIZE));
      return "superblock slot %d, %s".formatted(slot, field);
    } else if (offset < HeapLayout.ROOT_OFFSET + Long.BYTES) {
      return "root word";
    } else if (offset < HeapLayout.ROOT_OFFSET + HeapLayout.LINE_SIZE) {
      return "root line, reserved";
    } else if (offset < HeapLayout.ERA_OFFSET + Long.BYTES) {
      return "era word";
    } else if (offset < HeapLayout.ERA_OFFSET + HeapLayout.LINE_SIZE) {
      return "era line, reserved";
    } else if (offset < HeapLayout.LANES_OFFSET) {
      return "reserved, before the lanes";
    }
    return null;
  }
}
