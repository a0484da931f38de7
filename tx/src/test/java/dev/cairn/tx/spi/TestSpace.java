package dev.cairn.tx.spi;

import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.PersistentMemoryException;
import dev.cairn.heap.spi.HeapLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Room for logs behind the words of a {@link TestHeap}; says no when it is told to. */
final class TestSpace implements LogSpace {
  private static final long START = HeapLayout.ZONES_OFFSET + (256 << 10);

  /** What the allocator says with a type of its own. */
  static final class NoRoomException extends PersistentMemoryException {
    private static final long serialVersionUID = 1L;

    NoRoomException() {
      super("no room, on purpose", null);
    }
  }

  private final Map<Long, ArrayDeque<Long>> free = new TreeMap<>();
  private final Map<Long, Long> reserved = new TreeMap<>();
  private long next = START;
  private int left = Integer.MAX_VALUE;
  private boolean isRefusingUntilReleased;
  private boolean isFailing;
  private final List<Long> released = new ArrayList<>();
  private final List<Long> kept = new ArrayList<>();

  /** Refuses what comes after so many more extents. */
  synchronized void allow(int extents) {
    left = extents;
  }

  /** Refuses what comes until a block is given back. */
  synchronized void allowAfterRelease() {
    left = 0;
    isRefusingUntilReleased = true;
  }

  /** Says from the next extent on that the medium has failed. */
  synchronized void fail() {
    isFailing = true;
  }

  /** Blocks given back that were no extents. */
  synchronized List<Long> released() {
    return List.copyOf(released);
  }

  synchronized List<Long> kept() {
    return List.copyOf(kept);
  }

  synchronized int reservedCount() {
    return reserved.size();
  }

  @Override
  public synchronized long reserve(long size) {
    if (isFailing) {
      throw new HeapFailedException("an extent: the medium failed, on purpose", null);
    }
    if (left-- <= 0) {
      throw new NoRoomException();
    }
    ArrayDeque<Long> known = free.computeIfAbsent(size, s -> new ArrayDeque<>());
    long block = known.isEmpty() ? next : known.pop();
    if (block == next) {
      next += size;
    }
    reserved.put(block, size);
    return block;
  }

  @Override
  public synchronized void release(long block) {
    Long size = reserved.remove(block);
    if (size == null) {
      released.add(block);
      if (isRefusingUntilReleased) {
        isRefusingUntilReleased = false;
        left = Integer.MAX_VALUE;
      }
    } else {
      free.computeIfAbsent(size, s -> new ArrayDeque<>()).push(block);
    }
  }

  @Override
  public synchronized void keep(long block) {
    kept.add(block);
  }
}
