package dev.cairn.bench.peer;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map of one peer. May be used by several threads at once. When a change returns, all that the
 * peer promises about it holds.
 *
 * @param <K> class of the keys
 * @param <V> class of the values
 */
public interface Store<K, V> extends AutoCloseable {
  /** Sees the entries of a scan. */
  @FunctionalInterface
  interface Visitor<K, V> {
    /** Returns whether the scan shall go on. */
    boolean visit(K key, V value);

    /** Shows entries, until this has seen enough. */
    default void visitAll(Iterable<? extends Map.Entry<K, V>> entries) {
      for (Map.Entry<K, V> entry : entries) {
        if (!visit(entry.getKey(), entry.getValue())) {
          return;
        }
      }
    }
  }

  /**
   * Adds an entry, or replaces its value. Nobody wants the old value: a peer that has a way not to
   * read it takes that one.
   */
  void put(K key, V value);

  /** Returns a value as an object of the caller's own, or null if there is none. */
  @Nullable V get(K key);

  /** Removes an entry, which is there. Nobody wants its value. */
  void remove(K key);

  /**
   * Shows entries until the visitor has seen enough.
   *
   * @param from null for all of them, in any order; else those from this key on, which is there, in
   *     the order of keys, for stores of sorted workloads only
   */
  void scan(@Nullable K from, Visitor<K, V> visitor);

  /**
   * Moves an amount from one value to another, both of which are there: as one atomic change where
   * the peer knows how.
   */
  void transfer(K source, K target, long amount);

  /** Fills the store: durable when it returns, but not before. */
  default void putAll(Iterable<? extends Map.Entry<K, V>> entries) {
    for (Map.Entry<K, V> entry : entries) {
      put(entry.getKey(), entry.getValue());
    }
  }

  @Override
  void close() throws IOException;
}
