package dev.cairn.bench.peer;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentLongMap;
import org.jspecify.annotations.Nullable;

/** The map that a user of Cairn who wants speed would take: what a store needs of it. */
interface CairnMap<K, V> {
  /** As all others: the old value is of no interest. */
  void set(K key, V value);

  @Nullable V get(K key);

  void remove(K key);

  /** Returns the map of objects that this is, or that it is a view of. */
  PersistentHashMap<K, V> entries();

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
      public PersistentHashMap<K, V> entries() {
        return map;
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
      public PersistentHashMap<Long, Long> entries() {
        return map.asMap();
      }
    };
  }
}
