package dev.cairn.crashtest.kill;

import dev.cairn.crashtest.kill.KillMoment.Place;
import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A medium that passes by a {@link KillPoint} at each flush and fence. */
final class KillPointMedium implements Medium {
  private final Medium inner;
  private final KillPoint point;

  KillPointMedium(Medium inner, KillPoint point) {
    this.inner = inner;
    this.point = point;
  }

  @Override
  public void flush(long offset, long length) {
    point.reached(Place.BEFORE_FLUSH);
    inner.flush(offset, length);
  }

  @Override
  public void fence() {
    point.reached(Place.BEFORE_FENCE);
    inner.fence();
    point.reached(Place.AFTER_FENCE);
  }

  @Override
  public void grow(long newSize) throws IOException {
    point.holdIfOthersAre();
    inner.grow(newSize);
    point.holdIfOthersAre();
  }

  @Override
  public MemorySegment segment() {
    return inner.segment();
  }

  @Override
  public long size() {
    return inner.size();
  }

  @Override
  public long maximumSize() {
    return inner.maximumSize();
  }

  @Override
  public Durability durability() {
    return inner.durability();
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public @Nullable StoreObserver observer() {
    return inner.observer();
  }

  @Override
  public void close() {
    inner.close();
  }
}
