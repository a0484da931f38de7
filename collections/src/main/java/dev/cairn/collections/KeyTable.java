package dev.cairn.collections;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import org.jspecify.annotations.Nullable;

/**
 * A table that leads from keys to entries, with its lock: what the operations of a map need of it,
 * whether it is hashed or sorted. A key's entry is named by one word, its slot: {tag (16 bits),
 * offset of the entry (48 bits)}, the tag being the upper 16 bits of the key's hash.
 *
 * <p>Methods that change something need the lock, taken by the transaction, which stores nothing in
 * place before it commits: words are deferred, and entries, and other fresh blocks are what no one
 * can reach yet. Methods that only read are given the transaction, to see what it has deferred; or
 * none, and then they may run without the lock: they may return or throw anything, and the caller
 * must validate the lock's version before it believes it. They always end.
 */
abstract class KeyTable<K, V> {
  /** Any number that is seldom read. */
  static final long UNLIKELY = 0xD1B54A32D192ED03L;

  final VersionedLock lock;
  final MediumAccessor accessor;
  final Allocator allocator;
  final Entries<K, V> entries;
  private final boolean readsRecords;
  private final long rootWord;

  /**
   * Creates a view of a table.
   *
   * @param readsRecords whether values are records
   * @param rootWord where the word is that leads to all that is in the table
   * @param mark where the mark of its lock is
   */
  KeyTable(OpenHeap heap, Entries<K, V> entries, boolean readsRecords, long rootWord, long mark) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.entries = entries;
    this.readsRecords = readsRecords;
    this.rootWord = rootWord;
    this.lock = new VersionedLock(heap.file(), mark);
  }

  // Reading: with or without the lock.

  /** Reads a word that transactions change. */
  final long word(@Nullable Transaction transaction, long offset) {
    return transaction == null ? accessor.getWord(offset) : transaction.getWord(offset);
  }

  /** The word that leads to everything, as a transaction has set it; 0 if there is nothing. */
  final long root(@Nullable Transaction transaction) {
    return word(transaction, rootWord);
  }

  abstract long count(@Nullable Transaction transaction);

  /**
   * Finds the slot of a key. Hot path.
   *
   * @param key null if it is a word
   * @param bits that word
   * @return the slot's offset, or 0
   */
  abstract long find(@Nullable Transaction transaction, @Nullable K key, long bits, long hash);

  final long find(@Nullable Transaction transaction, K key, long hash) {
    return find(transaction, key, 0, hash);
  }

  /** Reads a key's value; null if there is none. Hot path. */
  @Nullable V get(@Nullable Transaction transaction, K key, long hash) {
    long slot = find(transaction, key, hash);
    if (slot == 0) {
      return null;
    }
    long entry = entry(transaction, slot);
    return entries.value(transaction, entry, entries.lengths(entry)); // found: checked
  }

  /** The entry that a slot names. */
  final long entry(@Nullable Transaction transaction, long slot) {
    return HashMapLayout.entry(word(transaction, slot));
  }

  /**
   * Looks for a key before the lock is taken, so that memory is waited for while the fence of the
   * operation before may still be going on: after a locked instruction, nothing goes on beside it.
   *
   * @param stamp from the lock
   * @param value what the key is going to be given; null if that is a word, or nothing
   * @param frees whether its entry is going to be freed, whatever the value
   * @return what {@link #find} would have returned, or a negative number if it failed; for {@link
   *     #findLocked}
   */
  final long findAhead(
      @Nullable K key, long bits, long hash, long stamp, @Nullable V value, boolean frees) {
    if ((stamp & 1) != 0) {
      return -1;
    }
    try {
      long slot = find(null, key, bits, hash);
      if (slot != 0) {
        long entry = entry(null, slot);
        // What comes next is read now, all at once; the comparison only keeps it from being left
        // out.
        long next = accessor.getWord(entry + HashMapLayout.LINE_SIZE);
        if (frees || (value != null && !entries.isAsLong(entry, value))) {
          next += allocator.lookAt(entry);
        }
        return next == UNLIKELY ? -1 : slot;
      }
      return 0;
    } catch (RuntimeException | InternalError e) {
      return -1; // garbage, a closed heap, a lost page: who has the lock will know
    }
  }

  /** Finds the slot of a key with the lock, unless {@link #findAhead} has found it already. */
  final long findLocked(
      Transaction transaction, @Nullable K key, long bits, long hash, long stamp, long ahead) {
    return ahead >= 0 && lock.isUnchangedSince(stamp) ? ahead : find(transaction, key, bits, hash);
  }

  /**
   * Finds the slot of a key again after its value was read: the constructor of a record is the
   * program's, and may have changed this map.
   */
  final long findAfterReading(Transaction transaction, long slot, K key, long hash) {
    return readsRecords ? find(transaction, key, hash) : slot;
  }

  // Changing: with the lock.

  /** Adds an entry for a key that is not there. */
  abstract void insert(Transaction transaction, K key, V value, long hash);

  /**
   * Gives a key another value: where the old one lies, if it is as long, else in a new entry. An
   * entry that this transaction may have made is not changed: its record may vouch for the content.
   */
  void replace(Transaction transaction, long slot, K key, V value, long hash) {
    transaction.changes(lock);
    long old = entry(transaction, slot);
    boolean isFresh = isFresh(transaction, slot);
    moveSlot(transaction, slot, old, entries.replace(transaction, old, isFresh, key, value, hash));
  }

  /** The same where key and value are words. */
  final void replaceBits(Transaction transaction, long slot, long key, long value, long hash) {
    transaction.changes(lock);
    long old = entry(transaction, slot);
    boolean isFresh = isFresh(transaction, slot);
    long entry = entries.replaceBits(transaction, old, isFresh, key, value, hash);
    moveSlot(transaction, slot, old, entry);
  }

  /** Lets a slot name another entry of its key, so of the same tag. */
  private static void moveSlot(Transaction transaction, long slot, long old, long entry) {
    if (entry != old) {
      transaction.deferWord(slot, transaction.getWord(slot) ^ old ^ entry);
    }
  }

  /**
   * Says whether a transaction may have made the entry of a slot: then it has deferred the slot, or
   * stored it into a table of its own. In a table of its own beside older ones are such slots, too;
   * but that is loose memory, and then a record vouches for nothing.
   */
  private boolean isFresh(Transaction transaction, long slot) {
    return transaction.isDeferred(slot) || transaction.isDeferred(rootWord);
  }

  /** Removes the entry of a key, which a slot names. */
  abstract void remove(Transaction transaction, long slot, K key, long hash);

  /**
   * Removes everything. The transaction must have {@linkplain Transaction#settle settled} what it
   * had deferred.
   */
  abstract void clear(Transaction transaction);
}
