package dev.cairn.btt;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.Medium;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Tables small enough to be looked at as a whole: one page of data, 60 blocks, four of them free.
 */
final class SmallTable {
  static final int BLOCK_SIZE = 64;
  static final int FREE_BLOCKS = 4;
  static final int ARENA_SIZE = 5 * 4096;
  static final ArenaSizes SIZES = new ArenaSizes(ARENA_SIZE, ARENA_SIZE);
  static final UUID OWN = new UUID(1, 2);
  static final UUID PARENT = new UUID(3, 4);

  private SmallTable() {}

  static BttOptions options(BttPlacement placement) {
    return new BttOptions(placement, BLOCK_SIZE, FREE_BLOCKS, OWN, PARENT, 0);
  }

  static SimulatedMedium medium(int arenas) {
    long size = (long) arenas * ARENA_SIZE;
    return SimulatedMedium.create(size, size);
  }

  static BttStore format(Medium medium) {
    return BttStore.format(medium, options(BttPlacement.START), SIZES);
  }

  /** Blocks of 128 bytes, 23 of them, of which up to three can be written together. */
  static BttStore formatWithLog(Medium medium) {
    BttOptions options = new BttOptions(BttPlacement.START, 128, FREE_BLOCKS, OWN, PARENT, 3);
    return BttStore.format(medium, options, SIZES);
  }

  static byte[] content(BttStore store, int value) {
    byte[] content = new byte[store.blockSize()];
    Arrays.fill(content, (byte) value);
    return content;
  }

  /** The same new content for some blocks. */
  static Map<Long, byte[]> contents(BttStore store, int value, long... blocks) {
    return Arrays.stream(blocks)
        .boxed()
        .collect(Collectors.toMap(block -> block, block -> content(store, value)));
  }

  static BttStore open(Medium medium) {
    return BttStore.open(medium, SIZES);
  }

  static byte[] block(int value) {
    byte[] block = new byte[BLOCK_SIZE];
    Arrays.fill(block, (byte) value);
    return block;
  }

  static byte[] read(BttStore store, long block) {
    byte[] content = new byte[store.blockSize()];
    store.read(block, content);
    return content;
  }
}
