package dev.cairn.btt;

import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MappedFile;
import dev.cairn.heap.spi.MediumAccessor;
import java.io.IOException;
import java.nio.file.Path;

/** Tables in files and on block devices. */
final class BttFile {
  /** What stands before the table of a pool; a table at its other places begins within it. */
  private static final long HEAD_SIZE = BttPlacement.POOL.offset();

  private BttFile() {}

  static BttStore create(Path path, long size, BttOptions options) throws IOException {
    if (options.placement() == BttPlacement.POOL) {
      throw new IllegalArgumentException(
          path + ": a pool is made by pmempool; expected another placement than POOL");
    }
    MappedFile file = MappedFile.create(path, size, HeapOptions.defaults());
    try {
      BttStore store = BttStore.format(file.medium(), options);
      if (options.placement().offset() > 0) {
        removeMark(file.medium());
      }
      file.finishCreation();
      return store;
    } catch (Throwable e) {
      file.abandon(e);
      throw e;
    }
  }

  /**
   * Takes from the first word the mark of an unfinished creation, over a table that is durable. Not
   * needed for a table that begins there: its info block has replaced the mark.
   */
  static void removeMark(Medium medium) {
    MediumAccessor bytes = MediumAccessor.forProtocol(medium);
    bytes.putWord(0, 0);
    bytes.persist(0, Long.BYTES);
  }

  static BttStore format(Path path, BttOptions options) throws IOException {
    MappedFile file = MappedFile.open(path, HeapOptions.defaults());
    try {
      checkSize(file.medium(), path);
      checkNothingElseIsThere(file.medium(), path);
      file.fillHoles();
      return BttStore.format(file.medium(), options);
    } catch (Throwable e) {
      file.abandon(e);
      throw e;
    }
  }

  static BttStore open(Path path, HeapOptions media) throws IOException {
    MappedFile file = MappedFile.open(path, media);
    try {
      checkSize(file.medium(), path);
      // Looked at before anything is done to the file, even what does not change its content.
      BttPlacement found = locator(file.medium()).detect();
      file.fillHoles();
      return BttStore.open(file.medium(), found, null);
    } catch (Throwable e) {
      file.abandon(e);
      throw e;
    }
  }

  private static BttLocator locator(Medium medium) {
    return new BttLocator(medium, ArenaSizes.STANDARD);
  }

  private static void checkSize(Medium medium, Path path) {
    long smallest = ArenaSizes.STANDARD.smallest();
    if (medium.size() < smallest) {
      throw new HeapFormatException(
          "%s: %,d bytes, too small for a table: expected at least %,d"
              .formatted(path, medium.size(), smallest));
    }
  }

  /** What is not known to be of no use to anybody is not written over. */
  private static void checkNothingElseIsThere(Medium medium, Path path) {
    MediumAccessor bytes = MediumAccessor.forProtocol(medium);
    if (PoolHeader.isPresent(bytes) || bytes.isZero(0, HEAD_SIZE)) {
      return;
    }
    try {
      locator(medium).detect();
    } catch (HeapFormatException e) {
      throw new HeapFormatException(
          "%s: holds something else: expected zeros in the first %d bytes, or a pool, or a table"
              .formatted(path, HEAD_SIZE));
    }
  }
}
