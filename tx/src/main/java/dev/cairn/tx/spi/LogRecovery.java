package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;

/**
 * Brings back, at open, what a crash cut short: undoes every transaction that had not committed,
 * and stores again what committed ones had published. All logs and records are read and checked
 * before anything is stored: who finds that they make no sense has changed nothing.
 */
public final class LogRecovery {
  private final MediumAccessor accessor;
  private final LineSet lines = new LineSet();
  private final LogRollback rollback;
  private final PublishReplay replay;

  private LogRecovery(MediumAccessor accessor) {
    this.accessor = accessor;
    this.rollback = new LogRollback(accessor, lines);
    this.replay = new PublishReplay(accessor);
  }

  /**
   * Reads the logs and publish records of all lanes, and checks them; stores nothing.
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
      long generation = accessor.getWord(LaneLayout.offset(lane) + LaneLayout.GENERATION);
      recovery.rollback.collect(lane, generation);
    }
    recovery.rollback.checkTargets();
    recovery.replay.collect();
    recovery.replay.checkTargets(recovery.rollback);
    return recovery;
  }

  /**
   * Says whether there is anything to undo or to store again.
   *
   * @return whether a valid record was found in any lane
   */
  public boolean hasWork() {
    return !rollback.isEmpty() || !replay.isEmpty();
  }

  /**
   * Rolls every lane back, stores again what was published, then raises the era.
   *
   * <p>The era is raised even where nothing was found: behind a torn first record may lie a whole
   * second one, and it would come to life again as soon as the next transaction of that lane and
   * generation wrote a first record of the same length. It is one word, so that all records are
   * void at once: of those that conflict, the older must not outlive the later.
   *
   * @return whether anything was found
   */
  boolean run() {
    replay.confirm();
    rollback.undo();
    replay.run(lines);
    if (hasWork()) {
      lines.flush(accessor);
      // What was restored must be durable before the logs and records that do so are void.
      accessor.fence();
    }
    raiseEra(accessor);
    return hasWork();
  }

  /** Makes all logs and records void, durably. One fence. */
  static void raiseEra(MediumAccessor accessor) {
    long era = accessor.getWord(HeapLayout.ERA_OFFSET);
    accessor.putWord(HeapLayout.ERA_OFFSET, era + 1);
    accessor.persist(HeapLayout.ERA_OFFSET, Long.BYTES);
  }
}
