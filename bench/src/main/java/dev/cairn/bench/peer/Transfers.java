package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.util.Objects;

/** What a transfer does to the two values, for peers that have no say in it. */
final class Transfers {
  private Transfers() {}

  /** Reads two values and puts two: no more atomic than what surrounds the call. */
  static <K, V> void getAndPut(
      Store<K, V> store, Workload<K, V> workload, K source, K target, long amount) {
    V from = Objects.requireNonNull(store.get(source));
    V to = Objects.requireNonNull(store.get(target));
    store.put(source, changed(workload, from, -amount));
    store.put(target, changed(workload, to, amount));
  }

  /** Returns a value with more or less in it. */
  static <V> V changed(Workload<?, V> workload, V value, long difference) {
    long before = workload.amount().applyAsLong(value);
    return workload.change().withAmount(value, before + difference);
  }
}
