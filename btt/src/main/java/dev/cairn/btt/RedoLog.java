package dev.cairn.btt;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocks that change together: their new contents go to a redo log first, in the last blocks of a
 * table but one; the last one, the intent, is then replaced, which commits them all.
 */
final class RedoLog {
  /*
   * A commit: write the contents to the log; replace the intent by one that names their blocks (the
   * commit point, since a block is replaced whole or not at all); write the contents to their blocks;
   * replace the intent by an empty one. Opening does the last two steps again if the intent is not
   * empty, as often as a crash wants it.
   *
   * I1  From before the intent is written until it is empty again nobody else writes any block: what
   *     recovery does once more must not undo what came later. Writers hold the lock shared, a commit
   *     has it to itself.
   * I2  The log is written only while the intent is empty.
   * I3  From the commit point to the end readers find the new contents here, all at once, whatever
   *     the blocks say. A commit that could not be ended remains here, to be ended before the next
   *     write.
   */
  private final ArenaSet table;
  private final int capacity;
  private final long intentAt;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final @Nullable HeapCorruptedException damage;

  /** Of the last commit. Guarded by the lock. */
  private long number;

  /** What is committed and not yet in its blocks. Replaced under the lock. */
  private volatile @Nullable SortedMap<Long, byte[]> committed;

  /** What broke a commit off: then blocks may be old or new, and nobody may write any. */
  private volatile @Nullable Throwable failure;

  private RedoLog(
      ArenaSet table, int capacity, long number, @Nullable HeapCorruptedException damage) {
    this.table = table;
    this.capacity = capacity;
    this.intentAt = table.blockCount() - 1;
    this.number = number;
    this.damage = damage;
  }

  /**
   * Finds out whether a table has a log, and ends the commit that a crash broke off. If an arena
   * takes no writes, the commit remains: its blocks read as if it were ended.
   */
  static RedoLog open(ArenaSet table) {
    @Nullable IntentBlock intent;
    try {
      byte[] last = new byte[table.blockSize()];
      table.read(table.blockCount() - 1, last);
      intent = IntentBlock.decode(last, table.uuid(), table.blockCount());
    } catch (BttBlockErrorException e) {
      // The last block of a table without a log, as users may mark theirs.
      intent = null;
    } catch (HeapCorruptedException e) {
      return new RedoLog(table, 0, 0, e);
    }
    if (intent == null) {
      return new RedoLog(table, 0, 0, null);
    }
    RedoLog log = new RedoLog(table, intent.capacity(), intent.number(), null);
    if (intent.entries().isEmpty()) {
      return log;
    }
    SortedMap<Long, byte[]> contents;
    try {
      contents = log.readContents(intent);
    } catch (BttBlockErrorException e) {
      return new RedoLog(table, intent.capacity(), intent.number(), lost(e));
    } catch (HeapCorruptedException e) {
      return new RedoLog(table, intent.capacity(), intent.number(), e);
    }
    log.committed = contents;
    if (!table.isReadOnly()) {
      log.end(contents);
    }
    return log;
  }

  private static HeapCorruptedException lost(BttBlockErrorException e) {
    return new HeapCorruptedException(
        "redo log of the BTT", 0, "contents of a commit", String.valueOf(e.getMessage()));
  }

  private SortedMap<Long, byte[]> readContents(IntentBlock intent) {
    SortedMap<Long, byte[]> contents = new TreeMap<>();
    int index = 0;
    for (IntentBlock.Entry entry : intent.entries()) {
      byte[] content = new byte[table.blockSize()];
      table.read(logBlock(index), content);
      int actual = IntentBlock.checksum(content);
      if (actual != entry.checksum()) {
        throw new HeapCorruptedException(
            "block %d of the redo log of the BTT".formatted(logBlock(index)),
            0,
            "checksum 0x%08x".formatted(entry.checksum()),
            "0x%08x".formatted(actual));
      }
      contents.put(entry.block(), content);
      index++;
    }
    return contents;
  }

  /** Returns how many blocks users may have: all but those of log and intent. */
  long userBlocks() {
    return capacity == 0 ? table.blockCount() : intentAt - capacity;
  }

  /** Returns how many blocks can change together; 0 if there is no log. */
  int capacity() {
    return capacity;
  }

  /** Returns what is broken; then nobody may write. */
  @Nullable HeapCorruptedException damage() {
    return damage;
  }

  /** Returns the content that a block has by a commit which is not ended, or null. */
  byte @Nullable [] committed(long block) {
    SortedMap<Long, byte[]> contents = committed;
    return contents == null ? null : contents.get(block);
  }

  /** Lets a write run while no commit is under way. */
  void beside(Runnable write) {
    checkSound();
    if (capacity == 0) {
      write.run();
      return;
    }
    while (true) {
      lock.readLock().lock();
      try {
        checkNotFailed();
        if (committed == null) {
          write.run();
          return;
        }
      } finally {
        lock.readLock().unlock();
      }
      endRemaining();
    }
  }

  private void endRemaining() {
    lock.writeLock().lock();
    try {
      prepare();
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Sees to it that blocks may be written: the last commit is ended, and nothing is in the way. */
  private void prepare() {
    checkNotFailed();
    SortedMap<Long, byte[]> remaining = committed;
    if (remaining != null) {
      table.checkAllWritable();
      end(remaining);
    }
  }

  /**
   * Replaces blocks together, durably.
   *
   * @param contents of at most {@link #capacity} blocks; nobody else changes it
   */
  void commit(SortedMap<Long, byte[]> contents) {
    assert contents.size() <= capacity : contents.size();
    checkSound();
    lock.writeLock().lock();
    try {
      prepare();
      table.checkAllWritable();
      List<IntentBlock.Entry> entries = new ArrayList<>();
      contents.forEach(
          (block, content) ->
              entries.add(new IntentBlock.Entry(block, IntentBlock.checksum(content))));
      // The intent is empty, so nobody reads the log: a crash here leaves the old blocks.
      orFail(() -> table.write(logBlocks(contents.size()), sources(contents)));
      // Commit point. The contents are durable in the log, and opening brings them to their blocks.
      writeIntent(new IntentBlock(table.uuid(), capacity, number + 1, entries));
      number++;
      committed = contents;
      try {
        end(contents);
      } catch (BttPinnedException e) {
        // It is committed, and remains to be ended when a pin is released, or at the next opening.
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Brings what is committed to its blocks. May be repeated. */
  private void end(SortedMap<Long, byte[]> contents) {
    long[] blocks = contents.keySet().stream().mapToLong(block -> block).toArray();
    // A crash here leaves some of them new, and the intent, by which all are written again.
    orFail(() -> table.write(blocks, sources(contents)));
    // All of them are durable: from here on there is nothing to be done again.
    writeIntent(IntentBlock.empty(table.uuid(), capacity, number));
    committed = null;
  }

  private void writeIntent(IntentBlock intent) {
    orFail(() -> table.write(intentAt, intent.encode(table.blockSize())));
  }

  /** Writes; what fails otherwise than for want of a free block leaves it open what is durable. */
  private void orFail(Runnable write) {
    try {
      write.run();
    } catch (BttPinnedException e) {
      throw e;
    } catch (Throwable e) {
      failure = e;
      throw e;
    }
  }

  private void checkNotFailed() {
    Throwable broken = failure;
    if (broken != null) {
      throw new HeapFailedException("BTT: an earlier write of several blocks failed", broken);
    }
  }

  /**
   * Checks that there is no damage.
   *
   * @throws BttReadOnlyException if there is
   */
  void checkSound() {
    if (damage != null) {
      throw new BttReadOnlyException("BTT is read-only: " + damage.getMessage());
    }
  }

  private static byte[][] sources(SortedMap<Long, byte[]> contents) {
    return contents.values().toArray(byte[][]::new);
  }

  private long logBlock(int index) {
    return intentAt - 1 - index;
  }

  private long[] logBlocks(int count) {
    long[] blocks = new long[count];
    Arrays.setAll(blocks, this::logBlock);
    return blocks;
  }
}
