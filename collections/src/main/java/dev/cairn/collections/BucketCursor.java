package dev.cairn.collections;

import java.util.ArrayList;
import java.util.List;

/**
 * A place in the walk over a hash map: stripe by stripe, and in each from bucket to bucket in the
 * order of hashes. That order is the same however the map grows meanwhile, so that the walk meets
 * each entry once.
 */
final class BucketCursor<K, V> {
  private int stripe;

  /** The first index not read yet, among the 2^26 that a stripe can have. */
  private long index;

  private List<HashStripe.KeyValue<K, V>> entries = List.of();
  private int next;

  /** What one bucket held, and where the next bucket begins. */
  record Bucket<K, V>(List<HashStripe.KeyValue<K, V>> entries, long end) {}

  /** The stripe to read from; all are done if there is none of that index. */
  int stripe() {
    return stripe;
  }

  /** Reads the next bucket; changes nothing, and can be repeated. */
  Bucket<K, V> read(HashStripe<K, V> from) {
    List<HashStripe.KeyValue<K, V>> found = new ArrayList<>(HashMapLayout.SLOTS);
    long end = from.readBucket(index, found);
    return new Bucket<>(found, end);
  }

  /** Goes on with what was read. */
  void load(Bucket<K, V> bucket) {
    entries = bucket.entries();
    next = 0;
    index = bucket.end();
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
