package dev.cairn.collections;

import java.util.UUID;
import java.util.stream.LongStream;

/** Keys of which is known where a map of a heap in a crash test puts them. */
public final class KnownKeys {
  private KnownKeys() {}

  /**
   * Returns the smallest keys of the first stripe, spread evenly over it.
   *
   * @param heap the heap
   * @param map the map's name
   * @param count how many
   * @return the keys
   */
  public static long[] ofOneStripe(UUID heap, String map, int count) {
    long seed = seed(heap, map);
    return LongStream.iterate(0, key -> key + 1)
        .filter(key -> HashMapLayout.stripeOf((int) Types.LONG.hash(key, seed)) == 0)
        .limit(count)
        .toArray();
  }

  /**
   * Returns keys of the first stripe of which the first split moves none out of the segment's first
   * group.
   *
   * @param heap the heap
   * @param map the map's name
   * @param count how many
   * @return the keys
   */
  public static long[] thatStayInTheFirstGroup(UUID heap, String map, int count) {
    long seed = seed(heap, map);
    return LongStream.iterate(0, key -> key + 1)
        .filter(key -> staysInTheFirstGroup((int) Types.LONG.hash(key, seed)))
        .limit(count)
        .toArray();
  }

  private static boolean staysInTheFirstGroup(int hash) {
    long home = HashMapLayout.homeLine(hash, HashMapLayout.SEGMENT_SIZE);
    boolean moves = HashMapLayout.index(hash, 1) == 1;
    return HashMapLayout.stripeOf(hash) == 0 && (home >= HashMapLayout.GROUP_SIZE || !moves);
  }

  /**
   * Returns the smallest keys that a map must keep in one group, however often it splits it.
   *
   * @param heap the heap
   * @param map the map's name
   * @param count how many
   * @return the keys
   */
  public static long[] ofOneGroup(UUID heap, String map, int count) {
    long seed = seed(heap, map);
    return LongStream.iterate(0, key -> key + 1)
        .filter(key -> isInFirstGroup((int) Types.LONG.hash(key, seed)))
        .limit(count)
        .toArray();
  }

  private static boolean isInFirstGroup(int hash) {
    long home = HashMapLayout.homeLine(hash, HashMapLayout.SEGMENT_SIZE);
    return hash >>> 18 == 0 && home < HashMapLayout.GROUP_SIZE;
  }

  private static long seed(UUID heap, String map) {
    long seed = ContentHash.ofWord(heap.getLeastSignificantBits(), heap.getMostSignificantBits());
    return ContentHash.ofChars(map, seed);
  }
}
