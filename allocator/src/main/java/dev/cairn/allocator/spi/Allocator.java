package dev.cairn.allocator.spi;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.LogSpace;
import dev.cairn.tx.spi.Transaction;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands out blocks of a heap, and takes them back, as part of transactions.
 *
 * <p>A block is first <em>reserved</em>, in volatile state, and then <em>published</em> by the
 * transaction: one bit in its run's bitmap, or the one header word of a span of whole chunks. The
 * bits are logged, applied and made durable with the transaction's other changes; an allocation or
 * a free costs no fence of its own. What was reserved and not published is free again after a
 * crash, so nothing leaks.
 *
 * <p>Making or giving back a run is a durable step of its own, outside any transaction: other
 * transactions use the run's other blocks at once, and an empty run loses nothing.
 *
 * <p>Opening reads the chunk headers only. A run's bitmap is read when the run is first used.
 *
 * <p>Safe for use by many threads. Threads are spread over arenas, each with its own current run
 * for each size; the one lock that all share is taken once for each run of 256 KiB or more.
 */
public final class Allocator implements LogSpace {
  /** How many unknown runs an allocation looks at before it prefers to make a new one. */
  private static final int EXPLORE_LIMIT = 16;

  /** What an observed heap reckons with, so that it is the same on each machine. */
  private static final int OBSERVED_PROCESSORS = 2;

  /** Over how many monitors the runs are spread: enough that two arenas seldom meet at one. */
  private static final int STRIPES_PER_ARENA = 8;

  private final HeapFile file;
  private final MediumAccessor accessor;
  private final MediumAccessor protocolAccessor;
  private final ChunkTable chunks;
  private final int arenaMask;
  private final RunPool[] pools = new RunPool[SizeClasses.count()];

  private final RunTable runs;

  /**
   * Spans that were reserved or freed since open: their length in chunks, negative while a
   * transaction is about to free them.
   */
  private final ConcurrentHashMap<Long, Integer> spans = new ConcurrentHashMap<>();

  /**
   * Creates an allocator that knows nothing yet.
   *
   * @param file the open heap
   */
  public Allocator(HeapFile file) {
    this.file = file;
    this.accessor = file.accessor();
    this.protocolAccessor = file.protocolAccessor();
    this.chunks = new ChunkTable(file);
    int processors =
        accessor.isObserved() ? OBSERVED_PROCESSORS : Runtime.getRuntime().availableProcessors();
    int arenas = Integer.highestOneBit(4 * processors - 1);
    this.arenaMask = arenas - 1;
    this.runs = new RunTable(file, STRIPES_PER_ARENA * arenas);
    for (int i = 0; i < pools.length; i++) {
      pools[i] = new RunPool(SizeClasses.get(i), arenas);
    }
  }

  /**
   * Reads the chunk headers; stores nothing. Their invariants hold at any moment, before recovery
   * too: so this comes first, and once more if recovery has undone anything.
   *
   * @throws HeapCorruptedException if they break an invariant
   */
  public void load() {
    for (RunPool pool : pools) {
      pool.forgetUnexplored();
    }
    chunks.load((chunk, sizeClass) -> pools[sizeClass.index()].addUnexplored(chunk));
  }

  // For transactions of the collections.

  /**
   * Allocates a block: reserved now, published when the transaction commits, released if it aborts.
   * Its content is whatever was there. The block's lines are flushed by the commit: write it before
   * that, without declaring it. Costs no fence; a new run, once in hundreds of blocks, costs two.
   *
   * @param transaction the calling thread's
   * @param size in bytes, more than 0
   * @return the block's offset: a multiple of 16, and of 64 for sizes that are
   * @throws OutOfPersistentMemoryException if there is no such block and the heap cannot grow; the
   *     transaction is as before
   * @throws IllegalArgumentException if the size is not positive
   */
  public long allocate(Transaction transaction, long size) {
    long block = allocateUnwritten(transaction, size);
    transaction.fresh(block, size);
    return block;
  }

  /**
   * Allocates a block as {@link #allocate} does, whose content the transaction's record can vouch
   * for: see {@link Transaction#constant}.
   *
   * @param transaction the calling thread's
   * @param size in bytes, more than 0
   * @return the block's offset
   * @throws OutOfPersistentMemoryException as {@code allocate} does
   */
  public long allocateConstant(Transaction transaction, long size) {
    long block = allocateUnwritten(transaction, size);
    transaction.constant(block, size);
    return block;
  }

  /**
   * Allocates a block as {@link #allocate} does, whose content the transaction's record can vouch
   * for unless the transaction defers words of it: see {@link Transaction#revisable}.
   *
   * @param transaction the calling thread's
   * @param size in bytes, more than 0
   * @return the block's offset
   * @throws OutOfPersistentMemoryException as {@code allocate} does
   */
  public long allocateRevisable(Transaction transaction, long size) {
    long block = allocateUnwritten(transaction, size);
    transaction.revisable(block, size);
    return block;
  }

  /**
   * Allocates a block as {@link #allocate} does, but flushes nothing of it: for what is written
   * piece by piece, each declared.
   *
   * @param transaction the calling thread's
   * @param size in bytes, more than 0
   * @return the block's offset
   * @throws OutOfPersistentMemoryException as {@code allocate} does
   */
  public long allocateUnwritten(Transaction transaction, long size) {
    long block = reserveWithEffort(transaction, size);
    try {
      if (isSpan(block)) {
        long header = ChunkTable.headerOffset(ChunkTable.chunkOf(block));
        transaction.declareAllocated(header, spanHeader(block), block);
      } else {
        Run run = run(block);
        transaction.declareAllocated(run.bitmapWord(block), run.bitmapMask(block), block);
      }
    } catch (Throwable t) {
      release(block);
      throw t;
    }
    return block;
  }

  private long reserveWithEffort(Transaction transaction, long size) {
    try {
      return reserve(size);
    } catch (OutOfPersistentMemoryException e) {
      transaction.reclaim(); // or another thread has just done so
    }
    return reserve(size);
  }

  /**
   * Frees a block when the transaction commits; it can be allocated again once that is durable.
   *
   * @param transaction the calling thread's
   * @param block an allocated block's offset
   * @throws HeapCorruptedException if no allocated block begins there: a dangling offset, or a free
   *     of what is free or is being freed
   */
  public void free(Transaction transaction, long block) {
    if (isSpan(block)) {
      long header = spanHeader(block);
      int count = ChunkHeader.chunks(header);
      Integer before = spans.put(block, -count);
      checkBlock(before == null || before > 0, block, "a block that is not being freed already");
      declareFreed(transaction, ChunkTable.headerOffset(ChunkTable.chunkOf(block)), header, block);
    } else {
      Run run = run(block);
      checkBlock(run.startFree(block), block, "an allocated block that is not being freed already");
      declareFreed(transaction, run.bitmapWord(block), run.bitmapMask(block), block);
    }
  }

  private void declareFreed(Transaction transaction, long word, long mask, long block) {
    try {
      transaction.declareFreed(word, mask, block);
    } catch (Throwable t) {
      keep(block);
      throw t;
    }
  }

  /**
   * Reads what {@link #free} of a block is going to need, so that it is in the CPU's cache then: to
   * be called early, where others are waited for anyway. Changes nothing, and checks nothing.
   *
   * @param block any offset in the zones
   * @return something, so that it is not left out
   */
  public long lookAt(long block) {
    Run known = isInside(block) ? runs.get(ChunkTable.chunkOf(block)) : null;
    return known != null && known.isBlock(block) ? accessor.getWord(known.bitmapWord(block)) : 0;
  }

  /**
   * Returns how many bytes a block has: at least what was asked for. Reads a chunk header or two.
   *
   * @param block a reserved or allocated block's offset
   * @return in bytes
   * @throws HeapCorruptedException if no block can begin there
   */
  public long blockSize(long block) {
    if (isSpan(block)) {
      return ChunkHeader.chunks(spanHeader(block)) * HeapLayout.CHUNK_SIZE;
    }
    checkBlock(isInside(block), block, "an offset in a zone");
    long head = headOf(block);
    long header = chunks.header(head);
    checkBlock(ChunkHeader.isRun(header), block, "an offset in a run");
    SizeClass sizeClass = ChunkHeader.sizeClass(header);
    boolean isBlock = sizeClass.isBlock(block - ChunkTable.chunkOffset(head));
    checkBlock(isBlock, block, "the first byte of a block");
    return sizeClass.blockSize();
  }

  // For logs, and for the ends of transactions.

  @Override
  public long reserve(long size) {
    if (size <= 0) {
      throw new IllegalArgumentException(
          "allocation of %,d bytes: must be positive".formatted(size));
    }
    if (size > SizeClasses.LARGEST) {
      return reserveSpan(size);
    }
    RunPool pool = pools[SizeClasses.forSize(size).index()];
    int arena = arena();
    long block = pool.magazine(arena).take();
    if (block != 0) {
      run(block).keep(block);
      return block;
    }
    block = pool.take(arena);
    return block != 0 ? block : reserveSlowly(pool, arena, size);
  }

  @Override
  public void keep(long block) {
    if (isSpan(block)) {
      spans.computeIfPresent(block, (at, count) -> Math.abs(count));
    } else {
      run(block).keep(block);
    }
  }

  @Override
  public void release(long block) {
    if (isSpan(block)) {
      int count = Math.abs(Objects.requireNonNull(spans.remove(block)));
      chunks.give(ChunkTable.chunkOf(block), count);
      return;
    }
    Run run = run(block);
    run.startFree(block); // unless a transaction has freed it
    if (!pools[run.sizeClass.index()].magazine(arena()).offer(block)) {
      release(run, block);
    }
  }

  private void release(Run run, long block) {
    if (run.release(block)) {
      pools[run.sizeClass.index()].offer(run);
    }
  }

  private int arena() {
    return file.threadNumber() & arenaMask;
  }

  /** Gives the blocks of all magazines back to their runs. */
  private void emptyMagazines() {
    for (RunPool pool : pools) {
      for (int arena = 0; arena < pool.arenas(); arena++) {
        Magazine magazine = pool.magazine(arena);
        for (long block = magazine.take(); block != 0; block = magazine.take()) {
          release(run(block), block);
        }
      }
    }
  }

  /** Finds a run for an arena, in the order of what it costs. */
  private long reserveSlowly(RunPool pool, int arena, long size) {
    long block = reserveInPool(pool, arena);
    if (block == 0) {
      emptyMagazines();
      exploreEverything();
      block = reserveInPool(pool, arena);
    }
    if (block == 0) {
      block = pool.takeAnywhere();
    }
    if (block == 0) {
      block = takeLarger(pool);
    }
    if (block == 0 && pool.sizeClass.chunks() == 1) {
      throw outOfMemory(size, chunks.grow(1));
    }
    return block != 0 ? block : reserveSpan(size);
  }

  /**
   * The last resort of a full heap: a block of the next larger size that has one; 0 if none has.
   */
  private long takeLarger(RunPool pool) {
    for (int index = pool.sizeClass.index() + 1; index < pools.length; index++) {
      long block = pools[index].takeAnywhere();
      if (block != 0) {
        return block;
      }
    }
    return 0;
  }

  private long reserveInPool(RunPool pool, int arena) {
    synchronized (pool) {
      for (long block = pool.take(arena); ; block = pool.take(arena)) {
        if (block != 0) {
          return block;
        }
        if (!pool.adoptOffered(arena) && !explore(pool, arena) && !makeRun(pool, arena)) {
          return 0;
        }
      }
    }
  }

  /** Looks for free blocks in runs that nobody has used since open; a few at a time. */
  private boolean explore(RunPool pool, int arena) {
    for (int i = 0; i < EXPLORE_LIMIT; i++) {
      long chunk = pool.pollUnexplored();
      if (chunk < 0) {
        return false;
      }
      Run run = explored(pool, chunk);
      if (run != null) {
        pool.adopt(arena, run);
        return true;
      }
    }
    return false;
  }

  private boolean makeRun(RunPool pool, int arena) {
    SizeClass sizeClass = pool.sizeClass;
    long chunk = chunks.take(sizeClass.chunks());
    if (chunk < 0) {
      chunk = takeWithEffort(sizeClass.chunks());
    }
    if (chunk < 0) {
      return false;
    }
    writeRun(chunk, sizeClass);
    Run run = Run.empty(runs.inFlight(chunk), chunk, sizeClass);
    runs.put(run);
    run.offer();
    pool.adopt(arena, run);
    return true;
  }

  /** Makes chunks a run, durably. A crash at any moment leaves free chunks or an empty run. */
  private void writeRun(long chunk, SizeClass sizeClass) {
    long start = ChunkTable.chunkOffset(chunk);
    long bitmapSize = (long) sizeClass.bitmapWords() * Long.BYTES;
    protocolAccessor.fill(start, bitmapSize, (byte) 0);
    // The bitmap must be durable first: a header over old bytes would show blocks that nobody has.
    protocolAccessor.persist(start, bitmapSize);
    long header = ChunkTable.headerOffset(chunk);
    protocolAccessor.putWord(header, ChunkHeader.run(sizeClass, chunk));
    protocolAccessor.persist(header, Long.BYTES);
  }

  private long reserveSpan(long size) {
    long count = (size - 1) / HeapLayout.CHUNK_SIZE + 1;
    if (count >= ChunkTable.CHUNKS_PER_ZONE) {
      long largest = (ChunkTable.CHUNKS_PER_ZONE - 1) * HeapLayout.CHUNK_SIZE;
      throw outOfMemory(
          size,
          new ChunkTable.GrowthFailure("the largest block has %,d bytes".formatted(largest), null));
    }
    long chunk = chunks.take((int) count);
    if (chunk < 0) {
      chunk = takeWithEffort((int) count);
    }
    if (chunk < 0) {
      exploreEverything();
      chunk = takeWithEffort((int) count);
    }
    if (chunk < 0) {
      throw outOfMemory(size, chunks.grow((int) count));
    }
    long block = ChunkTable.chunkOffset(chunk);
    spans.put(block, (int) count);
    return block;
  }

  /** Gives empty runs back, then lets the heap grow, until chunks can be taken; -1 if neither. */
  private long takeWithEffort(int count) {
    reclaimEmptyRuns();
    long chunk = chunks.take(count);
    while (chunk < 0 && chunks.grow(count) == null) {
      chunk = chunks.take(count);
    }
    return chunk;
  }

  /**
   * Reads a run that was not looked at when the heap was opened. It may have become known since, or
   * even have been given back and made into something else.
   *
   * @return the run, marked as offered, or null if it is not to be had
   */
  private @Nullable Run explored(RunPool pool, long chunk) {
    synchronized (runs) {
      long header = chunks.header(chunk);
      if (!ChunkHeader.isRun(header) || ChunkHeader.sizeClass(header) != pool.sizeClass) {
        return null;
      }
      Run run = runAt(chunk, ChunkTable.chunkOffset(chunk));
      return run.offer() ? run : null;
    }
  }

  /** Looks at every run that nobody has used since open: the last resort before giving up. */
  private void exploreEverything() {
    for (RunPool pool : pools) {
      for (long chunk = pool.pollUnexplored(); chunk >= 0; chunk = pool.pollUnexplored()) {
        Run run = explored(pool, chunk);
        if (run != null) {
          pool.offer(run);
        }
      }
    }
  }

  /** Gives back the chunks of runs that have no block in use. Costs one fence for each. */
  private void reclaimEmptyRuns() {
    emptyMagazines();
    runs.forEach(
        run -> {
          if (run.kill()) {
            synchronized (runs) {
              long header = ChunkTable.headerOffset(run.chunk);
              protocolAccessor.putWord(header, ChunkHeader.FREE);
              // Free, durably, before another header or a span's log entry may follow.
              protocolAccessor.persist(header, Long.BYTES);
              runs.remove(run);
            }
            chunks.give(run.chunk, run.sizeClass.chunks());
          }
        });
  }

  private OutOfPersistentMemoryException outOfMemory(
      long size, ChunkTable.@Nullable GrowthFailure failure) {
    AllocatorStats stats = stats();
    return new OutOfPersistentMemoryException(
        file.name(),
        size,
        stats.freeBytes(),
        chunks.largestFreeRange(),
        failure == null ? "other threads took what it grew by" : failure.reason(),
        failure == null ? null : failure.cause());
  }

  // Looking.

  /**
   * Counts what is used and what is free. Reads every chunk header and bitmap: a cost that grows
   * with the heap.
   *
   * @return the counts, not exact while others allocate
   */
  public AllocatorStats stats() {
    long used = 0;
    long freeInRuns = 0;
    long runCount = 0;
    long spanCount = 0;
    for (long chunk = 0; chunk < chunks.chunkCount(); ) {
      long header = chunk % ChunkTable.CHUNKS_PER_ZONE == 0 ? 0 : chunks.header(chunk);
      if (header == ChunkHeader.FREE) {
        chunk++;
        continue;
      }
      if (ChunkHeader.isRun(header)) {
        SizeClass sizeClass = ChunkHeader.sizeClass(header);
        long allocated = countAllocated(chunk, sizeClass);
        used += allocated * sizeClass.blockSize();
        freeInRuns += (sizeClass.blockCount() - allocated) * sizeClass.blockSize();
        runCount++;
      } else {
        used += ChunkHeader.chunks(header) * HeapLayout.CHUNK_SIZE;
        spanCount++;
      }
      chunk += ChunkHeader.chunks(header);
    }
    long freeChunks = chunks.freeChunks() * HeapLayout.CHUNK_SIZE;
    return new AllocatorStats(used, freeInRuns + freeChunks, freeChunks, runCount, spanCount);
  }

  private long countAllocated(long chunk, SizeClass sizeClass) {
    long count = 0;
    for (int word = 0; word < sizeClass.bitmapWords(); word++) {
      long at = ChunkTable.chunkOffset(chunk) + (long) word * Long.BYTES;
      count += Long.bitCount(accessor.getWord(at));
    }
    return count;
  }

  /**
   * Visits every allocated block, as the medium has it, in rising order. For a quiet heap: no
   * transaction may be running.
   *
   * @param visitor told each block's offset and size
   * @throws HeapCorruptedException if a chunk header or bitmap breaks an invariant
   */
  public void forEachAllocated(BlockVisitor visitor) {
    for (long chunk = 0; chunk < chunks.chunkCount(); ) {
      long header = chunk % ChunkTable.CHUNKS_PER_ZONE == 0 ? 0 : chunks.header(chunk);
      if (header == ChunkHeader.FREE) {
        chunk++;
        continue;
      }
      if (ChunkHeader.isRun(header)) {
        visitRun(chunk, ChunkHeader.sizeClass(header), visitor);
      } else {
        visitor.visit(
            ChunkTable.chunkOffset(chunk), ChunkHeader.chunks(header) * HeapLayout.CHUNK_SIZE);
      }
      chunk += ChunkHeader.chunks(header);
    }
  }

  /**
   * Checks the chunk headers and bitmaps on the medium, and that volatile state calls nothing free
   * that the medium calls allocated. For a quiet heap: no transaction may be running.
   *
   * @param findings is told of everything that is wrong
   * @return whether {@link #forEachAllocated} can be relied on
   */
  public boolean verify(Consumer<HeapCorruptedException> findings) {
    boolean[] sound = {true};
    Consumer<HeapCorruptedException> watched =
        finding -> {
          sound[0] = false;
          findings.accept(finding);
        };
    try {
      chunks.verify(
          (chunk, sizeClass) -> {
            try {
              verifyRun(chunk, sizeClass);
            } catch (HeapCorruptedException e) {
              watched.accept(e);
            }
          });
    } catch (HeapCorruptedException e) {
      watched.accept(e);
    }
    return sound[0];
  }

  private void verifyRun(long chunk, SizeClass sizeClass) {
    Run.load(runs.inFlight(chunk), chunk, sizeClass); // checks the bitmap
    Run known = runs.get(chunk);
    if (known != null) {
      known.verify();
    }
  }

  private void visitRun(long chunk, SizeClass sizeClass, BlockVisitor visitor) {
    Run.load(runs.inFlight(chunk), chunk, sizeClass); // checks the bitmap
    long start = ChunkTable.chunkOffset(chunk);
    for (int word = 0; word < sizeClass.bitmapWords(); word++) {
      long allocated = accessor.getWord(start + (long) word * Long.BYTES);
      for (; allocated != 0; allocated &= allocated - 1) {
        long index = word * (long) Long.SIZE + Long.numberOfTrailingZeros(allocated);
        visitor.visit(
            start + sizeClass.blocksOffset() + index * sizeClass.blockSize(),
            sizeClass.blockSize());
      }
    }
  }

  /**
   * Says what lies at an offset in the zones, for reports. Takes no lock: not exact while others
   * allocate.
   *
   * @param offset any number
   * @return its name, and the allocated block that it is in, if it is in one
   * @throws HeapCorruptedException if a chunk header is damaged
   */
  public BlockPlace place(long offset) {
    checkBlock(isInside(offset), offset, "an offset in a zone");
    long chunk = ChunkTable.chunkOf(offset);
    if (chunk % ChunkTable.CHUNKS_PER_ZONE == 0) {
      return tablePlace(chunk, offset - ChunkTable.chunkOffset(chunk));
    }
    long head = coveringHead(chunk);
    if (head < 0) {
      return new BlockPlace("free chunk %d".formatted(chunk), 0, 0);
    }
    long start = ChunkTable.chunkOffset(head);
    long header = chunks.header(head);
    if (ChunkHeader.isSpan(header)) {
      String name = "span of %d chunks at chunk %d".formatted(ChunkHeader.chunks(header), head);
      return new BlockPlace(name, start, ChunkHeader.chunks(header) * HeapLayout.CHUNK_SIZE);
    }
    return runPlace(head, ChunkHeader.sizeClass(header), start, offset - start);
  }

  private BlockPlace tablePlace(long zone, long inChunk) {
    long chunk = zone + inChunk / Long.BYTES;
    String name =
        inChunk >= ChunkTable.CHUNKS_PER_ZONE * (long) Long.BYTES
            ? "behind the table of zone %d".formatted(zone / ChunkTable.CHUNKS_PER_ZONE)
            : chunk < chunks.chunkCount()
                ? "chunk %d, header".formatted(chunk)
                : "chunk %d, header, behind the end of the heap".formatted(chunk);
    return new BlockPlace(name, 0, 0);
  }

  private BlockPlace runPlace(long chunk, SizeClass sizeClass, long start, long inRun) {
    String run = "run of %d-byte blocks in chunk %d".formatted(sizeClass.blockSize(), chunk);
    long inBlocks = inRun - sizeClass.blocksOffset();
    long index = Math.floorDiv(inBlocks, (long) sizeClass.blockSize());
    if (inRun < (long) sizeClass.bitmapWords() * Long.BYTES) {
      return new BlockPlace("%s, bitmap word %d".formatted(run, inRun / Long.BYTES), 0, 0);
    } else if (inBlocks < 0 || index >= sizeClass.blockCount()) {
      return new BlockPlace(run + ", padding", 0, 0);
    }
    long bits = accessor.getWord(start + index / Long.SIZE * Long.BYTES);
    String name = "block %d of the %s".formatted(index, run);
    if ((bits >>> index & 1) == 0) {
      return new BlockPlace("free " + name, 0, 0);
    }
    long block = start + sizeClass.blocksOffset() + index * sizeClass.blockSize();
    return new BlockPlace(name, block, sizeClass.blockSize());
  }

  /** The first chunk of the run or span that covers a chunk, or -1 if the chunk is free. */
  private long coveringHead(long chunk) {
    for (long head = chunk; head % ChunkTable.CHUNKS_PER_ZONE != 0; head--) {
      long header = accessor.getWord(ChunkTable.headerOffset(head));
      if (header != ChunkHeader.FREE) {
        return head + ChunkHeader.chunks(chunks.header(head)) > chunk ? head : -1;
      }
    }
    return -1;
  }

  /** Receives blocks. */
  @FunctionalInterface
  public interface BlockVisitor {
    /**
     * Called once for each block.
     *
     * @param block its offset
     * @param size in bytes
     */
    void visit(long block, long size);
  }

  // From a block to its run or span.

  /** Only spans begin where a chunk begins: a run has its bitmap there. */
  private static boolean isSpan(long block) {
    return (block - HeapLayout.ZONES_OFFSET) % HeapLayout.CHUNK_SIZE == 0;
  }

  /** The header that an allocated span has, and that a reserved one will have. */
  private long spanHeader(long block) {
    long chunk = ChunkTable.chunkOf(block);
    Integer known = spans.get(block);
    if (known != null) {
      return ChunkHeader.span(Math.abs(known), chunk);
    }
    checkBlock(isInside(block), block, "an offset in a zone");
    long header = chunks.header(chunk);
    checkBlock(ChunkHeader.isSpan(header), block, "the first byte of an allocated span");
    return header;
  }

  /** The run in which a block lies. Hot path. */
  private Run run(long block) {
    checkBlock(isInside(block), block, "an offset in a zone");
    Run known = runs.get(ChunkTable.chunkOf(block));
    Run run = known != null ? known : runAt(headOf(block), block);
    checkBlock(run.isBlock(block), block, "the first byte of a block");
    return run;
  }

  /** The run that begins at a chunk and holds a block, read from the medium if it is not known. */
  private Run runAt(long chunk, long block) {
    Run known = runs.get(chunk);
    if (known != null) {
      return known;
    }
    synchronized (runs) {
      known = runs.get(chunk);
      if (known == null) {
        long header = chunks.header(chunk);
        checkBlock(ChunkHeader.isRun(header), block, "an offset in a run");
        known = Run.load(runs.inFlight(chunk), chunk, ChunkHeader.sizeClass(header));
        runs.put(known);
      }
      return known;
    }
  }

  private boolean isInside(long block) {
    return block >= HeapLayout.ZONES_OFFSET && block < accessor.size();
  }

  /** The first chunk of the run in which an offset lies. */
  private long headOf(long block) {
    long chunk = ChunkTable.chunkOf(block);
    for (long head = chunk; head > chunk - SizeClasses.MOST_CHUNKS; head--) {
      if (head % ChunkTable.CHUNKS_PER_ZONE == 0) {
        break;
      }
      long header = chunks.header(head);
      if (header != ChunkHeader.FREE) {
        checkBlock(head + ChunkHeader.chunks(header) > chunk, block, "a chunk in use");
        return head;
      }
    }
    throw notABlock(block, "a chunk in use");
  }

  private static void checkBlock(boolean ok, long block, String expected) {
    if (!ok) {
      throw notABlock(block, expected);
    }
  }

  private static HeapCorruptedException notABlock(long block, String expected) {
    return new HeapCorruptedException(
        "block offset", block, expected, "0x" + Long.toHexString(block));
  }
}
