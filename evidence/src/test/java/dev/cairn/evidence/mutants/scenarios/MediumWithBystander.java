package dev.cairn.evidence.mutants.scenarios;

import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;
import org.jspecify.annotations.Nullable;

/** Lets another thread do something before a fence: once, at a fence that was chosen. */
final class MediumWithBystander extends ForwardingMedium {
  private int fencesLeft = -1;
  private @Nullable Runnable bystander;

  MediumWithBystander(Medium inner) {
    super(inner);
  }

  /** Calls back before the n-th fence from now, on the thread that fences. */
  synchronized void beforeFence(int n, Runnable action) {
    fencesLeft = n;
    bystander = action;
  }

  private synchronized @Nullable Runnable due() {
    if (fencesLeft < 0 || --fencesLeft > 0) {
      return null;
    }
    fencesLeft = -1;
    return bystander;
  }

  @Override
  public void fence() {
    Runnable action = due();
    if (action != null) {
      action.run();
    }
    super.fence();
  }
}
