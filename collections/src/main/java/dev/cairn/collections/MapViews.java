package dev.cairn.collections;

import java.util.AbstractCollection;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map.Entry;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.function.Predicate;

/** The collections that a map shows its entries, keys and values by. */
final class MapViews {
  private MapViews() {}

  /** A spliterator that promises no size: streams rely on it, and others may change the map. */
  static <T> Spliterator<T> unsized(Iterator<T> iterator, int characteristics) {
    return Spliterators.spliteratorUnknownSize(
        iterator, characteristics | Spliterator.CONCURRENT | Spliterator.NONNULL);
  }

  /** Removes the entries that pass a test, each only if it still has the value that was tested. */
  private static <K, V> boolean removeIf(
      EntrySource<K, V> map, Predicate<? super Entry<K, V>> filter) {
    boolean changed = false;
    for (Iterator<Entry<K, V>> i = map.entryIterator(); i.hasNext(); ) {
      Entry<K, V> entry = i.next();
      changed |= filter.test(entry) && map.remove(entry.getKey(), entry.getValue());
    }
    return changed;
  }

  /** A map's entries. */
  static final class Entries<K, V> extends AbstractSet<Entry<K, V>> {
    private final EntrySource<K, V> map;

    Entries(EntrySource<K, V> map) {
      this.map = map;
    }

    @Override
    public Iterator<Entry<K, V>> iterator() {
      return map.entryIterator();
    }

    @Override
    public Spliterator<Entry<K, V>> spliterator() {
      return unsized(iterator(), Spliterator.DISTINCT);
    }

    @Override
    public int size() {
      return map.size();
    }

    @Override
    public boolean isEmpty() {
      return map.isEmpty();
    }

    @Override
    public void clear() {
      map.clear();
    }

    @Override
    public boolean contains(Object object) {
      return object instanceof Entry<?, ?> entry
          && map.containsEntry(entry.getKey(), entry.getValue());
    }

    @Override
    public boolean remove(Object object) {
      return object instanceof Entry<?, ?> entry
          && entry.getKey() != null
          && map.remove(entry.getKey(), entry.getValue());
    }

    @Override
    public boolean removeIf(Predicate<? super Entry<K, V>> filter) {
      return MapViews.removeIf(map, Objects.requireNonNull(filter));
    }
  }

  /** A map's values. */
  static final class Values<V> extends AbstractCollection<V> {
    private final EntrySource<?, V> map;

    Values(EntrySource<?, V> map) {
      this.map = map;
    }

    @Override
    public Iterator<V> iterator() {
      return new PartIterator<>(map, Entry::getValue);
    }

    @Override
    public Spliterator<V> spliterator() {
      return unsized(iterator(), 0);
    }

    @Override
    public int size() {
      return map.size();
    }

    @Override
    public boolean isEmpty() {
      return map.isEmpty();
    }

    @Override
    public void clear() {
      map.clear();
    }

    @Override
    public boolean contains(Object value) {
      return map.containsValue(value);
    }

    @Override
    public boolean removeIf(Predicate<? super V> filter) {
      Objects.requireNonNull(filter);
      return MapViews.removeIf(map, entry -> filter.test(entry.getValue()));
    }
  }

  /** A map's keys. */
  static class Keys<K> extends AbstractSet<K> {
    private final EntrySource<K, ?> map;

    Keys(EntrySource<K, ?> map) {
      this.map = map;
    }

    @Override
    public Iterator<K> iterator() {
      return keyIterator(map);
    }

    @Override
    public Spliterator<K> spliterator() {
      return unsized(iterator(), Spliterator.DISTINCT);
    }

    @Override
    public int size() {
      return map.size();
    }

    @Override
    public boolean isEmpty() {
      return map.isEmpty();
    }

    @Override
    public void clear() {
      map.clear();
    }

    @Override
    public boolean contains(Object key) {
      return map.containsKey(key);
    }

    @Override
    public boolean remove(Object key) {
      return map.remove(key) != null;
    }

    @Override
    public boolean removeAll(Collection<?> keys) {
      return removeEach(this, keys);
    }
  }

  static <K> Iterator<K> keyIterator(EntrySource<K, ?> map) {
    return new PartIterator<>(map, Entry::getKey);
  }

  /** Removes each of some elements from a set, however many they are: cheaper than a walk. */
  static boolean removeEach(Collection<?> from, Collection<?> elements) {
    boolean changed = false;
    for (Object element : elements) {
      changed |= from.remove(element);
    }
    return changed;
  }

  /** Shows a part of each entry. */
  private static final class PartIterator<K, V, T> implements Iterator<T> {
    private final Iterator<Entry<K, V>> entries;
    private final Function<Entry<K, V>, T> part;

    PartIterator(EntrySource<K, V> map, Function<Entry<K, V>, T> part) {
      this.entries = map.entryIterator();
      this.part = part;
    }

    @Override
    public boolean hasNext() {
      return entries.hasNext();
    }

    @Override
    public T next() {
      return part.apply(entries.next());
    }

    @Override
    public void remove() {
      entries.remove();
    }
  }
}
