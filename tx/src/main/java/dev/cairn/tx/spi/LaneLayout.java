package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapLayout;

/**
 * A lane: one line with its generation, then the first extent of its log. See {@code
 * docs/design.md}, section 4.
 *
 * <pre>
 *    0   8  generation   changed by the commit point, and for every lane by recovery
 *    8  56  reserved     zero
 *   64   -  undo log     records, see LogFormat
 * </pre>
 */
final class LaneLayout {
  static final long GENERATION = 0;
  static final long LOG = HeapLayout.LINE_SIZE;

  private LaneLayout() {}

  static long offset(int lane) {
    assert lane >= 0 && lane < HeapLayout.LANE_COUNT : lane;
    return HeapLayout.LANES_OFFSET + lane * HeapLayout.LANE_SIZE;
  }
}
