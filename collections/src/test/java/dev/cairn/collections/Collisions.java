package dev.cairn.collections;

import java.util.Arrays;

/** Keys that a map with a known seed puts into the same few slots. */
final class Collisions {
  static final long SEED = 42;

  private Collisions() {}

  /** The smallest keys whose hashes share the stripe, the first 8 index bits, and the group. */
  static long[] keys(int count) {
    long[] keys = new long[count];
    int found = 0;
    for (long key = 0; found < count; key++) {
      int hash = (int) Types.LONG.hash(key, SEED);
      long home = HashMapLayout.homeLine(hash, HashMapLayout.SEGMENT_SIZE);
      if (hash >>> 18 == 0 && home < HashMapLayout.GROUP_SIZE) {
        keys[found++] = key;
      }
    }
    return keys;
  }

  /** The smallest keys of the first stripe, spread evenly over it. */
  static long[] keysOfOneStripe(int count) {
    return java.util.stream.LongStream.iterate(0, key -> key + 1)
        .filter(key -> HashMapLayout.stripeOf((int) Types.LONG.hash(key, SEED)) == 0)
        .limit(count)
        .toArray();
  }

  static long[] slice(long[] keys, int from, int to) {
    return Arrays.copyOfRange(keys, from, to);
  }
}
