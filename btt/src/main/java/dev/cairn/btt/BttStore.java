package dev.cairn.btt;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of equal size, each of which a write replaces whole or not at all, whatever happens.
 *
 * <p>A write is durable when it returns. After a crash in the middle of one, the block has its old
 * content or its new one. Several blocks change together, all or none, if the table was formatted
 * with {@linkplain BttOptions#withLargestCommit room for that}.
 *
 * <p>Safe for use by many threads; writes of the same block are ordered one way or the other, and a
 * read sees one of them whole. No two stores may have the same medium open: the caller sees to
 * that.
 */
public final class BttStore implements AutoCloseable {
  private final Medium medium;
  private final BttPlacement placement;
  private final ArenaSet table;
  private final RedoLog redoLog;
  private final BttPins pins = new BttPins();
  private boolean isClosed;

  private BttStore(Medium medium, BttPlacement placement, ArenaSet table) {
    this.medium = medium;
    this.placement = placement;
    this.table = table;
    this.redoLog = RedoLog.open(table);
  }

  /**
   * Creates a file with an empty table in it, all of whose blocks read as zero.
   *
   * <p>Table and file name are durable when it returns. A crash before that leaves an unfinished
   * creation, which is never opened and which another call takes over. If this throws, the file is
   * gone again, unless it was there before.
   *
   * @param path where; its directory must exist
   * @param size of the file in bytes
   * @param options what to lay out; not in a {@linkplain BttPlacement#POOL pool}, which only
   *     pmempool makes
   * @return the open store
   * @throws FileAlreadyExistsException if there is a file with something in it; it is left alone
   * @throws IOException if the file cannot be created or mapped, or there is no storage for it
   * @throws HeapInUseException if another program is just creating the file
   * @throws IllegalArgumentException if there is no room for the table
   */
  public static BttStore create(Path path, long size, BttOptions options) throws IOException {
    return BttFile.create(path, size, options);
  }

  /**
   * Lays out an empty table in a file or on a block device that holds zeros, a pool or an older
   * table, whose content is lost. What holds anything else is left alone.
   *
   * <p>A crash on the way leaves the old table whole, or none, or the new one.
   *
   * @param path where
   * @param options what to lay out
   * @return the open store
   * @throws IOException if it is neither file nor block device, may not be written, or cannot be
   *     mapped
   * @throws HeapFormatException if it is too small, holds something else, or the options contradict
   *     the header of a pool; nothing was changed
   * @throws HeapInUseException if it is open already, here or in another process, or mounted
   * @throws IllegalArgumentException if there is no room for the table; nothing was changed
   */
  public static BttStore format(Path path, BttOptions options) throws IOException {
    return BttFile.format(path, options);
  }

  /**
   * Opens the table in a file or on a block device, by the best medium that the path allows: see
   * {@link #open(Path, HeapOptions)}.
   *
   * @param path a plain file, a pool of libpmemblk, or what is or was a namespace of the kernel's
   * @return the open store
   * @throws IOException as there
   */
  public static BttStore open(Path path) throws IOException {
    return open(path, HeapOptions.defaults());
  }

  /**
   * Opens the table in a file or on a block device, wherever in it the table begins. The file is
   * locked until the store is closed, against programs of PMDK too.
   *
   * @param path a plain file, a pool of libpmemblk, or what is or was a namespace of the kernel's
   * @param media which medium to use, and how durable; the sizes are not used
   * @return the open store
   * @throws NoSuchFileException if there is none
   * @throws IOException if it is neither file nor block device, may not be written, or cannot be
   *     mapped as asked
   * @throws HeapFormatException if there is no table, or more than one, or it is too small for one;
   *     nothing was changed
   * @throws HeapCorruptedException if both info blocks of an arena are broken; nothing was changed
   * @throws HeapInUseException if it is open already, here or in another process, or mounted
   * @throws BttParentMismatchException if a pool holds the table of another one; nothing was
   *     changed
   */
  public static BttStore open(Path path, HeapOptions media) throws IOException {
    return BttFile.open(path, media);
  }

  /**
   * Lays out an empty table, all of whose blocks read as zero. What the medium held is lost.
   *
   * <p>Durable when it returns. A crash on the way leaves the old table whole, or none, or the new
   * one. Takes time in proportion to the map, 4 bytes for each block.
   *
   * @param medium closed with the store
   * @param options what to lay out
   * @return the open store
   * @throws HeapFormatException if the options contradict the header of a pool; nothing was changed
   * @throws IllegalArgumentException if there is no room for the table; nothing was changed
   */
  public static BttStore format(Medium medium, BttOptions options) {
    return format(medium, options, ArenaSizes.STANDARD);
  }

  static BttStore format(Medium medium, BttOptions options, ArenaSizes sizes) {
    new BttFormatter(MediumAccessor.forProtocol(medium), sizes).format(options);
    return open(medium, options.placement(), null, sizes);
  }

  /**
   * Opens a table wherever it begins, of any parent.
   *
   * @param medium closed with the store; still the caller's if this throws
   * @return the open store
   * @throws HeapFormatException if there is no table, or more than one; nothing was changed
   * @throws HeapCorruptedException if both info blocks of an arena are broken; nothing was changed
   * @throws BttParentMismatchException if a pool holds the table of another one; nothing was
   *     changed
   */
  public static BttStore open(Medium medium) {
    return open(medium, ArenaSizes.STANDARD);
  }

  static BttStore open(Medium medium, ArenaSizes sizes) {
    BttPlacement found = new BttLocator(medium, sizes).detect();
    return open(medium, found, null, sizes);
  }

  /**
   * Opens the table at a given place: finishes writes that a crash broke off, restores an info
   * block from its copy, and checks that each block is owned once. An arena where that does not
   * hold gets the error flag, is otherwise left as it is, and can only be read; {@link #damage}
   * says why.
   *
   * <p>Takes time in proportion to the map, and a bit of memory for each block meanwhile.
   *
   * @param medium closed with the store; still the caller's if this throws
   * @param placement where to look
   * @param parent of what it lies in, or null for any; in a pool, what its header says counts
   * @return the open store
   * @throws HeapFormatException if there is no table; nothing was changed
   * @throws HeapCorruptedException if both info blocks of an arena are broken; nothing was changed
   * @throws BttParentMismatchException if the table has another parent; nothing was changed
   */
  public static BttStore open(Medium medium, BttPlacement placement, @Nullable UUID parent) {
    return open(medium, placement, parent, ArenaSizes.STANDARD);
  }

  static BttStore open(
      Medium medium, BttPlacement placement, @Nullable UUID parent, ArenaSizes sizes) {
    return new BttStore(medium, placement, ArenaSet.open(medium, placement, parent, sizes));
  }

  /**
   * Returns how many blocks there are for users, without those kept for commits of several.
   *
   * @return their number, of all arenas
   */
  public long blockCount() {
    return redoLog.userBlocks();
  }

  /**
   * Returns the size of a block.
   *
   * @return in bytes
   */
  public int blockSize() {
    return table.blockSize();
  }

  /**
   * Returns how many blocks can be written together.
   *
   * @return what the table was formatted with; 0 if each is written by itself
   */
  public int largestCommit() {
    return redoLog.capacity();
  }

  /**
   * Says where the table begins.
   *
   * @return the place
   */
  public BttPlacement placement() {
    return placement;
  }

  /**
   * Returns what was found broken at opening.
   *
   * @return the findings, at most 16 for each arena; empty if all is well
   */
  public List<HeapCorruptedException> damage() {
    HeapCorruptedException broken = redoLog.damage();
    return Stream.concat(table.damage().stream(), Stream.ofNullable(broken)).toList();
  }

  /**
   * Says whether some arena takes no writes.
   *
   * @return whether one is damaged or has the error flag
   */
  public boolean isReadOnly() {
    return table.isReadOnly() || redoLog.damage() != null;
  }

  /**
   * Copies a block. One that was never written reads as zeros.
   *
   * @param block 0 to {@link #blockCount()} - 1
   * @param target of just the block size
   * @throws BttBlockErrorException if the block is marked as lost
   * @throws HeapCorruptedException if the map leads outside of the arena
   */
  public void read(long block, byte[] target) {
    checkLength(target);
    checkBlock(block);
    byte[] committed = redoLog.committed(block);
    if (committed != null) {
      System.arraycopy(committed, 0, target, 0, target.length);
    } else {
      table.read(block, target);
    }
  }

  /**
   * Pins a block: gives a view of the content where it lies, which stays as it is until it is
   * released, while others write the block.
   *
   * <p>Takes no fence of the medium and no storage. Content that is written over while it is pinned
   * keeps one of the free blocks of its arena, of which there are 256 as a rule; when all are kept,
   * writes fail. So a pin is for a short time. Pins of blocks that nobody writes cost nothing.
   *
   * @param block 0 to {@link #blockCount()} - 1
   * @return the pin, to be closed by any thread
   * @throws BttBlockErrorException if the block is marked as lost
   * @throws HeapCorruptedException if the map leads outside of the arena
   */
  public BttPin pin(long block) {
    checkBlock(block);
    byte[] committed = redoLog.committed(block);
    if (committed != null) {
      return pins.add(block, MemorySegment.ofArray(committed), () -> {});
    }
    ArenaSet.Pinned pinned = table.pin(block);
    return pins.add(block, pinned.content(), pinned.release());
  }

  /**
   * Returns how many pins are not yet released.
   *
   * @return their number
   */
  public int pinCount() {
    return pins.count();
  }

  /**
   * Replaces a block, durably. Does not wait for readers, unless all places where the new content
   * could go are read from.
   *
   * <p>Costs three fences, and a flush of the lines of the block and of three more.
   *
   * @param block 0 to {@link #blockCount()} - 1
   * @param source of just the block size
   * @throws BttReadOnlyException if the arena takes no writes
   * @throws BttPinnedException if all places where the new content could go are pinned
   * @throws HeapFailedException if the medium fails: the block is old or new after the next
   *     opening; or if it has failed before, under another write to the arena
   */
  public void write(long block, byte[] source) {
    checkLength(source);
    checkBlock(block);
    redoLog.beside(() -> table.write(block, source));
  }

  /**
   * Replaces several blocks together, durably: after a crash all are old or all are new. Who reads
   * one of them new then reads all of them new.
   *
   * <p>Waits for writes under way, and holds up others until it returns. Costs twelve fences, if
   * the blocks lie in one arena that has as many blocks free; each block is stored twice.
   *
   * @param contents by block; at most {@link #largestCommit} of them, or one; each of just the
   *     block size
   * @throws IllegalArgumentException if there are more; nothing was changed
   * @throws BttReadOnlyException if an arena takes no writes; nothing was changed
   * @throws BttPinnedException if all places where new content could go are pinned; nothing was
   *     changed
   * @throws HeapFailedException if the medium fails: all are old or all are new after the next
   *     opening; or if it has failed before
   */
  public void write(Map<Long, byte[]> contents) {
    redoLog.checkSound();
    int most = Math.max(1, largestCommit());
    if (contents.size() > most) {
      throw new IllegalArgumentException(
          "%d blocks together: expected at most %d, as the table was formatted"
              .formatted(contents.size(), most));
    }
    SortedMap<Long, byte[]> copies = new TreeMap<>();
    contents.forEach(
        (block, content) -> {
          checkBlock(block);
          checkLength(content);
          copies.put(block, content.clone());
        });
    if (copies.size() == 1) {
      copies.forEach(this::write);
    } else if (!copies.isEmpty()) {
      redoLog.commit(copies);
    }
  }

  /** Replaces blocks, durably, each whole or not at all by itself, for few fences in all. */
  void writeEach(long[] blocks, byte[][] sources) {
    redoLog.beside(() -> table.write(blocks, sources));
  }

  /**
   * Makes a block read as zeros, durably. Costs one fence and one line, or nothing if it does so
   * already.
   *
   * @param block 0 to {@link #blockCount()} - 1
   * @throws BttReadOnlyException if the arena takes no writes
   * @throws HeapFailedException if the medium fails, or has failed: zero or not after the next
   *     opening
   */
  public void setZero(long block) {
    mark(block, MapEntry.ZERO);
  }

  /**
   * Marks a block as lost, durably, until it is written again. Costs one fence and one line.
   *
   * @param block 0 to {@link #blockCount()} - 1
   * @throws BttReadOnlyException if the arena takes no writes
   * @throws HeapFailedException if the medium fails, or has failed: lost or not after the next
   *     opening
   */
  public void setError(long block) {
    mark(block, MapEntry.ERROR);
  }

  private void mark(long block, int flag) {
    checkBlock(block);
    redoLog.beside(() -> table.mark(block, flag));
  }

  Medium medium() {
    return medium;
  }

  private void checkBlock(long block) {
    Objects.checkIndex(block, blockCount());
  }

  private void checkLength(byte[] bytes) {
    if (bytes.length != blockSize()) {
      throw new IllegalArgumentException(
          "%d bytes: expected a block of %d".formatted(bytes.length, blockSize()));
    }
  }

  /**
   * Closes the medium. Idempotent. Nothing is left to be made durable. Called by one thread, while
   * nobody is inside of another method; what pins still show is then no longer alive.
   *
   * @throws IllegalStateException if there are pins that were not released: says where they were
   *     made; the store is closed all the same
   */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    medium.close();
    pins.checkReleased();
  }
}
