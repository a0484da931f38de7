package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;

/** Undoes, at open, every transaction that a crash cut short. */
final class LogRecovery {
  private LogRecovery() {}

  /**
   * Rolls every lane back, then raises every lane's generation.
   *
   * <p>The generations are raised even where nothing was undone: behind a torn first record may lie
   * a whole second one, and it would come to life again as soon as the next transaction of that
   * generation wrote a first record of the same length.
   *
   * @return whether anything was undone
   */
  static boolean run(MediumAccessor accessor) {
    LineSet lines = new LineSet();
    LogRollback rollback = new LogRollback(accessor, lines);
    boolean undone = false;
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      undone |= rollback.run(lane, accessor.getWord(generationOffset(lane)));
    }
    if (undone) {
      lines.flush(accessor);
      // The old content must be durable before any log that restores it is void.
      accessor.fence();
    }
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      long offset = generationOffset(lane);
      accessor.putWord(offset, accessor.getWord(offset) + 1);
    }
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      accessor.flush(generationOffset(lane), Long.BYTES);
    }
    accessor.fence();
    return undone;
  }

  private static long generationOffset(int lane) {
    return LaneLayout.offset(lane) + LaneLayout.GENERATION;
  }
}
