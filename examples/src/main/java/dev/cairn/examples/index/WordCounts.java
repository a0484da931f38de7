package dev.cairn.examples.index;

import java.util.HashMap;

/**
 * The words of one file.
 *
 * @param words how many, repetitions included
 * @param counts how often each one stands there; a hash map, because Kryo is told of its class, and
 *     not changed any more
 */
record WordCounts(int words, HashMap<String, Integer> counts) {

  int distinctWords() {
    return counts.size();
  }
}
