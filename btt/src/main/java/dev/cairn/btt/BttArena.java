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
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Reads and writes the blocks of one arena. */
final class BttArena {
  /*
   * A write: fill the free blocks of some lanes; note {block, old} in each flog; fence; complete the
   * notes with {new, sequence}; fence (each such store is the commit point of its block); swing the
   * map; fence.
   *
   * I1  A lane fills a block only while nobody has announced or pinned it. Who reads announces or pins
   *     the block that the map names, then looks at the map again: if it still names the block, then
   *     no lane owns it, and whoever comes to own it later will find the announcement or pin.
   * I2  Old block and map entry are read and replaced under the lock of the entry's line, which is
   *     held until the entry is durable. Recovery relies on it.
   * I3  Blocks that are written together are different ones: each lane's note stands by itself.
   * Lock order: lanes, all at once; then map locks, by rising number.
   */
  private static final int IDLE = -1;
  private static final int ENTRIES_IN_LINE = HeapLayout.LINE_SIZE / MapEntry.SIZE;

  private final MediumAccessor medium;
  private final long offset;
  private final ArenaGeometry geometry;
  private final BttFlavour flavour;
  private final List<HeapCorruptedException> damage;
  private final FreeLanes lanes;
  private final PinTable pins = new PinTable();

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
    int count = geometry.freeBlocks();
    int[] idle = new int[count];
    Arrays.fill(idle, IDLE);
    this.readers = new AtomicIntegerArray(idle);
    this.lanes = new FreeLanes(medium, recovery.lanes(), pins, readers);
    this.mapLocks = new ReentrantLock[count];
    Arrays.setAll(mapLocks, i -> new ReentrantLock());
    if (found.info().hasErrorFlag()) {
      readOnlyReason = "its info block has the error flag";
    } else {
      readOnlyReason = damage.isEmpty() ? null : damage.getFirst().getMessage();
    }
  }

  /**
   * Recovers an arena. One that is damaged is marked so, and otherwise left as it is, to be read
   * only; so is one that was marked before.
   */
  static BttArena open(MediumAccessor medium, BttFlavour flavour, BttLocator.Found found) {
    ArenaRecovery recovery = ArenaRecovery.examine(medium, found.offset(), found.info().geometry());
    BttArena arena = new BttArena(medium, flavour, found, recovery);
    if (!arena.damage.isEmpty() && !found.info().hasErrorFlag()) {
      markDamaged(medium, found);
    } else if (found.copyToMend() >= 0) {
      // The other copy is good and stays untouched, so a crash here changes nothing.
      new InfoBlocks(medium).write(found.copyToMend(), found.info());
      medium.fence();
    }
    if (!arena.isReadOnly()) {
      recovery.finish();
    }
    return arena;
  }

  /** Tells other readers of the medium, and those who come after a repair of half of the damage. */
  private static void markDamaged(MediumAccessor medium, BttLocator.Found found) {
    InfoBlocks blocks = new InfoBlocks(medium);
    ArenaInfo marked = found.info().withErrorFlag();
    long primary = found.offset();
    long backup = found.offset() + found.info().geometry().backupOffset();
    // The good copy is the last one, or the second one if both are: a crash leaves one whole.
    boolean isPrimaryFirst = found.copyToMend() == primary;
    blocks.replace(isPrimaryFirst ? primary : backup, marked);
    blocks.replace(isPrimaryFirst ? backup : primary, marked);
  }

  int blockCount() {
    return geometry.externalBlocks();
  }

  int laneCount() {
    return readers.length();
  }

  boolean isReadOnly() {
    return readOnlyReason != null;
  }

  List<HeapCorruptedException> damage() {
    return damage;
  }

  void read(int reader, int index, byte[] target) {
    long entryOffset = entryOffset(index);
    int entry = medium.getInt(entryOffset);
    try {
      while (true) {
        if (MapEntry.isInitial(entry) || MapEntry.isZero(entry)) {
          Arrays.fill(target, (byte) 0);
          return;
        }
        checkNotLost(entry, index);
        int block = checkedBlock(entry, index);
        readers.set(reader, block);
        // Pairs with the fence of FreeLanes: either the writer sees the announcement, or the
        // second look at the map sees the writer's change.
        VarHandle.fullFence();
        int again = medium.getInt(entryOffset);
        if (again == entry) {
          VarHandle.acquireFence();
          medium.get(blockOffset(block), target, 0, target.length);
          return;
        }
        entry = again;
      }
    } finally {
      readers.setRelease(reader, IDLE);
    }
  }

  /**
   * Pins the block that the map names, so that no lane fills it.
   *
   * @return the block, or -1 if the content is all zero and lies nowhere
   */
  int pin(int index) {
    long entryOffset = entryOffset(index);
    int entry = medium.getInt(entryOffset);
    while (true) {
      if (MapEntry.isInitial(entry) || MapEntry.isZero(entry)) {
        return -1;
      }
      checkNotLost(entry, index);
      int block = checkedBlock(entry, index);
      pins.add(block);
      // As in read: either the writer sees the pin, or the second look sees the writer's change.
      VarHandle.fullFence();
      int again = medium.getInt(entryOffset);
      if (again == entry) {
        VarHandle.acquireFence();
        return block;
      }
      pins.remove(block);
      entry = again;
    }
  }

  void unpin(int block) {
    pins.remove(block);
  }

  /** Returns where the content of a block lies, in bytes from the start of the medium. */
  long blockOffset(int block) {
    return offset + geometry.blockOffset(block);
  }

  /**
   * Replaces blocks, each whole or not at all, in as few rounds as there are lanes for.
   *
   * @param indices all different
   */
  void write(int[] indices, byte[][] sources) {
    int done = 0;
    while (done < indices.length) {
      checkWritable();
      List<LaneLog> taken = lanes.take(indices.length - done);
      try {
        int end = done + taken.size();
        writeRound(
            taken, Arrays.copyOfRange(indices, done, end), Arrays.copyOfRange(sources, done, end));
        done = end;
      } finally {
        lanes.giveBack(taken);
      }
    }
  }

  private void writeRound(List<LaneLog> logs, int[] indices, byte[][] sources) {
    orFail(
        () -> {
          for (int i = 0; i < sources.length; i++) {
            fill(logs.get(i).freeBlock(), sources[i]);
          }
        });
    int[] locks = Arrays.stream(indices).map(this::mapLock).sorted().distinct().toArray();
    for (int lock : locks) {
      mapLocks[lock].lock();
    }
    try {
      checkWritable();
      int[] oldEntries = new int[indices.length];
      int[] oldBlocks = new int[indices.length];
      for (int i = 0; i < indices.length; i++) {
        int entry = medium.getInt(entryOffset(indices[i]));
        oldBlocks[i] = checkedBlock(entry, indices[i]);
        oldEntries[i] = flavour.oldFlogEntry(entry, oldBlocks[i]);
      }
      orFail(() -> commit(logs, indices, oldEntries));
      for (int i = 0; i < indices.length; i++) {
        logs.get(i).advance(oldBlocks[i]);
      }
    } finally {
      for (int lock : locks) {
        mapLocks[lock].unlock();
      }
    }
  }

  private void fill(int block, byte[] source) {
    // Nothing durable leads to a free block.
    medium.put(blockOffset(block), source, 0, source.length);
    medium.flush(blockOffset(block), source.length);
  }

  private void commit(List<LaneLog> logs, int[] indices, int[] oldEntries) {
    for (int i = 0; i < indices.length; i++) {
      // The slot is not current until its sequence number is stored: half a note says nothing.
      long slot = logs.get(i).nextSlot();
      medium.putWord(slot + BEFORE_OFFSET, FlogLayout.word(indices[i], oldEntries[i]));
      medium.flush(slot + BEFORE_OFFSET, Long.BYTES);
    }
    medium.fence();
    for (int i = 0; i < indices.length; i++) {
      // Commit point of this block. Data and first half are durable; recovery swings the map from
      // here on. The other blocks have lanes of their own, so no order between them matters.
      LaneLog log = logs.get(i);
      int newEntry = flavour.newFlogEntry(log.freeBlock());
      medium.putWord(log.nextSlot() + AFTER_OFFSET, FlogLayout.word(newEntry, log.nextSequence()));
      medium.flush(log.nextSlot() + AFTER_OFFSET, Long.BYTES);
    }
    medium.fence();
    // Who sees an entry sees the data.
    VarHandle.releaseFence();
    for (int i = 0; i < indices.length; i++) {
      medium.putInt(entryOffset(indices[i]), logs.get(i).freeBlock() | MapEntry.NORMAL);
    }
    // Entries that share a line are flushed with it once.
    for (int line : Arrays.stream(indices).map(BttArena::mapLine).distinct().toArray()) {
      medium.flush(entryOffset(line * ENTRIES_IN_LINE), MapEntry.SIZE);
    }
    medium.fence();
  }

  /** Marks a block as all zero, or as lost; it keeps its place on the medium. */
  void mark(int index, int flag) {
    checkWritable();
    ReentrantLock lock = mapLocks[mapLock(index)];
    lock.lock();
    try {
      checkWritable();
      int entry = medium.getInt(entryOffset(index));
      boolean isZeroAlready = MapEntry.isInitial(entry) || MapEntry.isZero(entry);
      if (flag == MapEntry.ZERO && isZeroAlready) {
        return;
      }
      int block = checkedBlock(entry, index);
      // One store that cannot tear; the block that the entry owns stays the same.
      orFail(
          () -> {
            medium.putInt(entryOffset(index), block | flag);
            medium.persist(entryOffset(index), MapEntry.SIZE);
          });
    } finally {
      lock.unlock();
    }
  }

  private long entryOffset(int index) {
    return offset + geometry.entryOffset(index);
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

  /** Returns which lock an entry has: one for all entries of a line. */
  private int mapLock(int index) {
    return mapLine(index) % mapLocks.length;
  }

  private static int mapLine(int index) {
    return index / ENTRIES_IN_LINE;
  }

  private void checkNotLost(int entry, int index) {
    if (MapEntry.isError(entry)) {
      throw new BttBlockErrorException(
          "block %d of the arena at offset 0x%x is marked as lost".formatted(index, offset));
    }
  }

  private int checkedBlock(int entry, int index) {
    int block = MapEntry.ownedBlock(entry, index);
    if (block >= geometry.internalBlocks()) {
      throw new HeapCorruptedException(
          "BTT map entry",
          entryOffset(index),
          "a block below " + geometry.internalBlocks(),
          "block " + block);
    }
    return block;
  }

  void checkWritable() {
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
