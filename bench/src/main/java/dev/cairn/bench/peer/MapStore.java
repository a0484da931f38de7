package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A peer whose map is one of {@code java.util}'s, of keys and values in the form that it stores.
 */
abstract class MapStore<K, V> implements Store<K, V> {
  final Workload<K, V> workload;
  final Map<Object, Object> stored;
  private final StoredForm<K> keys;
  private final StoredForm<V> values;

  MapStore(Map<Object, Object> map, Workload<K, V> workload) {
    this.workload = workload;
    this.stored = map;
    this.keys = StoredForm.ofKeys(workload);
    this.values = StoredForm.ofValues(workload);
  }

  @Override
  public void put(K key, V value) {
    stored.put(keys.store().apply(key), values.store().apply(value));
  }

  @Override
  public @Nullable V get(K key) {
    Object value = stored.get(keys.store().apply(key));
    return value == null ? null : values.load().apply(value);
  }

  @Override
  public void remove(K key) {
    stored.remove(keys.store().apply(key));
  }

  /** The entries from a key on, of a sorted map; all of them if it is null. */
  Iterable<? extends Map.Entry<Object, Object>> entries(@Nullable Object from) {
    return stored.entrySet();
  }

  @Override
  public void scan(@Nullable K from, Visitor<K, V> visitor) {
    Visitor<Object, Object> inner =
        (key, value) -> visitor.visit(keys.load().apply(key), values.load().apply(value));
    inner.visitAll(entries(from == null ? null : keys.store().apply(from)));
  }
}
