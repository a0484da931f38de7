package dev.cairn.allocator.spi;

import dev.cairn.heap.spi.HeapFile;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The runs looked at since open, by each chunk that they take, and what is between free and
 * allocated in them. Lookup is lock-free.
 */
final class RunTable {
  private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Run>> zones;

  /** Neighbouring runs, which are likely in use at the same time, have different ones. */
  private final InFlight[] inFlight;

  /**
   * Creates a table of no runs.
   *
   * @param stripes over how many monitors the runs are spread: a power of two
   */
  RunTable(HeapFile file, int stripes) {
    long chunks = ChunkTable.chunkOf(file.maximumSize());
    zones = new AtomicReferenceArray<>((int) (chunks / ChunkTable.CHUNKS_PER_ZONE) + 1);
    inFlight = new InFlight[stripes];
    for (int i = 0; i < stripes; i++) {
      inFlight[i] = InFlight.create(file.accessor());
    }
  }

  /** Says where the blocks in flight are of the run that begins at a chunk. */
  InFlight inFlight(long chunk) {
    return inFlight[(int) chunk & (inFlight.length - 1)];
  }

  /** The run that covers a chunk, or null if it is not known. Hot path. */
  @Nullable Run get(long chunk) {
    AtomicReferenceArray<@Nullable Run> zone = zones.get(zone(chunk));
    return zone == null ? null : zone.get(inZone(chunk));
  }

  synchronized void put(Run run) {
    AtomicReferenceArray<@Nullable Run> zone = zones.get(zone(run.chunk));
    if (zone == null) {
      zone = new AtomicReferenceArray<>(ChunkTable.CHUNKS_PER_ZONE);
      zones.set(zone(run.chunk), zone);
    }
    fill(zone, run, run);
  }

  synchronized void remove(Run run) {
    AtomicReferenceArray<@Nullable Run> zone = zones.get(zone(run.chunk));
    if (zone != null) {
      fill(zone, run, null);
    }
  }

  private static void fill(AtomicReferenceArray<@Nullable Run> zone, Run run, @Nullable Run value) {
    for (int i = 0; i < run.sizeClass.chunks(); i++) {
      zone.set(inZone(run.chunk) + i, value);
    }
  }

  void forEach(Consumer<Run> action) {
    for (int z = 0; z < zones.length(); z++) {
      AtomicReferenceArray<@Nullable Run> zone = zones.get(z);
      for (int i = 0; zone != null && i < zone.length(); i++) {
        Run run = zone.get(i);
        if (run != null && inZone(run.chunk) == i) {
          action.accept(run);
        }
      }
    }
  }

  private static int zone(long chunk) {
    return (int) (chunk / ChunkTable.CHUNKS_PER_ZONE);
  }

  private static int inZone(long chunk) {
    return (int) (chunk % ChunkTable.CHUNKS_PER_ZONE);
  }
}
