package dev.cairn.crashtest;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A set of word numbers, in the order in which they were added. Cleared at the cost of its size.
 */
final class WordSet {
  private final BitSet members = new BitSet();
  private int[] order = new int[64];
  private int size;

  boolean add(int word) {
    if (members.get(word)) {
      return false;
    }
    members.set(word);
    if (size == order.length) {
      order = Arrays.copyOf(order, 2 * size);
    }
    order[size++] = word;
    return true;
  }

  int get(int i) {
    return order[i];
  }

  int size() {
    return size;
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      members.clear(order[i]);
    }
    size = 0;
  }
}
