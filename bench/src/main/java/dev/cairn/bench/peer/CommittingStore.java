package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.util.Map;
import java.util.Objects;

/**
 * A peer whose commit makes durable all that has changed in its whole file. So changes go one at a
 * time: else the commit of one thread would keep half a transfer of another. Puts and removals of
 * such maps return the old value, and none has a method that does not: it is among what they have
 * to read anyway.
 */
abstract class CommittingStore<K, V> extends MapStore<K, V> {
  CommittingStore(Map<Object, Object> map, Workload<K, V> workload) {
    super(map, workload);
  }

  /** Makes all changes durable. */
  abstract void commit();

  @Override
  public synchronized void put(K key, V value) {
    super.put(key, value);
    commit();
  }

  @Override
  public synchronized void remove(K key) {
    super.remove(key);
    commit();
  }

  @Override
  public synchronized void transfer(K source, K target, long amount) {
    V from = Transfers.changed(workload, Objects.requireNonNull(get(source)), -amount);
    V to = Transfers.changed(workload, Objects.requireNonNull(get(target)), amount);
    super.put(source, from);
    super.put(target, to);
    commit();
  }

  @Override
  public synchronized void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    for (Map.Entry<K, V> entry : entries) {
      super.put(entry.getKey(), entry.getValue());
    }
    commit();
  }
}
