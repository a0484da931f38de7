package dev.cairn.collections;

import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.Medium;
import java.io.IOException;

/** A medium whose fences fail from some moment on, as those of a broken disk do. */
final class FailingMedium extends ForwardingMedium {
  private volatile boolean broken;

  FailingMedium(Medium medium) {
    super(medium);
  }

  void fail() {
    broken = true;
  }

  @Override
  public void fence() {
    if (broken) {
      throw new HeapFailedException("the disk is broken", new IOException("EIO"));
    }
    super.fence();
  }

  @Override
  public String name() {
    return "failing";
  }
}
