package dev.cairn.crashtest.kill;

import dev.cairn.crashtest.kill.KillMoment.Place;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;
import java.io.IOException;

/** A medium that passes by a {@link KillPoint} at each flush and fence. */
final class KillPointMedium extends ForwardingMedium {
  private final KillPoint point;

  KillPointMedium(Medium inner, KillPoint point) {
    super(inner);
    this.point = point;
  }

  @Override
  public void flush(long offset, long length) {
    point.reached(Place.BEFORE_FLUSH);
    super.flush(offset, length);
  }

  @Override
  public void fence() {
    point.reached(Place.BEFORE_FENCE);
    super.fence();
    point.reached(Place.AFTER_FENCE);
  }

  @Override
  public void grow(long newSize) throws IOException {
    point.holdIfOthersAre();
    super.grow(newSize);
    point.holdIfOthersAre();
  }
}
