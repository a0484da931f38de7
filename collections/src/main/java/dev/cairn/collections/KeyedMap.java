package dev.cairn.collections;

import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The operations on one key that all maps have, over the {@link KeyTable} that the key belongs to.
 *
 * <p>Every change has the same shape: enter a transaction (joining the caller's, if there is one),
 * lock the table, look, change, exit. Failures between leave the map as it was.
 */
abstract class KeyedMap<K, V> extends EntrySource<K, V> {
  final Guard guard;
  final MediumAccessor accessor;
  final Type<K> keyType;
  final Type<V> valueType;
  final long seed;
  final Entries<K, V> entries;

  /**
   * Creates a map of what lies at an offset.
   *
   * @param structure what it serves as, for messages
   * @param seedField where, in it, the seed of hashes is
   * @param committed as of {@link Guard}
   */
  KeyedMap(
      OpenHeap heap,
      String structure,
      Type<K> keyType,
      Type<V> valueType,
      long offset,
      long seedField,
      boolean committed) {
    this.guard = new Guard(heap, structure, offset, committed);
    this.accessor = heap.accessor();
    this.keyType = keyType;
    this.valueType = valueType;
    this.seed = accessor.getWord(offset + seedField);
    this.entries = new Entries<>(heap, keyType, valueType);
  }

  /** The table to which keys of a hash belong. */
  abstract KeyTable<K, V> table(long hash);

  final boolean readsRecords() {
    return valueType instanceof RecordType<?>;
  }

  final Transaction enter() {
    return guard.heap().transactions().enter();
  }

  /** Tells a raw caller's mistake before anything is changed. */
  final K checkedKey(K key) {
    return keyType.javaType().cast(Objects.requireNonNull(key));
  }

  // Reading.

  @Override
  public @Nullable V get(Object key) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    if (typed == null) {
      return null;
    }
    long hash = keyType.hash(typed, seed);
    KeyTable<K, V> table = table(hash);
    // What Guard.read does, without a lambda: this is the hottest path there is.
    if (guard.readsWithoutLock()) {
      for (int i = 0; i < Guard.OPTIMISTIC_ATTEMPTS; i++) {
        long stamp = table.lock.awaitOptimisticRead();
        try {
          V value = table.get(null, typed, hash);
          if (table.lock.validate(stamp)) {
            return value;
          }
        } catch (RuntimeException | Error e) {
          if (table.lock.validate(stamp)) {
            throw guard.explain(e);
          }
        }
      }
    }
    return guard.change(table.lock, transaction -> table.get(transaction, typed, hash));
  }

  @Override
  public V getOrDefault(Object key, V defaultValue) {
    V value = get(key);
    return value == null ? defaultValue : value;
  }

  @Override
  public boolean containsKey(Object key) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    if (typed == null) {
      return false;
    }
    long hash = keyType.hash(typed, seed);
    KeyTable<K, V> table = table(hash);
    return guard.read(table.lock, transaction -> table.find(transaction, typed, hash) != 0);
  }

  /** Compares values as {@link #remove(Object, Object)} does: those of arrays by content. */
  @Override
  public boolean containsValue(Object value) {
    V expected = valueType.asValue(Objects.requireNonNull(value));
    if (expected == null) {
      return false;
    }
    for (Entry<K, V> entry : entrySet()) {
      if (valueType.valueEquals(entry.getValue(), expected)) {
        return true;
      }
    }
    return false;
  }

  @Override
  boolean containsEntry(@Nullable Object key, @Nullable Object value) {
    K typed = keyType.asValue(key);
    V expected = valueType.asValue(value);
    if (typed == null || expected == null) {
      return false;
    }
    V found = get(typed);
    return found != null && valueType.valueEquals(found, expected);
  }

  // Changing.

  @Override
  public @Nullable V put(K key, V value) {
    return store(key, value, true, true, true);
  }

  /**
   * Gives a key a value, as {@link #put} does, but does not read what it had: less work where
   * nobody asks for the old value.
   *
   * @param key the key
   * @param value its value from now on
   */
  public void set(K key, V value) {
    store(key, value, true, true, false);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return store(key, value, true, false, true);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    return store(key, value, false, true, true);
  }

  /**
   * Gives a key a value, whether or not it had one; returns what it had. Written out, as {@link
   * #remove(Object)} is, where others use a lambda: it allocates nothing but the old value.
   */
  private @Nullable V store(K key, V value, boolean ifAbsent, boolean ifPresent, boolean wantsOld) {
    Objects.requireNonNull(value);
    long hash = keyType.hash(checkedKey(key), seed);
    KeyTable<K, V> table = table(hash);
    long stamp = table.lock.tryOptimisticRead();
    long ahead = table.findAhead(key, 0, hash, stamp, value, false);
    Transaction transaction = enter();
    V old = null;
    try {
      transaction.lock(table.lock);
      long slot = table.findLocked(transaction, key, 0, hash, stamp, ahead);
      if (slot != 0) {
        if (wantsOld) {
          old = entries.value(transaction, table.entry(transaction, slot));
          slot = table.findAfterReading(transaction, slot, key, hash);
        }
        if (slot != 0 && ifPresent) {
          table.replace(transaction, slot, key, value, hash);
        }
      }
      if (slot == 0 && ifAbsent) {
        table.insert(transaction, key, value, hash);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return old;
  }

  @Override
  public @Nullable V remove(Object key) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    return typed == null ? null : remove(typed, true);
  }

  /**
   * Removes a key: {@link #remove(Object)} without the value, which is not read from the heap. For
   * who does not want it: saves the time for memory that is not in the CPU's cache. Durable when it
   * returns; costs one fence, and none if the key is not there.
   *
   * @param key what to remove
   */
  public void delete(K key) {
    remove(checkedKey(key), false);
  }

  private @Nullable V remove(K key, boolean wantsOld) {
    long hash = keyType.hash(key, seed);
    KeyTable<K, V> table = table(hash);
    long stamp = table.lock.tryOptimisticRead();
    long ahead = table.findAhead(key, 0, hash, stamp, null, true);
    Transaction transaction = enter();
    V old = null;
    try {
      transaction.lock(table.lock);
      long slot = table.findLocked(transaction, key, 0, hash, stamp, ahead);
      if (slot != 0 && wantsOld) {
        old = entries.value(transaction, table.entry(transaction, slot));
        slot = table.findAfterReading(transaction, slot, key, hash);
      }
      if (slot != 0) {
        table.remove(transaction, slot, key, hash);
      }
      transaction.exit();
    } catch (Throwable t) {
      throw guard.fail(transaction, t);
    }
    return old;
  }

  @Override
  public boolean remove(Object key, @Nullable Object value) {
    K typed = keyType.asValue(Objects.requireNonNull(key));
    V expected = valueType.asValue(value);
    if (typed == null || expected == null) {
      return false;
    }
    long hash = keyType.hash(typed, seed);
    KeyTable<K, V> table = table(hash);
    return guard.change(
        table.lock,
        transaction -> {
          long slot = table.find(transaction, typed, hash);
          boolean found =
              slot != 0
                  && entries.valueEquals(transaction, table.entry(transaction, slot), expected);
          if (found) {
            table.remove(transaction, slot, typed, hash);
          }
          return found;
        });
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    Objects.requireNonNull(oldValue);
    Objects.requireNonNull(newValue);
    long hash = keyType.hash(checkedKey(key), seed);
    KeyTable<K, V> table = table(hash);
    return guard.change(
        table.lock,
        transaction -> {
          long slot = table.find(transaction, key, hash);
          boolean found =
              slot != 0
                  && entries.valueEquals(transaction, table.entry(transaction, slot), oldValue);
          if (found) {
            table.replace(transaction, slot, key, newValue, hash);
          }
          return found;
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Atomic: the function runs once, while its key's stripe is locked. It should be short. What
   * it changes itself becomes part of the same transaction. If it throws, nothing has changed;
   * inside {@link PersistentHeap#transact}, after it has moved elements of a list or changed very
   * much, that transaction can then only be undone.
   */
  @Override
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function);
    return update(key, old -> function.apply(key, old));
  }

  @Override
  public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
    Objects.requireNonNull(function);
    V present = get(key);
    return present != null ? present : update(key, old -> old == null ? function.apply(key) : old);
  }

  @Override
  public @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function);
    return update(key, old -> old == null ? null : function.apply(key, old));
  }

  @Override
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(value);
    Objects.requireNonNull(function);
    return update(key, old -> old == null ? value : function.apply(old, value));
  }

  /** Changes a key's value to what a function makes of it; null means no entry. */
  private @Nullable V update(K key, Function<@Nullable V, @Nullable V> function) {
    long hash = keyType.hash(checkedKey(key), seed);
    KeyTable<K, V> table = table(hash);
    return guard.change(
        table.lock,
        transaction -> {
          long slot = table.find(transaction, key, hash);
          V old = slot == 0 ? null : entries.value(transaction, table.entry(transaction, slot));
          V changed = function.apply(old);
          slot =
              table.find(transaction, key, hash); // the function may have changed this map itself
          if (changed == null) {
            if (slot != 0) {
              table.remove(transaction, slot, key, hash);
            }
          } else if (slot == 0) {
            table.insert(transaction, key, changed, hash);
          } else if (changed != old
              || !entries.valueEquals(transaction, table.entry(transaction, slot), changed)) {
            // The same object may have another content by now: arrays can be changed in place.
            table.replace(transaction, slot, key, changed, hash);
          }
          return changed;
        });
  }
}
