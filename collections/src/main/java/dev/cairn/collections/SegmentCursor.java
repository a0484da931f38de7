package dev.cairn.collections;

import java.util.ArrayList;
import java.util.List;

/**
 * A place in the walk over a hash map: stripe by stripe, and in each from segment to segment in the
 * order of hashes. That order is the same however the map grows meanwhile, so that the walk meets
 * each entry once.
 */
final class SegmentCursor<K, V> {
  private int stripe;

  /** The first index not read yet, among the 2^26 that a stripe can have. */
  private long index;

  private List<HashStripe.KeyValue<K, V>> entries = List.of();
  private int next;

  /** What one segment held, and where the next segment begins. */
  record Segment<K, V>(List<HashStripe.KeyValue<K, V>> entries, long end) {}

  /** The stripe to read from; all are done if there is none of that index. */
  int stripe() {
    return stripe;
  }

  /** Reads the next segment; changes nothing, and can be repeated. */
  Segment<K, V> read(HashStripe<K, V> from) {
    List<HashStripe.KeyValue<K, V>> found = new ArrayList<>(64);
    long end = from.readSegment(index, found);
    return new Segment<>(found, end);
  }

  /** Goes on with what was read. */
  void load(Segment<K, V> segment) {
    entries = segment.entries();
    next = 0;
    index = segment.end();
    if (index >= 1L << HashMapLayout.MAX_DEPTH) {
      stripe++;
      index = 0;
    }
  }

  boolean hasNext() {
    return next < entries.size();
  }

  HashStripe.KeyValue<K, V> next() {
    return entries.get(next++);
  }
}
