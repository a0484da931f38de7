package dev.cairn.allocator.spi;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.io.IOException;
import java.util.BitSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a heap: which are free, and what the others hold.
 *
 * <p>Chunks are counted from 0 over the whole heap. Each zone is 4 GiB; its first chunk holds the
 * zone's table of chunk headers, one word each. Free chunks are also kept as a volatile bit set,
 * rebuilt from the tables at open.
 *
 * <pre>
 * I1  A header other than zero covers its chunk and the chunks - 1 behind it, whose headers are zero.
 * I2  No run or span crosses the end of its zone or of the heap.
 * I3  A chunk is in the volatile free set only if its header is zero, durably, and no run or span
 *     covers it, nor has a transaction reserved it.
 * </pre>
 *
 * <p>Taking and giving back chunks is rare, and goes through one lock: this object's monitor.
 */
final class ChunkTable {
  static final int CHUNKS_PER_ZONE = 16384;
  private static final int HUGE_PAGE_CHUNKS =
      (int) (HeapLayout.HUGE_PAGE_SIZE / HeapLayout.CHUNK_SIZE);

  /** A heap grows by a part of its size: what it has not used yet is no more than that. */
  private static final int GROWTH_PART = 16;

  private static final long LEAST_GROWTH = 4L << 20;
  private static final long MOST_GROWTH = 64L << 20;

  private final HeapFile file;
  private final MediumAccessor accessor;
  private final BitSet free = new BitSet();
  private long chunkCount;

  ChunkTable(HeapFile file) {
    this.file = file;
    this.accessor = file.accessor();
  }

  // Where things are.

  static long chunkOffset(long chunk) {
    return HeapLayout.ZONES_OFFSET + chunk * HeapLayout.CHUNK_SIZE;
  }

  /** The chunk in which an offset lies. */
  static long chunkOf(long offset) {
    return (offset - HeapLayout.ZONES_OFFSET) / HeapLayout.CHUNK_SIZE;
  }

  static long headerOffset(long chunk) {
    long zoneStart = chunkOffset(chunk - chunk % CHUNKS_PER_ZONE);
    return zoneStart + chunk % CHUNKS_PER_ZONE * Long.BYTES;
  }

  /** Reads and checks the header of a chunk. */
  long header(long chunk) {
    long offset = headerOffset(chunk);
    long header = accessor.getWord(offset);
    if (header != ChunkHeader.FREE) {
      ChunkHeader.check(header, chunk, offset);
    }
    return header;
  }

  // Opening.

  /**
   * Reads all chunk headers. Costs one word for each chunk or span.
   *
   * @param eachRun told the first chunk of every run
   */
  synchronized void load(RunConsumer eachRun) {
    chunkCount = chunkOf(file.size());
    free.clear();
    readZones(eachRun, chunk -> free.set((int) chunk));
  }

  /**
   * Checks all chunk headers, and that no chunk is known as free that is not (I3).
   *
   * @param eachRun told the first chunk of every run
   * @throws HeapCorruptedException if an invariant is broken
   */
  synchronized void verify(RunConsumer eachRun) {
    BitSet freeHeaders = new BitSet();
    readZones(eachRun, chunk -> freeHeaders.set((int) chunk));
    BitSet wrong = (BitSet) free.clone();
    wrong.andNot(freeHeaders);
    if (!wrong.isEmpty()) {
      checkHeader(false, wrong.nextSetBit(0), "zero for a chunk that is known as free");
    }
    long reachable = file.maximumSize() / HeapLayout.CHUNK_SIZE;
    long end = Math.min(reachable, zoneEndOf(chunkCount - 1));
    if (accessor.isZero(
        headerOffset(chunkCount - 1) + Long.BYTES, (end - chunkCount) * Long.BYTES)) {
      return;
    }
    for (long chunk = chunkCount; chunk < end; chunk++) {
      boolean free = accessor.getWord(headerOffset(chunk)) == ChunkHeader.FREE;
      checkHeader(free, chunk, "zero for a chunk behind the end of the heap");
    }
  }

  private void readZones(RunConsumer eachRun, LongConsumer eachFree) {
    for (long zone = 0; zone < chunkCount; zone += CHUNKS_PER_ZONE) {
      long[] headers = new long[(int) (zoneEnd(zone) - zone)];
      // All at once: in a JVM that has just started, each access alone costs a microsecond.
      accessor.getWords(headerOffset(zone), headers);
      readZone(zone, headers, eachRun, eachFree);
    }
  }

  private void readZone(long zone, long[] headers, RunConsumer eachRun, LongConsumer eachFree) {
    checkHeader(headers[0] == 0, zone, "zero for the table itself");
    for (int i = 1; i < headers.length; ) {
      long header = headers[i];
      long chunk = zone + i;
      if (header == ChunkHeader.FREE) {
        eachFree.accept(chunk);
        i++;
        continue;
      }
      ChunkHeader.check(header, chunk, headerOffset(chunk));
      int end = i + ChunkHeader.chunks(header);
      checkHeader(end <= headers.length, chunk, "an end within the zone and the heap");
      for (int inner = i + 1; inner < end; inner++) {
        checkHeader(headers[inner] == 0, zone + inner, "zero within a run or span");
      }
      if (ChunkHeader.isRun(header)) {
        eachRun.accept(chunk, ChunkHeader.sizeClass(header));
      }
      i = end;
    }
  }

  private long zoneEnd(long chunk) {
    return Math.min(chunkCount, zoneEndOf(chunk));
  }

  /** Where a chunk's zone ends, if the heap goes so far. */
  private static long zoneEndOf(long chunk) {
    return chunk - chunk % CHUNKS_PER_ZONE + CHUNKS_PER_ZONE;
  }

  private void checkHeader(boolean ok, long chunk, String expected) {
    if (!ok) {
      long offset = headerOffset(chunk);
      throw new HeapCorruptedException(
          "chunk header", offset, expected, "0x" + Long.toHexString(accessor.getWord(offset)));
    }
  }

  /** Is told of runs. */
  @FunctionalInterface
  interface RunConsumer {
    void accept(long firstChunk, SizeClass sizeClass);
  }

  // Taking and giving back.

  /**
   * Takes free chunks that lie side by side, in volatile state only: the first that are free, but
   * for whole huge pages the first that also begin with one, so that no more pages back them than
   * need be. (Most other numbers of chunks touch as many pages wherever they lie.) Such a place is
   * only taken from a range of free chunks that then has room for as many more as before.
   *
   * @return the first, or -1 if there are none
   */
  synchronized long take(int count) {
    boolean aligns = count % HUGE_PAGE_CHUNKS == 0;
    int found = -1;
    for (int start = free.nextSetBit(0); start >= 0; ) {
      int end = free.nextClearBit(start);
      int length = end - start;
      int skipped = aligns ? hugePageStart(start) - start : 0;
      if (length >= count && skipped <= length % count) {
        found = start + skipped;
        break;
      } else if (length >= count && found < 0) {
        found = start;
      }
      start = free.nextSetBit(end);
    }
    if (found >= 0) {
      free.clear(found, found + count);
    }
    return found;
  }

  /** The first chunk, from one on, that lies at a multiple of a huge page's size. */
  private static int hugePageStart(long chunk) {
    long offset = chunkOffset(chunk) + HeapLayout.HUGE_PAGE_SIZE - 1;
    return (int) chunkOf(offset & -HeapLayout.HUGE_PAGE_SIZE);
  }

  /** Gives chunks back whose headers are zero, durably. */
  synchronized void give(long first, int count) {
    assert free.get((int) first, (int) first + count).isEmpty() : first;
    free.set((int) first, (int) first + count);
  }

  synchronized long freeChunks() {
    return free.cardinality();
  }

  synchronized long largestFreeRange() {
    int largest = 0;
    for (int start = free.nextSetBit(0); start >= 0; ) {
      int end = free.nextClearBit(start);
      largest = Math.max(largest, end - start);
      start = free.nextSetBit(end);
    }
    return largest * HeapLayout.CHUNK_SIZE;
  }

  synchronized long chunkCount() {
    return chunkCount;
  }

  /**
   * Makes the heap larger, so that a take of this many chunks can succeed.
   *
   * @return why it could not, or null if it could
   */
  synchronized @Nullable GrowthFailure grow(int count) {
    long zoneLeft = zoneEndAtMost(chunkCount) - chunkCount;
    boolean fits = zoneLeft + freeTail(count) >= count + tableChunks(chunkCount);
    long skipped = fits ? 0 : zoneLeft;
    long needed = chunkCount + skipped;
    needed += tableChunks(needed) + count - (skipped == 0 ? freeTail(count) : 0);
    long largest = chunkOf(file.maximumSize());
    if (needed > largest) {
      return new GrowthFailure(
          "the heap has its maximum size, %,d bytes".formatted(file.maximumSize()), null);
    }
    // To where a huge page ends: so the last of the heap can be one, too.
    long step = hugePageStart(Math.max(needed, chunkCount + growthStep()));
    long wanted = Math.max(needed, Math.min(largest, step));
    IOException failure = growTo(wanted);
    if (failure != null && wanted > needed) {
      failure = growTo(needed);
    }
    return failure == null
        ? null
        : new GrowthFailure("the heap cannot grow: " + failure.getMessage(), failure);
  }

  /** How many of the chunks needed are there already: free, and next to what growth will add. */
  private int freeTail(int count) {
    int end = (int) chunkCount;
    return chunkCount % CHUNKS_PER_ZONE == 0
        ? 0
        : Math.min(count, end - 1 - free.previousClearBit(end - 1));
  }

  /** Why a heap does not grow. */
  record GrowthFailure(String reason, @Nullable IOException cause) {}

  private long growthStep() {
    long step = Math.clamp(file.size() / GROWTH_PART, LEAST_GROWTH, MOST_GROWTH);
    return step / HeapLayout.CHUNK_SIZE;
  }

  private @Nullable IOException growTo(long newCount) {
    try {
      file.grow(chunkOffset(newCount));
    } catch (IOException e) {
      return e;
    }
    for (long chunk = chunkCount; chunk < newCount; chunk++) {
      if (chunk % CHUNKS_PER_ZONE != 0) {
        free.set((int) chunk);
      }
    }
    chunkCount = newCount;
    return null;
  }

  /** Where the zone of a chunk ends, if the heap grew that far. */
  private static long zoneEndAtMost(long chunk) {
    return chunk - chunk % CHUNKS_PER_ZONE + CHUNKS_PER_ZONE;
  }

  private static long tableChunks(long chunk) {
    return chunk % CHUNKS_PER_ZONE == 0 ? 1 : 0;
  }
}
