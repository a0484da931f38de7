package dev.cairn.allocator.spi;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one size class. Each arena has its own current run, so that threads of different
 * arenas take blocks from different runs; runs with free blocks that are nobody's current one wait
 * in a queue.
 */
final class RunPool {
  final SizeClass sizeClass;
  private final AtomicReferenceArray<@Nullable Run> current;
  private final AtomicReferenceArray<@Nullable Magazine> magazines;
  private final ConcurrentLinkedQueue<Run> offered = new ConcurrentLinkedQueue<>();

  /** First chunks of runs not looked at since the heap was opened; guarded by this monitor. */
  private int[] unexplored = new int[0];

  private int unexploredCount;

  RunPool(SizeClass sizeClass, int arenas) {
    this.sizeClass = sizeClass;
    this.current = new AtomicReferenceArray<>(arenas);
    this.magazines = new AtomicReferenceArray<>(arenas);
  }

  /** The blocks that an arena's threads released last. Made at first use. */
  Magazine magazine(int arena) {
    Magazine magazine = magazines.get(arena);
    if (magazine == null) {
      magazines.compareAndSet(arena, null, new Magazine());
      magazine = Objects.requireNonNull(magazines.get(arena));
    }
    return magazine;
  }

  int arenas() {
    return magazines.length();
  }

  /** Reserves a block from an arena's current run; 0 if it has none. Hot path. */
  long take(int arena) {
    Run run = current.get(arena);
    return run == null ? 0 : run.take();
  }

  /** Reserves a block from any known run; 0 if none has any. */
  long takeAnywhere() {
    for (int arena = 0; arena < current.length(); arena++) {
      long block = take(arena);
      if (block != 0) {
        return block;
      }
    }
    for (Run run : offered) {
      long block = run.take();
      if (block != 0) {
        return block;
      }
    }
    return 0;
  }

  /** Makes a waiting run an arena's current one; says whether there was one. */
  boolean adoptOffered(int arena) {
    for (Run run = offered.poll(); run != null; run = offered.poll()) {
      if (!run.retireIfFull()) {
        adopt(arena, run);
        return true;
      }
    }
    return false;
  }

  /** Makes a run that is already marked as offered an arena's current one. */
  void adopt(int arena, Run run) {
    Run old = current.getAndSet(arena, run);
    if (old != null && !old.retireIfFull()) {
      offered.add(old);
    }
  }

  /** Lets arenas find a run that is already marked as offered. */
  void offer(Run run) {
    offered.add(run);
  }

  synchronized void forgetUnexplored() {
    unexploredCount = 0;
  }

  synchronized void addUnexplored(long chunk) {
    if (unexploredCount == unexplored.length) {
      unexplored = Arrays.copyOf(unexplored, Math.max(16, 2 * unexploredCount));
    }
    unexplored[unexploredCount++] = (int) chunk;
  }

  /** The first chunk of a run not looked at yet, or -1. */
  synchronized long pollUnexplored() {
    return unexploredCount == 0 ? -1 : unexplored[--unexploredCount];
  }
}
