package dev.cairn.heap.spi;

import static dev.cairn.heap.spi.SuperblockLayout.CREATION_MARKER;
import static dev.cairn.heap.spi.SuperblockLayout.SLOTS_SIZE;
import static dev.cairn.heap.spi.SuperblockLayout.SLOT_COUNT;
import static dev.cairn.heap.spi.SuperblockLayout.SLOT_SIZE;
import static dev.cairn.heap.spi.SuperblockLayout.USED_SIZE;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapInUseException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An open heap: a locked, mapped medium whose superblocks were checked.
 *
 * <p>What it answers for: that only one program has the heap open, that the heap is what its
 * superblocks say, that growth is safe from crashes, and that nobody works on after a failure. It
 * does not know what lies in lanes and zones.
 *
 * <p>The accessor may be used by many threads. {@link #grow}, {@link #markInUse} and {@link #close}
 * are called by one at a time. Nobody may be inside a flush or a fence when {@code close} is
 * called; loads and stores that come later throw {@link IllegalStateException}.
 */
public final class HeapFile implements AutoCloseable {
  /*
   * Both slots hold the same superblock, except during an update.
   *
   * I1  One slot is valid and durable at any moment: an update rewrites slot 1, waits until it is
   *     durable, and only then rewrites slot 0. A torn slot fails its checksum.
   * I2  The newer valid slot is the truth. Damage to one slot costs nothing, since the other one is
   *     just as new; that is why both are written each time, and not in turn.
   * I3  What a superblock says is true before it is written: storage before size, zeros before the
   *     first superblock. So it does not matter at which point of an update a crash comes.
   */
  private static final long ZEROED_SIZE = HeapLayout.ZONES_OFFSET + HeapLayout.CHUNK_SIZE;

  /** The identity of heaps whose stores are observed: seeds of hashes come from it. */
  private static final UUID OBSERVED_UUID =
      UUID.nameUUIDFromBytes("observed".getBytes(StandardCharsets.US_ASCII));

  private enum State {
    OPEN,
    FAILED,
    CLOSED
  }

  private final Medium medium;
  private final HeapOptions options;
  private final MediumAccessor accessor;
  private final MediumAccessor protocolAccessor;
  private final String name;
  private final boolean wasClosedCleanly;

  /** In an observed heap, the threads in the order of their arrival. */
  private final Map<Thread, Integer> arrivals = new ConcurrentHashMap<>();

  private final AtomicInteger arrived = new AtomicInteger();

  private volatile Superblock superblock;
  private boolean markedInUse;
  private @Nullable HeapFailedException firstFailure;
  private volatile State state = State.OPEN;

  private HeapFile(
      Medium medium, HeapOptions options, MediumAccessor protocolAccessor, Superblock superblock) {
    this.medium = medium;
    this.options = options;
    this.accessor = new MediumAccessor(medium);
    this.protocolAccessor = protocolAccessor;
    this.name = medium.name();
    this.superblock = superblock;
    this.wasClosedCleanly = superblock.closedCleanly();
  }

  /**
   * Creates the file at a path, and an empty heap in it. An empty file, or one whose creation was
   * cut short, is taken over.
   *
   * <p>The heap and the file's name are durable when this returns. After a crash before that, the
   * file is an unfinished creation; if this throws, the file is gone again, unless it was there
   * before.
   *
   * @param path where; its directory must exist
   * @param options initial and maximum size, and the medium
   * @return the open heap
   * @throws FileAlreadyExistsException if there is a file with something in it; it is left alone
   * @throws IOException if the file cannot be created, allocated or mapped as the options ask
   * @throws HeapInUseException if another program is just creating the heap
   * @throws IllegalArgumentException if the maximum size is below the initial size
   */
  public static HeapFile create(Path path, HeapOptions options) throws IOException {
    if (options.maximumSize() < options.initialSize()) {
      throw new IllegalArgumentException(
          "maximum size %,d bytes: expected at least the initial size %,d"
              .formatted(options.maximumSize(), options.initialSize()));
    }
    long size = wholeChunks(options.initialSize());
    long maximumSize = wholeChunks(options.maximumSize());
    LockedFile file = LockedFile.create(path);
    Medium medium = null;
    try {
      file.allocate(Long.BYTES, size);
      MappedMedium mapped = MediumChoice.map(file, options, size, maximumSize);
      medium = mapped;
      medium = options.mediumDecorator().apply(mapped);
      mapped.prefault();
      HeapFile heap = create(medium, options);
      file.syncDirectory();
      return heap;
    } catch (Throwable e) {
      file.deleteIfCreated(e);
      closeAll(file, medium);
      throw e;
    }
  }

  /**
   * Opens the heap at a path. If that is not possible, the file is left byte for byte as it was.
   *
   * @param path where
   * @param options the medium; the sizes are those of the heap
   * @return the open heap
   * @throws NoSuchFileException if there is no file
   * @throws IOException if the file cannot be opened, or mapped as the options ask
   * @throws HeapFormatException if the file is not a heap that this version can read
   * @throws HeapCorruptedException if it is a damaged one
   * @throws HeapInUseException if it is open already, here or in another process
   */
  public static HeapFile open(Path path, HeapOptions options) throws IOException {
    LockedFile file = LockedFile.open(path);
    Medium medium = null;
    try {
      byte[] slots = new byte[SLOTS_SIZE];
      file.read(slots);
      Superblock found = Superblock.decode(slots, file.status().size(), path.toString());
      MappedMedium mapped = MediumChoice.map(file, options, found.size(), found.maximumSize());
      medium = mapped;
      medium = options.mediumDecorator().apply(mapped);
      file.fillHoles(found.size());
      mapped.prefault();
      return open(medium, options);
    } catch (Throwable e) {
      closeAll(file, medium);
      throw e;
    }
  }

  /**
   * Opens the heap at a path; creates one if there is no file, an empty one, or one whose creation
   * was cut short.
   *
   * @param path where
   * @param options as for {@link #create(Path, HeapOptions)}
   * @return the open heap
   * @throws IOException as {@link #create(Path, HeapOptions)} and {@link #open(Path, HeapOptions)}
   *     do
   */
  public static HeapFile openOrCreate(Path path, HeapOptions options) throws IOException {
    while (true) {
      try {
        return create(path, options);
      } catch (FileAlreadyExistsException exists) {
        // Opened below, unless it is deleted just now.
      }
      try {
        return open(path, options);
      } catch (NoSuchFileException deleted) {
        // Created above, unless somebody else does.
      }
    }
  }

  /**
   * Makes a new heap on a medium, whatever it held. The heap takes all of the medium; the sizes in
   * the options are not used.
   *
   * <p>The heap is durable when this returns. After a crash before that, the medium holds what it
   * held before, or an unfinished creation. On a medium with an observer, the heap's identity is
   * always the same, so that tests can be repeated.
   *
   * @param medium closed by {@link #close} of the heap; left open if this throws
   * @param options kept for {@link #options}
   * @return the open heap
   * @throws IllegalArgumentException if the medium is smaller than {@link HeapOptions#MINIMUM_SIZE}
   */
  public static HeapFile create(Medium medium, HeapOptions options) {
    long size = medium.size() & -HeapLayout.CHUNK_SIZE;
    long maximumSize = medium.maximumSize() & -HeapLayout.CHUNK_SIZE;
    if (size < HeapOptions.MINIMUM_SIZE || maximumSize > HeapOptions.LARGEST_SIZE) {
      throw new IllegalArgumentException(
          "%s: size 0x%x, maximum size 0x%x: expected 0x%x to 0x%x"
              .formatted(
                  medium.name(),
                  medium.size(),
                  medium.maximumSize(),
                  HeapOptions.MINIMUM_SIZE,
                  HeapOptions.LARGEST_SIZE));
    }
    MediumAccessor accessor = MediumAccessor.forProtocol(medium);
    UUID uuid = accessor.isObserved() ? OBSERVED_UUID : Superblock.randomUuid();

    // From here to the end, an old heap must not be opened: the marker says so, whatever slot 1
    // holds. Nothing else has changed yet, so until this is durable the old heap is whole.
    accessor.putWord(0, CREATION_MARKER);
    accessor.persist(0, Long.BYTES);

    // Durable with slot 1, and so before slot 0: the old slot 0 must not come back with the magic.
    accessor.fill(Long.BYTES, ZEROED_SIZE - Long.BYTES, (byte) 0);
    accessor.flush(Long.BYTES, ZEROED_SIZE - Long.BYTES);

    // Slot 0 comes last, since the marker stands where its magic will be: as long as that word is
    // the marker, the creation is unfinished; as soon as it is the magic, slot 1 is durable, so
    // the heap opens even if the rest of slot 0 is torn.
    HeapFile heap =
        new HeapFile(medium, options, accessor, Superblock.ofNewHeap(uuid, size, maximumSize));
    heap.writeSlot(1);
    heap.writeSlot(0);
    return heap;
  }

  /**
   * Opens the heap that a medium holds. A damaged or older copy of the superblock is repaired from
   * the other one, after all else was found to be right.
   *
   * @param medium closed by {@link #close} of the heap; left open if this throws
   * @param options kept for {@link #options}
   * @return the open heap
   * @throws HeapFormatException if this is not a heap that this version can read
   * @throws HeapCorruptedException if it is a damaged one
   */
  public static HeapFile open(Medium medium, HeapOptions options) {
    long size = medium.size();
    byte[] slots = new byte[SLOTS_SIZE];
    MediumAccessor accessor = MediumAccessor.forProtocol(medium);
    accessor.get(0, slots, 0, (int) Math.min(size, SLOTS_SIZE));
    Superblock found = Superblock.decode(slots, size, medium.name());
    if (found.maximumSize() > medium.maximumSize()) {
      throw new IllegalArgumentException(
          "%s: the medium reaches to 0x%x, the heap to 0x%x"
              .formatted(medium.name(), medium.maximumSize(), found.maximumSize()));
    }
    HeapFile heap = new HeapFile(medium, options, accessor, found);
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
      if (!found.isHeldBy(slots, slot)) {
        heap.repairSlot(slot);
      }
    }
    return heap;
  }

  /**
   * Returns what reads the heap's bytes, and stores to those that a transaction has snapshotted or
   * that are fresh.
   *
   * @return always the same accessor
   */
  public MediumAccessor accessor() {
    return accessor;
  }

  /**
   * Returns what the steps of protocols store with: each with an argument of its own why a crash
   * just then is harmless. Not for structures.
   *
   * @return always the same accessor
   */
  public MediumAccessor protocolAccessor() {
    return protocolAccessor;
  }

  /**
   * Names the heap for messages.
   *
   * @return the path, or the medium's name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the heap's identity, given to it when it was created.
   *
   * @return the UUID
   */
  public UUID uuid() {
    return superblock.uuid();
  }

  /**
   * Returns the options that the heap was opened with.
   *
   * @return the options
   */
  public HeapOptions options() {
    return options;
  }

  /**
   * Returns a number that spreads threads over lanes and arenas: the thread's own, or, if the heap
   * is observed, how many came before it, which is the same in each run of a test.
   *
   * @return any number, always the same one for a thread
   */
  public int threadNumber() {
    Thread thread = Thread.currentThread();
    return accessor.isObserved()
        ? arrivals.computeIfAbsent(thread, t -> arrived.getAndIncrement())
        : (int) thread.threadId();
  }

  /**
   * Says what survives what, and why.
   *
   * @return the durability of what was fenced
   */
  public Durability durability() {
    return medium.durability();
  }

  /**
   * Returns how large the heap is.
   *
   * @return in bytes, a multiple of {@link HeapLayout#CHUNK_SIZE}
   */
  public long size() {
    return superblock.size();
  }

  /**
   * Returns how far the heap may grow.
   *
   * @return in bytes, a multiple of {@link HeapLayout#CHUNK_SIZE}
   */
  public long maximumSize() {
    return superblock.maximumSize();
  }

  /**
   * Says whether the last one who had the heap in use closed it. If so there is nothing to recover.
   *
   * @return true for a new heap, too
   */
  public boolean wasClosedCleanly() {
    return wasClosedCleanly;
  }

  /**
   * Makes the heap larger. The new bytes are zero, backed by storage and part of the heap, durably,
   * when this returns.
   *
   * @param newSize in bytes, a multiple of {@link HeapLayout#CHUNK_SIZE}, at least the size now
   * @throws IOException if the storage is not to be had; the heap is as before and can be used
   * @throws IllegalArgumentException if the size is not one that the heap can have
   * @throws HeapFailedException if the heap has failed, or fails now
   */
  public void grow(long newSize) throws IOException {
    checkUsable();
    if (newSize % HeapLayout.CHUNK_SIZE != 0 || newSize < size() || newSize > maximumSize()) {
      throw new IllegalArgumentException(
          "%s: new size 0x%x, expected a multiple of 0x%x from 0x%x to 0x%x"
              .formatted(name, newSize, HeapLayout.CHUNK_SIZE, size(), maximumSize()));
    }
    if (newSize == size()) {
      return;
    }
    if (newSize > medium.size()) {
      medium.grow(newSize);
    }
    accessor.extend();
    protocolAccessor.extend();
    update(superblock.withSize(newSize));
  }

  /**
   * Marks the heap as in use, durably. To be called before anything in it is changed, but after
   * recovery: until then, whether the heap needs recovery must not be forgotten.
   *
   * @throws HeapFailedException if the heap has failed, or fails now
   */
  public void markInUse() {
    checkUsable();
    if (superblock.closedCleanly()) {
      update(superblock.withClosedCleanly(false));
    }
    markedInUse = true;
  }

  /**
   * Checks what the heap file itself answers for: that both copies of the superblock are what they
   * should be, and that what is reserved before the lanes is zero. For a quiet heap: nobody may be
   * growing it.
   *
   * @param findings is told of everything that is wrong
   */
  public void verify(Consumer<HeapCorruptedException> findings) {
    byte[] slots = new byte[SLOTS_SIZE];
    accessor.get(0, slots, 0, slots.length);
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
      if (!superblock.isHeldBy(slots, slot)) {
        findings.accept(superblock.difference(slots, slot));
      }
    }
    if (superblock.compatibleFeatures() == 0) { // otherwise a later version may keep something here
      checkZero(HeapLayout.ROOT_OFFSET + Long.BYTES, HeapLayout.ERA_OFFSET, findings);
      checkZero(HeapLayout.ERA_OFFSET + Long.BYTES, HeapLayout.LANES_OFFSET, findings);
    }
  }

  private void checkZero(long from, long to, Consumer<HeapCorruptedException> findings) {
    if (accessor.isZero(from, to - from)) {
      return;
    }
    for (long offset = from; offset < to; offset += Long.BYTES) {
      long word = accessor.getWord(offset);
      if (word != 0) {
        findings.accept(
            new HeapCorruptedException(
                String.valueOf(RegionNames.describe(offset)),
                offset,
                "zero",
                "0x" + Long.toHexString(word)));
      }
    }
  }

  /**
   * Throws if the heap must not be used any more. Costs one volatile read.
   *
   * @throws HeapFailedException if the heap has failed; its cause is the first failure
   * @throws IllegalStateException if it is closed
   */
  public void checkUsable() {
    if (state != State.OPEN) {
      throw unusable();
    }
  }

  /**
   * Poisons the heap: what is durable is not known any more, so nobody may build on it. The first
   * failure is remembered.
   *
   * @param what was being done
   * @param cause why it failed
   * @return the exception for the caller to throw
   */
  public synchronized HeapFailedException fail(String what, Throwable cause) {
    HeapFailedException failure =
        cause instanceof HeapFailedException already
            ? already
            : new HeapFailedException(
                "%s: %s: %s".formatted(name, what, cause.getMessage()), cause);
    if (firstFailure == null) {
      firstFailure = failure;
    }
    if (state == State.OPEN) {
      state = State.FAILED;
    }
    return failure;
  }

  /**
   * Closes the heap: marks it as closed cleanly if it was marked as in use and has not failed, then
   * unmaps and unlocks it. Idempotent. Nobody may be inside a flush or a fence of this heap.
   *
   * @throws HeapFailedException if the mark could not be made durable; the heap is closed even so
   */
  @Override
  public synchronized void close() {
    if (state == State.CLOSED) {
      return;
    }
    try {
      if (state == State.OPEN && markedInUse) {
        update(superblock.withClosedCleanly(true));
      }
    } finally {
      if (state == State.FAILED) {
        accessor.discarded(0, size()); // recovery finds out what was durable
      }
      state = State.CLOSED;
      medium.close();
    }
  }

  private static void closeAll(LockedFile file, @Nullable Medium medium) {
    if (medium != null) {
      medium.close();
    }
    file.close();
  }

  private void update(Superblock updated) {
    superblock = updated;
    try {
      writeSlot(1);
      writeSlot(0);
    } catch (HeapFailedException | InternalError e) {
      throw fail("update of the superblock", e);
    }
  }

  private void repairSlot(int slot) {
    if (superblock.compatibleFeatures() == 0) {
      // Otherwise a later version may keep something there, and knows how to repair it.
      long reserved = (long) slot * SLOT_SIZE + USED_SIZE;
      protocolAccessor.fill(reserved, SLOT_SIZE - USED_SIZE, (byte) 0);
      protocolAccessor.flush(reserved, SLOT_SIZE - USED_SIZE);
    }
    writeSlot(slot);
  }

  private void writeSlot(int slot) {
    byte[] bytes = superblock.encode();
    long offset = (long) slot * SLOT_SIZE;
    protocolAccessor.put(offset, bytes, 0, bytes.length);
    protocolAccessor.persist(offset, bytes.length);
  }

  private synchronized RuntimeException unusable() {
    return firstFailure == null || state == State.CLOSED
        ? new IllegalStateException(name + ": this heap is closed")
        : new HeapFailedException(
            name + ": this heap has failed; close it and open it again", firstFailure);
  }

  private static long wholeChunks(long bytes) {
    return (bytes + HeapLayout.CHUNK_SIZE - 1) & -HeapLayout.CHUNK_SIZE;
  }
}
