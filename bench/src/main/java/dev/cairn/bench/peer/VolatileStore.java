package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * {@link ConcurrentHashMap} or {@link ConcurrentSkipListMap}: what a map costs that keeps nothing.
 */
final class VolatileStore<K, V> implements Store<K, V> {
  private final ConcurrentMap<K, V> map;
  private final Workload<K, V> workload;

  private VolatileStore(Workload<K, V> workload) {
    this.workload = workload;
    this.map = workload.isSorted() ? new ConcurrentSkipListMap<>() : new ConcurrentHashMap<>();
  }

  static <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries) {
    Objects.requireNonNull(directory);
    return new VolatileStore<>(workload);
  }

  @Override
  public void put(K key, V value) {
    map.put(key, value);
  }

  @Override
  public @Nullable V get(K key) {
    return map.get(key);
  }

  @Override
  public void remove(K key) {
    map.remove(key);
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    visitor.visitAll(
        from == null
            ? map.entrySet()
            : ((ConcurrentNavigableMap<K, V>) map).tailMap(from).entrySet());
  }

  /** Two changes, each atomic; a reader may see one without the other. */
  @Override
  public void transfer(K source, K target, long amount) {
    map.computeIfPresent(source, (key, value) -> Transfers.changed(workload, value, -amount));
    map.computeIfPresent(target, (key, value) -> Transfers.changed(workload, value, amount));
  }

  @Override
  public void close() {
    map.clear();
  }
}
