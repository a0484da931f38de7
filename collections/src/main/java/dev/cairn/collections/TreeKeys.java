package dev.cairn.collections;

import java.util.Comparator;
import java.util.Iterator;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/** The keys of a range of a tree map; or a range of a set, to which elements can be added. */
final class TreeKeys<K, V> extends MapViews.Keys<K> implements NavigableSet<K> {
  private final TreeMapView<K, V> map;

  /** What a new key is given; null if none can be added. */
  private final @Nullable V given;

  TreeKeys(TreeMapView<K, V> map, @Nullable V given) {
    super(map);
    this.map = map;
    this.given = given;
  }

  private TreeKeys<K, V> of(ConcurrentNavigableMap<K, V> part) {
    return new TreeKeys<>((TreeMapView<K, V>) part, given);
  }

  @Override
  public boolean add(K key) {
    if (given == null) {
      throw new UnsupportedOperationException("a key without a value");
    }
    return map.putIfAbsent(key, given) == null;
  }

  @Override
  public @Nullable K lower(K key) {
    return map.lowerKey(key);
  }

  @Override
  public @Nullable K floor(K key) {
    return map.floorKey(key);
  }

  @Override
  public @Nullable K ceiling(K key) {
    return map.ceilingKey(key);
  }

  @Override
  public @Nullable K higher(K key) {
    return map.higherKey(key);
  }

  @Override
  public K first() {
    return map.firstKey();
  }

  @Override
  public K last() {
    return map.lastKey();
  }

  @Override
  public @Nullable K pollFirst() {
    var entry = map.pollFirstEntry();
    return entry == null ? null : entry.getKey();
  }

  @Override
  public @Nullable K pollLast() {
    var entry = map.pollLastEntry();
    return entry == null ? null : entry.getKey();
  }

  @Override
  public NavigableSet<K> descendingSet() {
    return of(map.descendingMap());
  }

  @Override
  public Iterator<K> descendingIterator() {
    return descendingSet().iterator();
  }

  @Override
  public NavigableSet<K> subSet(K from, boolean fromInclusive, K to, boolean toInclusive) {
    return of(map.subMap(from, fromInclusive, to, toInclusive));
  }

  @Override
  public NavigableSet<K> headSet(K to, boolean inclusive) {
    return of(map.headMap(to, inclusive));
  }

  @Override
  public NavigableSet<K> tailSet(K from, boolean inclusive) {
    return of(map.tailMap(from, inclusive));
  }

  @Override
  public NavigableSet<K> subSet(K from, K to) {
    return subSet(from, true, to, false);
  }

  @Override
  public NavigableSet<K> headSet(K to) {
    return headSet(to, false);
  }

  @Override
  public NavigableSet<K> tailSet(K from) {
    return tailSet(from, true);
  }

  @Override
  public @Nullable Comparator<? super K> comparator() {
    return map.comparator();
  }
}
