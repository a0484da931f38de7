package dev.cairn.collections;

import java.util.Comparator;
import java.util.Iterator;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A range of a tree map, upwards or downwards: all that {@code NavigableMap} can do with it. What
 * it reads and changes is the map's.
 */
final class TreeMapView<K, V> extends EntrySource<K, V> implements ConcurrentNavigableMap<K, V> {
  private final PersistentTreeMap<K, V> map;
  private final KeyRange<K> range;
  private final boolean isDescending;

  TreeMapView(PersistentTreeMap<K, V> map, KeyRange<K> range, boolean isDescending) {
    this.map = map;
    this.range = range;
    this.isDescending = isDescending;
  }

  PersistentTreeMap<K, V> map() {
    return map;
  }

  // One key.

  private @Nullable K inRange(@Nullable Object key) {
    K typed = map.keyType.asValue(Objects.requireNonNull(key));
    return typed != null && range.contains(typed) ? typed : null;
  }

  private K checked(K key) {
    K typed = map.checkedKey(key);
    if (!range.contains(typed)) {
      throw new IllegalArgumentException("a key outside of the range of this view");
    }
    return typed;
  }

  @Override
  public @Nullable V get(Object key) {
    K typed = inRange(key);
    return typed == null ? null : map.get(typed);
  }

  @Override
  public V getOrDefault(Object key, V defaultValue) {
    V value = get(key);
    return value == null ? defaultValue : value;
  }

  @Override
  public boolean containsKey(Object key) {
    K typed = inRange(key);
    return typed != null && map.containsKey(typed);
  }

  @Override
  public boolean containsValue(Object value) {
    V expected = map.valueType.asValue(Objects.requireNonNull(value));
    for (Iterator<Entry<K, V>> i = entryIterator(); expected != null && i.hasNext(); ) {
      if (map.valueType.valueEquals(i.next().getValue(), expected)) {
        return true;
      }
    }
    return false;
  }

  @Override
  boolean containsEntry(@Nullable Object key, @Nullable Object value) {
    K typed = key == null ? null : inRange(key);
    return typed != null && map.containsEntry(typed, value);
  }

  @Override
  public @Nullable V put(K key, V value) {
    return map.put(checked(key), value);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return map.putIfAbsent(checked(key), value);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    K typed = inRange(key);
    Objects.requireNonNull(value);
    return typed == null ? null : map.replace(typed, value);
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    K typed = inRange(key);
    Objects.requireNonNull(oldValue);
    Objects.requireNonNull(newValue);
    return typed != null && map.replace(typed, oldValue, newValue);
  }

  @Override
  public @Nullable V remove(Object key) {
    K typed = inRange(key);
    return typed == null ? null : map.remove(typed);
  }

  @Override
  public boolean remove(Object key, @Nullable Object value) {
    K typed = inRange(key);
    return typed != null && map.remove(typed, value);
  }

  @Override
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    return map.compute(checked(key), function);
  }

  @Override
  public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
    return map.computeIfAbsent(checked(key), function);
  }

  @Override
  public @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    return map.computeIfPresent(checked(key), function);
  }

  @Override
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    return map.merge(checked(key), value, function);
  }

  // The whole range.

  @Override
  public int size() {
    if (range.isAll()) {
      return (int) Math.min(Integer.MAX_VALUE, map.mappingCount());
    }
    long count = 0;
    for (Iterator<Entry<K, V>> i = entryIterator(); i.hasNext(); i.next()) {
      count++;
    }
    return (int) Math.min(Integer.MAX_VALUE, count);
  }

  @Override
  public boolean isEmpty() {
    return range.isAll() ? map.mappingCount() == 0 : firstEntry() == null;
  }

  /** Removes the entries one by one; all of the map's at once. */
  @Override
  public void clear() {
    if (range.isAll()) {
      map.clear();
      return;
    }
    for (Iterator<Entry<K, V>> i = entryIterator(); i.hasNext(); ) {
      i.next();
      i.remove();
    }
  }

  @Override
  Iterator<Entry<K, V>> entryIterator() {
    return new LeafIterator<>(map, range, isDescending);
  }

  // Neighbours.

  /** Finds the nearest entry of the range beyond a key, or at its end; going up or down. */
  private @Nullable Entry<K, V> near(@Nullable K key, boolean isInclusive, boolean down) {
    return snapshot(map.near(range, key, isInclusive, down));
  }

  private static <K, V> @Nullable Entry<K, V> snapshot(@Nullable KeyValue<K, V> entry) {
    return entry == null ? null : new SimpleImmutableEntry<>(entry.key(), entry.value());
  }

  private static <K> @Nullable K key(@Nullable Entry<K, ?> entry) {
    return entry == null ? null : entry.getKey();
  }

  private static <K> K present(@Nullable Entry<K, ?> entry) {
    if (entry == null) {
      throw new NoSuchElementException("no key in the range");
    }
    return entry.getKey();
  }

  @Override
  public @Nullable Entry<K, V> lowerEntry(K key) {
    return near(map.checkedKey(key), false, !isDescending);
  }

  @Override
  public @Nullable Entry<K, V> floorEntry(K key) {
    return near(map.checkedKey(key), true, !isDescending);
  }

  @Override
  public @Nullable Entry<K, V> ceilingEntry(K key) {
    return near(map.checkedKey(key), true, isDescending);
  }

  @Override
  public @Nullable Entry<K, V> higherEntry(K key) {
    return near(map.checkedKey(key), false, isDescending);
  }

  @Override
  public @Nullable Entry<K, V> firstEntry() {
    return near(null, true, isDescending);
  }

  @Override
  public @Nullable Entry<K, V> lastEntry() {
    return near(null, true, !isDescending);
  }

  @Override
  public @Nullable K lowerKey(K key) {
    return key(lowerEntry(key));
  }

  @Override
  public @Nullable K floorKey(K key) {
    return key(floorEntry(key));
  }

  @Override
  public @Nullable K ceilingKey(K key) {
    return key(ceilingEntry(key));
  }

  @Override
  public @Nullable K higherKey(K key) {
    return key(higherEntry(key));
  }

  @Override
  public K firstKey() {
    return present(firstEntry());
  }

  @Override
  public K lastKey() {
    return present(lastEntry());
  }

  @Override
  public @Nullable Entry<K, V> pollFirstEntry() {
    return snapshot(map.poll(range, isDescending));
  }

  @Override
  public @Nullable Entry<K, V> pollLastEntry() {
    return snapshot(map.poll(range, !isDescending));
  }

  // Parts.

  @Override
  public @Nullable Comparator<? super K> comparator() {
    Comparator<? super K> comparator = range.order().comparator();
    if (!isDescending) {
      return comparator;
    }
    return (a, b) -> range.order().compare(b, a);
  }

  private TreeMapView<K, V> part(@Nullable K from, boolean hasFrom, @Nullable K to, boolean hasTo) {
    KeyRange<K> part =
        isDescending ? range.part(to, hasTo, from, hasFrom) : range.part(from, hasFrom, to, hasTo);
    return new TreeMapView<>(map, part, isDescending);
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(
      K fromKey, boolean fromInclusive, K toKey, boolean toInclusive) {
    return part(map.checkedKey(fromKey), fromInclusive, map.checkedKey(toKey), toInclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey, boolean inclusive) {
    return part(null, true, map.checkedKey(toKey), inclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey, boolean inclusive) {
    return part(map.checkedKey(fromKey), inclusive, null, true);
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(K fromKey, K toKey) {
    return subMap(fromKey, true, toKey, false);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey) {
    return headMap(toKey, false);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey) {
    return tailMap(fromKey, true);
  }

  @Override
  public ConcurrentNavigableMap<K, V> descendingMap() {
    return new TreeMapView<>(map, range, !isDescending);
  }

  @Override
  public NavigableSet<K> navigableKeySet() {
    return new TreeKeys<>(this, null);
  }

  @Override
  public NavigableSet<K> keySet() {
    return navigableKeySet();
  }

  @Override
  public NavigableSet<K> descendingKeySet() {
    return descendingMap().navigableKeySet();
  }
}
