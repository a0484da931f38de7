package dev.cairn.collections;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * A persistent hash map from longs to longs, read and changed without boxes: its methods allocate
 * nothing on the Java heap. Get one from {@link PersistentHeap#longMap}.
 *
 * <p>A view of a {@link PersistentHashMap}, {@link #asMap()}: durability, atomicity, transactions,
 * threads and cost are those of that one. What one of them changes, the other shows.
 */
public final class PersistentLongMap {
  private final PersistentHashMap<Long, Long> map;
  private final Guard guard;
  private final long seed;

  PersistentLongMap(PersistentHashMap<Long, Long> map) {
    this.map = map;
    this.guard = map.guard;
    this.seed = map.seed;
  }

  /**
   * Returns the map that this is a view of.
   *
   * @return always the same one
   */
  public PersistentHashMap<Long, Long> asMap() {
    return map;
  }

  /**
   * Reads a value. No fence, and no lock outside of transactions.
   *
   * @param key any number
   * @param absent what to return if there is no such key
   * @return the key's value
   */
  public long get(long key, long absent) {
    return read(key, absent, false);
  }

  /**
   * Tells whether there is a key.
   *
   * @param key any number
   * @return whether it has a value
   */
  public boolean containsKey(long key) {
    return read(key, 0, true) != 0;
  }

  private long read(long key, long absent, boolean wantsPresence) {
    long hash = ContentHash.ofWord(key, seed);
    HashStripe<Long, Long> stripe = map.stripe(hash);
    // What Guard.read does, without a lambda and its boxes.
    if (guard.readsWithoutLock()) {
      for (int i = 0; i < Guard.OPTIMISTIC_ATTEMPTS; i++) {
        long stamp = stripe.lock.awaitOptimisticRead();
        try {
          long value = read(null, stripe, key, hash, absent, wantsPresence);
          if (stripe.lock.validate(stamp)) {
            return value;
          }
        } catch (RuntimeException | Error e) {
          if (stripe.lock.validate(stamp)) {
            throw guard.explain(e);
          }
        }
      }
    }
    Transaction transaction = guard.heap().transactions().enter();
    long value = absent;
    try {
      transaction.lock(stripe.lock);
      value = read(transaction, stripe, key, hash, absent, wantsPresence);
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return value;
  }

  private static long read(
      @Nullable Transaction transaction,
      HashStripe<Long, Long> stripe,
      long key,
      long hash,
      long absent,
      boolean wantsPresence) {
    if (wantsPresence) {
      return stripe.find(transaction, null, key, hash) == 0 ? 0 : 1;
    }
    return stripe.getBits(transaction, key, hash, absent);
  }

  /**
   * Gives a key a value. Alone, durable when this returns: one fence, two if a segment is split.
   *
   * @param key any number
   * @param value any number
   */
  public void put(long key, long value) {
    update(key, value, 0);
  }

  /**
   * Adds to a key's value, atomically; a key that is not there counts as one with value 0. Alone,
   * durable when this returns: as {@link #put}.
   *
   * @param key any number
   * @param delta what to add; overflow wraps around
   * @return the sum, which is the key's value now
   */
  public long add(long key, long delta) {
    return update(key, delta, -1);
  }

  /** Sets a key's value to a number plus those bits of its old value that a mask keeps. */
  private long update(long key, long number, long mask) {
    long hash = ContentHash.ofWord(key, seed);
    HashStripe<Long, Long> stripe = map.stripe(hash);
    long stamp = stripe.lock.tryOptimisticRead();
    long ahead = stripe.findAhead(null, key, hash, stamp, null, false);
    Transaction transaction = guard.heap().transactions().enter();
    long value = number;
    try {
      transaction.lock(stripe.lock);
      long slot = stripe.findLocked(transaction, null, key, hash, stamp, ahead);
      if (slot == 0) {
        stripe.insertBits(transaction, key, value, hash);
      } else {
        value += map.entries.valueBits(transaction, stripe.entry(transaction, slot)) & mask;
        stripe.replaceBits(transaction, slot, key, value, hash);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return value;
  }

  /**
   * Removes a key. Alone, durable when this returns: one fence, or none if there is no such key.
   *
   * @param key any number
   * @return whether there was one
   */
  public boolean remove(long key) {
    long hash = ContentHash.ofWord(key, seed);
    HashStripe<Long, Long> stripe = map.stripe(hash);
    long stamp = stripe.lock.tryOptimisticRead();
    long ahead = stripe.findAhead(null, key, hash, stamp, null, true);
    Transaction transaction = guard.heap().transactions().enter();
    boolean found = false;
    try {
      transaction.lock(stripe.lock);
      long slot = stripe.findLocked(transaction, null, key, hash, stamp, ahead);
      if (slot != 0) {
        found = true;
        stripe.remove(transaction, slot);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return found;
  }

  /**
   * Counts the entries.
   *
   * @return the number of entries: exact if nobody changes the map meanwhile
   */
  public long size() {
    return map.mappingCount();
  }
}
