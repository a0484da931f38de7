package dev.cairn.collections;

import java.util.AbstractMap;
import java.util.Collection;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** What {@link MapViews} show: a map, or a range of one. */
abstract class EntrySource<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
  /** Begins a weakly consistent walk, which can remove what it shows. */
  abstract Iterator<Entry<K, V>> entryIterator();

  /** Tells whether a key has a value, as {@link #remove(Object, Object)} compares it. */
  abstract boolean containsEntry(@Nullable Object key, @Nullable Object value);

  @Override
  public Set<Entry<K, V>> entrySet() {
    return new MapViews.Entries<>(this);
  }

  @Override
  public Collection<V> values() {
    return new MapViews.Values<>(this);
  }
}
