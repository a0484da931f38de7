package dev.cairn.bench.peer;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentLongMap;
import dev.cairn.collections.PersistentTreeMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The map that a user of Cairn who wants speed would take: what a store needs of it. */
interface CairnMap<K, V> {
  /** As all others: the old value is of no interest. */
  void set(K key, V value);

  @Nullable V get(K key);

  void remove(K key);

  /** The entries from a key on, of a sorted map; all of them if it is null. */
  Iterable<Map.Entry<K, V>> entries(@Nullable K from);

  /** For keys in order. */
  static <K, V> CairnMap<K, V> of(PersistentTreeMap<K, V> map) {
    return new CairnMap<>() {
      @Override
      public void set(K key, V value) {
        map.set(key, value);
      }

      @Override
      public @Nullable V get(K key) {
        return map.get(key);
      }

      @Override
      public void remove(K key) {
        map.delete(key);
      }

      @Override
      public Iterable<Map.Entry<K, V>> entries(@Nullable K from) {
        return from == null ? map.entrySet() : map.tailMap(from).entrySet();
      }
    };
  }

  /** For keys and values of any type. */
  static <K, V> CairnMap<K, V> of(PersistentHashMap<K, V> map) {
    return new CairnMap<>() {
      @Override
      public void set(K key, V value) {
        map.set(key, value);
      }

      @Override
      public @Nullable V get(K key) {
        return map.get(key);
      }

      @Override
      public void remove(K key) {
        map.delete(key);
      }

      @Override
      public Iterable<Map.Entry<K, V>> entries(@Nullable K from) {
        return map.entrySet();
      }
    };
  }

  /** For longs: the boxes are the suite's, not the map's. */
  static CairnMap<Long, Long> of(PersistentLongMap map) {
    return new CairnMap<>() {
      // What get returns if there is no such key. A value may be the same number.
      private static final long ABSENT = Long.MIN_VALUE;

      @Override
      public void set(Long key, Long value) {
        map.put(key, value);
      }

      @Override
      public @Nullable Long get(Long key) {
        long value = map.get(key, ABSENT);
        return value == ABSENT && !map.containsKey(key) ? null : Long.valueOf(value);
      }

      @Override
      public void remove(Long key) {
        map.remove(key);
      }

      @Override
      public Iterable<Map.Entry<Long, Long>> entries(@Nullable Long from) {
        return map.asMap().entrySet();
      }
    };
  }
}
