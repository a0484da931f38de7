package dev.cairn.collections;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A walk over a range of a tree, leaf by leaf: each is found anew from the last key, so that it
 * does not matter how the tree changes meanwhile.
 */
final class LeafIterator<K, V> extends EntryIterator<K, V> {
  private final PersistentTreeMap<K, V> map;
  private final KeyRange<K> range;
  private final boolean isDescending;
  private List<KeyValue<K, V>> entries = List.of();
  private int next;
  private @Nullable K last;
  private boolean isLastIncluded;
  private boolean isDone;

  LeafIterator(PersistentTreeMap<K, V> map, KeyRange<K> range, boolean isDescending) {
    super(map);
    this.map = map;
    this.range = range;
    this.isDescending = isDescending;
    this.last = isDescending ? range.high() : range.low();
    this.isLastIncluded = isDescending ? range.hasHigh() : range.hasLow();
  }

  @Override
  public boolean hasNext() {
    map.guard.heap().file().checkUsable(); // what was read ahead is no answer for a closed heap
    if (next == entries.size() && !isDone) {
      entries = map.leaf(last, isLastIncluded, isDescending);
      next = 0;
      isDone = entries.isEmpty();
      if (!isDone) {
        last = entries.getLast().key();
        isLastIncluded = false;
      }
    }
    if (next < entries.size() && isBeyond(entries.get(next).key())) {
      entries = List.of();
      next = 0;
      isDone = true;
    }
    return next < entries.size();
  }

  private boolean isBeyond(K key) {
    return isDescending ? range.isTooLow(key) : range.isTooHigh(key);
  }

  @Override
  KeyValue<K, V> nextEntry() {
    return entries.get(next++);
  }
}
