package dev.cairn.collections;

import java.util.AbstractMap.SimpleEntry;
import java.util.Iterator;
import java.util.Map.Entry;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A walk over entries as they were read, through which the map can be changed. */
abstract class EntryIterator<K, V> implements Iterator<Entry<K, V>> {
  private final KeyedMap<K, V> map;
  private @Nullable K last;

  EntryIterator(KeyedMap<K, V> map) {
    this.map = map;
  }

  /** Returns the entry that {@link #hasNext} has found. */
  abstract KeyValue<K, V> nextEntry();

  @Override
  public final Entry<K, V> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    KeyValue<K, V> entry = nextEntry();
    last = entry.key();
    return new WriteThroughEntry<>(map, entry);
  }

  @Override
  public final void remove() {
    if (last == null) {
      throw new IllegalStateException("next has not been called, or its entry is removed already");
    }
    map.delete(last);
    last = null;
  }

  /** An entry as it was when the walk met it; setValue changes the map. */
  private static final class WriteThroughEntry<K, V> extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // nobody writes it
    private final KeyedMap<K, V> map;

    WriteThroughEntry(KeyedMap<K, V> map, KeyValue<K, V> entry) {
      super(entry.key(), entry.value());
      this.map = map;
    }

    @Override
    public V setValue(V value) {
      map.put(getKey(), value);
      return super.setValue(value);
    }
  }
}
