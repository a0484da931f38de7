package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A peer whose map is one of {@code java.util}'s, of keys and values in the form that it stores.
 */
abstract class MapStore<K, V> implements Store<K, V> {
  final Workload<K, V> workload;
  private final Map<Object, Object> map;
  private final StoredForm<K> keys;
  private final StoredForm<V> values;

  MapStore(Map<Object, Object> map, Workload<K, V> workload) {
    this.workload = workload;
    this.map = map;
    this.keys = StoredForm.ofKeys(workload);
    this.values = StoredForm.ofValues(workload);
  }

  @Override
  public void put(K key, V value) {
    map.put(keys.store().apply(key), values.store().apply(value));
  }

  @Override
  public @Nullable V get(K key) {
    Object value = map.get(keys.store().apply(key));
    return value == null ? null : values.load().apply(value);
  }

  @Override
  public void remove(K key) {
    map.remove(keys.store().apply(key));
  }

  @Override
  public void scan(Visitor<K, V> visitor) {
    Visitor<Object, Object> stored =
        (key, value) -> visitor.visit(keys.load().apply(key), values.load().apply(value));
    stored.visitAll(map.entrySet());
  }
}
