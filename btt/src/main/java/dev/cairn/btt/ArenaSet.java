package dev.cairn.btt;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The arenas of a table, as one row of blocks: all of them, also those of the redo log. */
final class ArenaSet {
  private final Medium medium;
  private final UUID uuid;
  private final int blockSize;
  private final long blockCount;
  private final List<BttArena> arenas;

  /** By arena. */
  private final long[] firstBlocks;

  private final ReaderPool readers;

  /** What is pinned of a block that lies nowhere. */
  private final MemorySegment zeros;

  private ArenaSet(Medium medium, ArenaInfo info, List<BttArena> arenas) {
    this.medium = medium;
    this.uuid = info.uuid();
    this.blockSize = info.geometry().externalBlockSize();
    this.arenas = List.copyOf(arenas);
    this.firstBlocks = new long[arenas.size()];
    long count = 0;
    for (int arena = 0; arena < firstBlocks.length; arena++) {
      firstBlocks[arena] = count;
      count += arenas.get(arena).blockCount();
    }
    this.blockCount = count;
    this.readers =
        new ReaderPool(arenas.stream().mapToInt(BttArena::laneCount).min().orElseThrow());
    this.zeros = MemorySegment.ofArray(new byte[blockSize]);
  }

  /** Recovers all arenas of a table; see {@link BttStore#open(Medium, BttPlacement, UUID)}. */
  static ArenaSet open(
      Medium medium, BttPlacement placement, @Nullable UUID parent, ArenaSizes sizes) {
    MediumAccessor accessor = MediumAccessor.forProtocol(medium);
    List<BttLocator.Found> found = new BttLocator(medium, sizes).find(placement, parent);
    List<BttArena> arenas = new ArrayList<>();
    for (BttLocator.Found arena : found) {
      arenas.add(BttArena.open(accessor, placement.flavour(), arena));
    }
    return new ArenaSet(medium, found.getFirst().info(), arenas);
  }

  UUID uuid() {
    return uuid;
  }

  long blockCount() {
    return blockCount;
  }

  int blockSize() {
    return blockSize;
  }

  List<HeapCorruptedException> damage() {
    return arenas.stream().flatMap(arena -> arena.damage().stream()).toList();
  }

  boolean isReadOnly() {
    return arenas.stream().anyMatch(BttArena::isReadOnly);
  }

  /**
   * Checks that all arenas take writes.
   *
   * @throws BttReadOnlyException if one does not
   */
  void checkAllWritable() {
    arenas.forEach(BttArena::checkWritable);
  }

  void read(long block, byte[] target) {
    int arena = arenaOf(block);
    int reader = readers.take();
    try {
      arenas.get(arena).read(reader, indexIn(arena, block), target);
    } finally {
      readers.giveBack(reader);
    }
  }

  /** A block that stays as it is until it is released. */
  record Pinned(MemorySegment content, Runnable release) {}

  Pinned pin(long block) {
    int arena = arenaOf(block);
    BttArena owner = arenas.get(arena);
    int place = owner.pin(indexIn(arena, block));
    if (place < 0) {
      return new Pinned(zeros, () -> {});
    }
    MemorySegment content = medium.segment().asSlice(owner.blockOffset(place), blockSize);
    return new Pinned(content, () -> owner.unpin(place));
  }

  /**
   * Replaces blocks, durably, each whole or not at all by itself.
   *
   * @param blocks all different, in any order
   */
  void write(long[] blocks, byte[][] sources) {
    int[] byArena = new int[blocks.length];
    for (int i = 0; i < blocks.length; i++) {
      byArena[i] = arenaOf(blocks[i]);
    }
    for (int each : Arrays.stream(byArena).distinct().toArray()) {
      int[] chosen = IntStream.range(0, blocks.length).filter(i -> byArena[i] == each).toArray();
      int[] indices = Arrays.stream(chosen).map(i -> indexIn(each, blocks[i])).toArray();
      byte[][] contents = Arrays.stream(chosen).mapToObj(i -> sources[i]).toArray(byte[][]::new);
      arenas.get(each).write(indices, contents);
    }
  }

  void write(long block, byte[] source) {
    int arena = arenaOf(block);
    arenas.get(arena).write(new int[] {indexIn(arena, block)}, new byte[][] {source});
  }

  void mark(long block, int flag) {
    int arena = arenaOf(block);
    arenas.get(arena).mark(indexIn(arena, block), flag);
  }

  private int arenaOf(long block) {
    Objects.checkIndex(block, blockCount);
    int arena = firstBlocks.length - 1;
    while (firstBlocks[arena] > block) {
      arena--;
    }
    return arena;
  }

  private int indexIn(int arena, long block) {
    return (int) (block - firstBlocks[arena]);
  }
}
