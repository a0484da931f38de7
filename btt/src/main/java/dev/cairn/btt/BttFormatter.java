package dev.cairn.btt;

import static dev.cairn.btt.InfoLayout.INFO_SIZE;

import dev.cairn.btt.ArenaSizes.Piece;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Lays out an empty table. */
final class BttFormatter {
  /*
   * I1  Before the map of an arena is touched, no table can be found on the medium any more.
   * I2  Before an info block can be found, map and flog of all arenas are durable, and so is an info
   *     block of each later arena. So the backup of the first arena is the commit point: opening
   *     restores a missing primary from the backup.
   */
  private final MediumAccessor medium;
  private final InfoBlocks blocks;
  private final ArenaSizes sizes;

  BttFormatter(MediumAccessor medium, ArenaSizes sizes) {
    this.medium = medium;
    this.blocks = new InfoBlocks(medium);
    this.sizes = sizes;
  }

  private record Arena(long offset, ArenaInfo info) {}

  void format(BttOptions options) {
    List<Arena> arenas = layOut(options);
    eraseOldTables();
    for (Arena arena : arenas) {
      writeMap(arena);
      writeFlog(arena, options.placement().flavour());
    }
    if (options.largestCommit() > 0) {
      writeIntent(arenas.getLast(), options);
    }
    // Each write of an info block fences all flushes before it, those of maps and flogs too.
    for (Arena arena : arenas.reversed()) {
      blocks.write(arena.offset + arena.info.geometry().backupOffset(), arena.info);
    }
    // From the last to the first: the kernel gives up on a first arena without the second.
    for (Arena arena : arenas.reversed()) {
      blocks.write(arena.offset, arena.info);
    }
    medium.fence();
  }

  private List<Arena> layOut(BttOptions options) {
    BttPlacement placement = options.placement();
    UUID parent = options.parent();
    boolean isPool = PoolHeader.isPresent(medium);
    if (isPool != (placement == BttPlacement.POOL)) {
      throw new HeapFormatException(
          "medium %s a pool of libpmemblk: placement %s would not be found there"
              .formatted(isPool ? "is" : "is not", placement));
    }
    if (isPool) {
      PoolHeader pool = PoolHeader.read(medium);
      parent = pool.uuid();
      if (pool.blockSize() != options.blockSize()) {
        throw new HeapFormatException(
            "block size %d, expected that of the pool, %d"
                .formatted(options.blockSize(), pool.blockSize()));
      }
    }
    List<Arena> arenas = new ArrayList<>();
    for (Piece piece : sizes.cut(placement.offset(), medium.size())) {
      ArenaGeometry geometry =
          ArenaGeometry.of(
              placement.flavour(),
              piece.size(),
              options.blockSize(),
              options.freeBlocks(),
              piece.hasNext());
      ArenaInfo info =
          new ArenaInfo(options.uuid(), parent, 0, placement.major(), placement.minor(), geometry);
      arenas.add(new Arena(piece.offset(), info));
    }
    if (arenas.isEmpty()) {
      throw new IllegalArgumentException(
          "medium of %,d bytes: expected %,d after offset %d"
              .formatted(medium.size(), sizes.smallest(), placement.offset()));
    }
    int inLast = arenas.getLast().info.geometry().externalBlocks();
    if (options.largestCommit() >= inLast - 1) {
      throw new IllegalArgumentException(
          "commits of %d blocks: expected at most %d, less than the last arena has"
              .formatted(options.largestCommit(), inLast - 2));
    }
    return arenas;
  }

  /**
   * Makes older tables unfindable, wherever they began: a table without an info block of its first
   * arena is none. A crash before the fence may leave one of the two copies, and by it the old
   * table, whole.
   */
  private void eraseOldTables() {
    boolean found = false;
    for (BttPlacement placement : BttPlacement.values()) {
      for (Piece piece : sizes.cut(placement.offset(), medium.size()).stream().limit(1).toList()) {
        long backup = piece.offset() + piece.size() - INFO_SIZE;
        found |= blocks.isSigned(piece.offset()) || blocks.isSigned(backup);
        blocks.erase(piece.offset());
        blocks.erase(backup);
      }
    }
    if (found) {
      medium.fence();
    }
  }

  /** Zeros: every entry is in the initial state, and owns the block of its own number. */
  private void writeMap(Arena arena) {
    ArenaGeometry geometry = arena.info.geometry();
    long length = geometry.flogOffset() - geometry.mapOffset();
    medium.fill(arena.offset + geometry.mapOffset(), length, (byte) 0);
    medium.flush(arena.offset + geometry.mapOffset(), length);
  }

  /** The last block of all says that those before it are a redo log. It lies in its own place. */
  private void writeIntent(Arena arena, BttOptions options) {
    ArenaGeometry geometry = arena.info.geometry();
    byte[] content =
        IntentBlock.empty(options.uuid(), options.largestCommit(), 0).encode(options.blockSize());
    int last = geometry.externalBlocks() - 1;
    long block = arena.offset + geometry.blockOffset(last);
    medium.put(block, content, 0, content.length);
    medium.flush(block, content.length);
    long entry = arena.offset + geometry.entryOffset(last);
    medium.putInt(entry, last | MapEntry.NORMAL);
    medium.flush(entry, MapEntry.SIZE);
  }

  /** Each lane owns one of the blocks that no map entry owns. */
  private void writeFlog(Arena arena, BttFlavour flavour) {
    ArenaGeometry geometry = arena.info.geometry();
    long start = arena.offset + geometry.flogOffset();
    long length = geometry.backupOffset() - geometry.flogOffset();
    medium.fill(start, length, (byte) 0);
    for (int lane = 0; lane < geometry.freeBlocks(); lane++) {
      long group = arena.offset + geometry.groupOffset(lane);
      int free = flavour.virginFlogEntry(geometry.externalBlocks() + lane);
      medium.putWord(group + FlogLayout.BEFORE_OFFSET, FlogLayout.word(lane, free));
      medium.putWord(group + FlogLayout.AFTER_OFFSET, FlogLayout.word(free, 1));
    }
    medium.flush(start, length);
  }
}
