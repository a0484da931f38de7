package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;

/**
 * Undoes, at open, every transaction that a crash cut short. All logs are read and checked before
 * anything is stored: who finds that they make no sense has changed nothing.
 */
public final class LogRecovery {
  private final MediumAccessor accessor;
  private final LineSet lines = new LineSet();
  private final LogRollback rollback;

  private LogRecovery(MediumAccessor accessor) {
    this.accessor = accessor;
    this.rollback = new LogRollback(accessor, lines);
  }

  /**
   * Reads the logs of all lanes, and checks them; stores nothing.
   *
   * @param file the open heap
   * @return the recovery, ready to run
   * @throws dev.cairn.heap.HeapCorruptedException if a valid log record makes no sense
   */
  public static LogRecovery read(HeapFile file) {
    return read(file.protocolAccessor());
  }

  static LogRecovery read(MediumAccessor accessor) {
    LogRecovery recovery = new LogRecovery(accessor);
    for (int lane = 0; lane < HeapLayout.LANE_COUNT; lane++) {
      recovery.rollback.collect(lane, accessor.getWord(generationOffset(lane)));
    }
    recovery.rollback.checkTargets();
    return recovery;
  }

  /**
   * Says whether there is anything to undo.
   *
   * @return whether a valid record was found in any lane
   */
  public boolean hasWork() {
    return !rollback.isEmpty();
  }

  /**
   * Rolls every lane back, then raises every lane's generation.
   *
   * <p>The generations are raised even where nothing was undone: behind a torn first record may lie
   * a whole second one, and it would come to life again as soon as the next transaction of that
   * generation wrote a first record of the same length.
   *
   * @return whether anything was undone
   */
  boolean run() {
    boolean undone = hasWork();
    rollback.undo();
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
