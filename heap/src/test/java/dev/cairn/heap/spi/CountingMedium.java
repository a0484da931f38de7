package dev.cairn.heap.spi;

import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;

/** Passes everything on, and counts the fences. */
final class CountingMedium extends ForwardingMedium {
  int fences;

  CountingMedium(Medium inner) {
    super(inner);
  }

  @Override
  public void fence() {
    fences++;
    super.fence();
  }
}
