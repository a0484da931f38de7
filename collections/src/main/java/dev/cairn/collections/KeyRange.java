package dev.cairn.collections;

import org.jspecify.annotations.Nullable;

/**
 * The keys between two bounds, in the order of a tree.
 *
 * @param order compares
 * @param low the lower bound; null for none
 * @param hasLow whether that is in the range itself
 * @param high the upper bound; null for none
 * @param hasHigh whether that is in the range itself
 */
record KeyRange<K>(
    SortOrder<K> order, @Nullable K low, boolean hasLow, @Nullable K high, boolean hasHigh) {

  static <K> KeyRange<K> all(SortOrder<K> order) {
    return new KeyRange<>(order, null, true, null, true);
  }

  boolean isAll() {
    return low == null && high == null;
  }

  boolean isTooLow(K key) {
    if (low == null) {
      return false;
    }
    int compared = order.compare(key, low);
    return compared < 0 || (compared == 0 && !hasLow);
  }

  boolean isTooHigh(K key) {
    if (high == null) {
      return false;
    }
    int compared = order.compare(key, high);
    return compared > 0 || (compared == 0 && !hasHigh);
  }

  boolean contains(K key) {
    return !isTooLow(key) && !isTooHigh(key);
  }

  /** Whether a key that may be excluded can bound a part of this range. */
  private boolean canBound(K key, boolean isIncluded) {
    return isIncluded
        ? contains(key)
        : (low == null || order.compare(key, low) >= 0)
            && (high == null || order.compare(key, high) <= 0);
  }

  /**
   * Returns a part of this range.
   *
   * @throws IllegalArgumentException if a bound is outside, or they are the wrong way round
   */
  KeyRange<K> part(@Nullable K from, boolean hasFrom, @Nullable K to, boolean hasTo) {
    if (from != null && to != null && order.compare(from, to) > 0) {
      throw new IllegalArgumentException("a range from a key to a lesser one");
    }
    if (from != null && !canBound(from, hasFrom)) {
      throw new IllegalArgumentException("the range begins outside of the one it is a part of");
    }
    if (to != null && !canBound(to, hasTo)) {
      throw new IllegalArgumentException("the range ends outside of the one it is a part of");
    }
    return new KeyRange<>(
        order,
        from == null ? low : from,
        from == null ? hasLow : hasFrom,
        to == null ? high : to,
        to == null ? hasHigh : hasTo);
  }
}
