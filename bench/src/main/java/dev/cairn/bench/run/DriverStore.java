package dev.cairn.bench.run;

import dev.cairn.bench.peer.Store;
import dev.cairn.bench.workload.Workload;
import org.jspecify.annotations.Nullable;

/** Stores nothing: what is left are the costs of keys, values, random numbers and loops. */
final class DriverStore<K, V> implements Store<K, V> {
  private final K firstKey;
  private final V always;

  /** Where objects go, so that they must be made. */
  @SuppressWarnings("UnusedVariable") // that it is written to is its use
  private volatile Object last;

  DriverStore(Workload<K, V> workload) {
    firstKey = workload.key().apply(0);
    always = workload.value().apply(0);
    last = always;
  }

  @Override
  public void put(K key, V value) {
    last = key;
    last = value;
  }

  @Override
  public @Nullable V get(K key) {
    last = key;
    return always;
  }

  @Override
  public void remove(K key) {
    last = key;
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    visitor.visit(firstKey, always);
  }

  @Override
  public void transfer(K source, K target, long amount) {
    last = source;
    last = target;
  }

  @Override
  public void close() {
    last = always;
  }
}
