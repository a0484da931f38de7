package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.Transaction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in the walk over a hash map: stripe by stripe, and in each from segment to segment in the
 * order of hashes. That order is the same however the map grows meanwhile, so that the walk meets
 * each entry once.
 */
final class SegmentCursor<K, V> {
  private static final int MOST_PASSES = 16;

  private int stripe;

  /** How many bytes of segments were read. */
  private long read;

  /** The first index not read yet, among the 2^26 that a stripe can have. */
  private long index;

  private List<KeyValue<K, V>> entries = List.of();
  private int next;

  /** The stripe to read from; all are done if there is none of that index. */
  int stripe() {
    return stripe;
  }

  /** Reads the next segment; changes nothing, and can be repeated. */
  HashStripe.Segment<K, V> read(@Nullable Transaction transaction, HashStripe<K, V> from) {
    return from.readSegment(transaction, index);
  }

  /**
   * Goes on with what was read.
   *
   * @param heapSize bounds the walk: segments of a sound map fit into the heap, even if the map is
   *     cleared and filled again meanwhile
   */
  void load(HashStripe.Segment<K, V> segment, long heapSize) {
    read += segment.read();
    if (read / MOST_PASSES > heapSize) {
      throw new HeapCorruptedException(
          "map", 0, "segments that fit into the heap", "%d bytes of them".formatted(read));
    }
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

  KeyValue<K, V> next() {
    return entries.get(next++);
  }
}
