package dev.cairn.allocator.spi;

import dev.cairn.heap.spi.HeapLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The block sizes. Steps of 16 bytes up to 128, then eight steps to each doubling, so that less
 * than one part in eight of a block is wasted; each size is then stretched to what its run can hold
 * anyway, so that the tail of a run is not wasted either. Runs of blocks over 16 KiB take four
 * chunks. Larger blocks than the largest class take whole chunks.
 *
 * <p>Part of the format: chunk headers hold an index into this table.
 */
final class SizeClasses {
  private static final int GRANULE = 16;
  private static final int STEPS_PER_DOUBLING = 8;
  private static final int LARGEST_IN_ONE_CHUNK = 16 << 10;

  /** How many chunks a run takes at the most. */
  static final int MOST_CHUNKS = 4;

  private static final List<SizeClass> CLASSES = classes();
  private static final int COUNT = CLASSES.size();
  private static final byte[] BY_GRANULES = byGranules();

  /** The largest block that a run serves, in bytes. */
  static final int LARGEST = CLASSES.get(COUNT - 1).blockSize();

  private SizeClasses() {}

  static int count() {
    return COUNT;
  }

  static SizeClass get(int index) {
    return CLASSES.get(index);
  }

  /** The smallest class that serves a size of 1 to {@link #LARGEST} bytes. */
  static SizeClass forSize(long size) {
    assert size > 0 : size;
    assert size <= LARGEST : size;
    return CLASSES.get(BY_GRANULES[(int) (size + GRANULE - 1) / GRANULE]);
  }

  private static List<SizeClass> classes() {
    List<SizeClass> classes = new ArrayList<>();
    for (int size = GRANULE; size <= LARGEST_IN_ONE_CHUNK; size = next(size)) {
      add(classes, size, 1);
    }
    long largeRun = MOST_CHUNKS * HeapLayout.CHUNK_SIZE;
    long largeRoom = largeRun - HeapLayout.LINE_SIZE; // a bitmap of one word, and padding
    for (int blocks = (int) (largeRun / LARGEST_IN_ONE_CHUNK) - 1; blocks >= 3; ) {
      add(classes, (int) (largeRoom / blocks) & -GRANULE, MOST_CHUNKS);
      int step = STEPS_PER_DOUBLING + 1;
      blocks = Math.min(blocks - 1, (blocks * STEPS_PER_DOUBLING + step - 1) / step);
    }
    assert classes.size() <= Byte.MAX_VALUE : classes.size();
    return List.copyOf(classes);
  }

  private static int next(int size) {
    int step = Math.max(GRANULE, Integer.highestOneBit(size) / STEPS_PER_DOUBLING);
    return size + step;
  }

  /** Adds a class for a size, stretched as far as its run holds as many blocks. */
  private static void add(List<SizeClass> classes, int size, int chunks) {
    SizeClass narrow = SizeClass.of(classes.size(), size, chunks);
    long room = chunks * HeapLayout.CHUNK_SIZE - narrow.blocksOffset();
    int stretched = (int) (room / narrow.blockCount()) & -granule(size);
    SizeClass stretchedClass = SizeClass.of(classes.size(), Math.max(size, stretched), chunks);
    if (classes.isEmpty() || classes.getLast().blockSize() < stretchedClass.blockSize()) {
      classes.add(stretchedClass);
    }
  }

  /** Sizes of whole cache lines stay so: their blocks share no line with a neighbour. */
  private static int granule(int size) {
    return size % HeapLayout.LINE_SIZE == 0 ? HeapLayout.LINE_SIZE : GRANULE;
  }

  private static byte[] byGranules() {
    byte[] table = new byte[CLASSES.getLast().blockSize() / GRANULE + 1];
    int index = 0;
    for (int granules = 1; granules < table.length; granules++) {
      while (CLASSES.get(index).blockSize() < granules * GRANULE) {
        index++;
      }
      table[granules] = (byte) index;
    }
    return table;
  }
}
