package dev.cairn.btt;

import static dev.cairn.btt.FlogLayout.AFTER_OFFSET;
import static dev.cairn.btt.FlogLayout.BEFORE_OFFSET;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Reads and writes the blocks of one arena. */
final class BttArena {
  /*
   * A write: fill the lane's free block; note {block, old} in the flog; fence; complete the note with
   * {new, sequence}; fence (the commit point); swing the map; fence.
   *
   * I1  A lane fills a block only while no reader has announced it. A reader announces the block that
   *     the map names, then looks at the map again: if it still names the block, then no lane owns
   *     it, and whoever comes to own it later will find the announcement.
   * I2  Old block and map entry are read and replaced under the lock of the entry's line, which is
   *     held until the entry is durable. Recovery relies on it.
   * Lock order: lane, then map lock.
   */
  private static final int IDLE = -1;

  /** About as long as a copy of a block takes. */
  private static final long SHORT_WAIT_NANOS = 1000;

  private final MediumAccessor medium;
  private final long offset;
  private final ArenaGeometry geometry;
  private final BttFlavour flavour;
  private final List<HeapCorruptedException> damage;
  private final LaneLog[] lanes;

  /** Which block each lane reads from: the read tracking table. */
  private final AtomicIntegerArray readers;

  private final ReentrantLock[] mapLocks;
  private final @Nullable String readOnlyReason;

  /** What broke a write off; volatile state and medium may then differ. */
  private volatile @Nullable Throwable failure;

  private BttArena(
      MediumAccessor medium, BttFlavour flavour, BttLocator.Found found, ArenaRecovery recovery) {
    this.medium = medium;
    this.offset = found.offset();
    this.geometry = found.info().geometry();
    this.flavour = flavour;
    this.damage = recovery.damage();
    this.lanes = recovery.lanes();
    int count = geometry.freeBlocks();
    int[] idle = new int[count];
    Arrays.fill(idle, IDLE);
    this.readers = new AtomicIntegerArray(idle);
    this.mapLocks = new ReentrantLock[count];
    Arrays.setAll(mapLocks, i -> new ReentrantLock());
    if (found.info().hasErrorFlag()) {
      readOnlyReason = "its info block has the error flag";
    } else {
      readOnlyReason = damage.isEmpty() ? null : damage.getFirst().getMessage();
    }
  }

  /** Recovers an arena. One that is damaged, or marked so, is left as it is, to be read only. */
  static BttArena open(MediumAccessor medium, BttFlavour flavour, BttLocator.Found found) {
    ArenaRecovery recovery = ArenaRecovery.examine(medium, found.offset(), found.info().geometry());
    BttArena arena = new BttArena(medium, flavour, found, recovery);
    if (!arena.isReadOnly()) {
      if (found.copyToMend() >= 0) {
        // The other copy is good and stays untouched, so a crash here changes nothing.
        new InfoBlocks(medium).write(found.copyToMend(), found.info());
        medium.fence();
      }
      recovery.finish();
    }
    return arena;
  }

  int blockCount() {
    return geometry.externalBlocks();
  }

  int laneCount() {
    return lanes.length;
  }

  boolean isReadOnly() {
    return readOnlyReason != null;
  }

  List<HeapCorruptedException> damage() {
    return damage;
  }

  void read(int lane, int index, byte[] target) {
    long entryOffset = offset + geometry.entryOffset(index);
    int entry = medium.getInt(entryOffset);
    try {
      while (true) {
        if (MapEntry.isInitial(entry) || MapEntry.isZero(entry)) {
          Arrays.fill(target, (byte) 0);
          return;
        }
        if (MapEntry.isError(entry)) {
          throw new BttBlockErrorException(
              "block %d of the arena at offset 0x%x is marked as lost".formatted(index, offset));
        }
        int block = checkedBlock(entry, index);
        readers.set(lane, block);
        // Pairs with the fence of awaitReaders: either the writer sees the announcement, or the
        // second look at the map sees the writer's change.
        VarHandle.fullFence();
        int again = medium.getInt(entryOffset);
        if (again == entry) {
          VarHandle.acquireFence();
          medium.get(offset + geometry.blockOffset(block), target, 0, target.length);
          return;
        }
        entry = again;
      }
    } finally {
      readers.setRelease(lane, IDLE);
    }
  }

  void write(int lane, int index, byte[] source) {
    checkWritable();
    LaneLog log = lanes[lane];
    int block = log.freeBlock();
    awaitReaders(block);
    orFail(() -> fill(block, source));
    ReentrantLock lock = mapLock(index);
    lock.lock();
    try {
      checkWritable();
      int entry = medium.getInt(offset + geometry.entryOffset(index));
      int oldBlock = checkedBlock(entry, index);
      orFail(() -> commit(log, index, flavour.oldFlogEntry(entry, oldBlock), block));
      log.advance(oldBlock);
    } finally {
      lock.unlock();
    }
  }

  private void fill(int block, byte[] source) {
    // Nothing durable leads to a free block.
    long blockOffset = offset + geometry.blockOffset(block);
    medium.put(blockOffset, source, 0, source.length);
    medium.flush(blockOffset, source.length);
  }

  private void commit(LaneLog log, int index, int oldEntry, int block) {
    long slot = log.nextSlot();
    // The slot is not current until its sequence number is stored: half a note says nothing.
    medium.putWord(slot + BEFORE_OFFSET, FlogLayout.word(index, oldEntry));
    medium.flush(slot + BEFORE_OFFSET, Long.BYTES);
    medium.fence();
    // Commit point. Data and first half are durable; recovery swings the map from here on.
    medium.putWord(
        slot + AFTER_OFFSET, FlogLayout.word(flavour.newFlogEntry(block), log.nextSequence()));
    medium.persist(slot + AFTER_OFFSET, Long.BYTES);
    // Who sees the entry sees the data.
    VarHandle.releaseFence();
    storeEntry(index, block | MapEntry.NORMAL);
  }

  /** Marks a block as all zero, or as lost; it keeps its place on the medium. */
  void mark(int index, int flag) {
    checkWritable();
    ReentrantLock lock = mapLock(index);
    lock.lock();
    try {
      checkWritable();
      int entry = medium.getInt(offset + geometry.entryOffset(index));
      boolean isZeroAlready = MapEntry.isInitial(entry) || MapEntry.isZero(entry);
      if (flag == MapEntry.ZERO && isZeroAlready) {
        return;
      }
      int block = checkedBlock(entry, index);
      // One store that cannot tear; the block that the entry owns stays the same.
      orFail(() -> storeEntry(index, block | flag));
    } finally {
      lock.unlock();
    }
  }

  private void storeEntry(int index, int entry) {
    long entryOffset = offset + geometry.entryOffset(index);
    medium.putInt(entryOffset, entry);
    medium.persist(entryOffset, MapEntry.SIZE);
  }

  /** Stores; if that fails, nothing is known of the medium any more, and nobody stores again. */
  private void orFail(Runnable stores) {
    try {
      stores.run();
    } catch (Throwable e) {
      failure = e;
      throw e;
    }
  }

  private void awaitReaders(int block) {
    // The map store that freed the block comes before the look at the readers; see read.
    VarHandle.fullFence();
    for (int lane = 0; lane < readers.length(); lane++) {
      while (readers.get(lane) == block) {
        if (!medium.waiting()) {
          LockSupport.parkNanos(SHORT_WAIT_NANOS);
        }
      }
    }
  }

  /** One lock for all entries of a line. */
  private ReentrantLock mapLock(int index) {
    return mapLocks[index / (HeapLayout.LINE_SIZE / MapEntry.SIZE) % mapLocks.length];
  }

  private int checkedBlock(int entry, int index) {
    int block = MapEntry.ownedBlock(entry, index);
    if (block >= geometry.internalBlocks()) {
      throw new HeapCorruptedException(
          "BTT map entry",
          offset + geometry.entryOffset(index),
          "a block below " + geometry.internalBlocks(),
          "block " + block);
    }
    return block;
  }

  private void checkWritable() {
    if (readOnlyReason != null) {
      throw new BttReadOnlyException(
          "BTT arena at offset 0x%x is read-only: %s".formatted(offset, readOnlyReason));
    }
    Throwable broken = failure;
    if (broken != null) {
      throw new HeapFailedException(
          "BTT arena at offset 0x%x: an earlier write failed".formatted(offset), broken);
    }
  }
}
