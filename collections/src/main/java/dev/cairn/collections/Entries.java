package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_KEY;
import static dev.cairn.collections.EntryLayout.ENTRY_LENGTHS;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a map, one block each: how they are written, compared, read and checked. Which
 * table names an entry, and by what word, is the table's.
 *
 * <p>An entry never changes but for its value, which a transaction may overwrite with one of the
 * same length, by deferred words. Methods that only read are given the transaction, to see what it
 * has deferred; or none, and then they may run without the lock: they may return or throw anything,
 * and the caller must validate the lock's version before it believes them.
 */
final class Entries<K, V> {
  /** Entries up to this size, in bytes, are read without a look at their block's size. */
  private static final long SMALL = 4096;

  private static final long WORD_LENGTHS = EntryLayout.lengths(Long.BYTES, Long.BYTES);

  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final Type<K> keyType;
  private final Type<V> valueType;

  Entries(OpenHeap heap, Type<K> keyType, Type<V> valueType) {
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.keyType = keyType;
    this.valueType = valueType;
  }

  // Reading: with or without the lock.

  /**
   * Tells whether an entry is that of a key.
   *
   * @param key null if it is a word
   * @param bits that word
   */
  boolean hasKey(long entry, @Nullable K key, long bits, long hash) {
    if (key == null) {
      return isOfWords(entry, hash) && accessor.getWord(entry + ENTRY_KEY) == bits;
    }
    long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
    if (accessor.getWord(entry) != EntryLayout.entryHeader((int) hash, lengths)) {
      check(entry);
      return false;
    }
    int keyLength = EntryLayout.keyLength(lengths);
    return keyType.contentEquals(accessor, entry + ENTRY_KEY, keyLength, key);
  }

  /** Says whether an entry is one of two words, and of a hash. */
  private boolean isOfWords(long entry, long hash) {
    boolean isOfHash = accessor.getWord(entry) == EntryLayout.entryHeader((int) hash, WORD_LENGTHS);
    if (!isOfHash || accessor.getWord(entry + ENTRY_LENGTHS) != WORD_LENGTHS) {
      long lengths = check(entry);
      if (lengths != WORD_LENGTHS) {
        throw new HeapCorruptedException(
            "entry",
            entry,
            "lengths of a map of words, 8 and 8",
            "lengths 0x" + Long.toHexString(lengths));
      }
      return false;
    }
    return true;
  }

  /** Reads an entry's lengths, unchecked. */
  long lengths(long entry) {
    return accessor.getWord(entry + ENTRY_LENGTHS);
  }

  K key(long entry, long lengths) {
    checkFits(entry, lengths);
    return keyType.read(accessor, entry + ENTRY_KEY, EntryLayout.keyLength(lengths));
  }

  V value(@Nullable Transaction transaction, long entry) {
    return value(transaction, entry, check(entry));
  }

  /** Reads the value of an entry that was found to be of its key, or checked. */
  V value(@Nullable Transaction transaction, long entry, long lengths) {
    checkFits(entry, lengths);
    long at = EntryLayout.value(entry, EntryLayout.keyLength(lengths));
    int length = EntryLayout.valueLength(lengths);
    return ValueWords.read(transaction, accessor, valueType, at, length);
  }

  /** Returns the value of an entry of two words, as those that were found are. */
  long valueBits(@Nullable Transaction transaction, long entry) {
    long at = EntryLayout.value(entry, Long.BYTES);
    return transaction == null ? accessor.getWord(at) : transaction.getWord(at);
  }

  boolean valueEquals(@Nullable Transaction transaction, long entry, V value) {
    long lengths = checkedLengths(entry);
    long at = EntryLayout.value(entry, EntryLayout.keyLength(lengths));
    int length = EntryLayout.valueLength(lengths);
    return ValueWords.contentEquals(transaction, accessor, valueType, at, length, value);
  }

  /** Tells whether a value has the length of the one that an entry has. */
  boolean isAsLong(long entry, V value) {
    return valueType.encodedSize(value) == EntryLayout.valueLength(lengths(entry));
  }

  /** Makes sure that an entry is one, with the lengths that it was written with; returns them. */
  long check(long entry) {
    long header = accessor.getWord(entry);
    long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
    BlockHeader.check(header, BlockHeader.ENTRY, entry);
    if (header != EntryLayout.entryHeader(EntryLayout.entryHash(header), lengths)) {
      throw new HeapCorruptedException(
          "entry",
          entry,
          "the lengths that its header 0x%x is of".formatted(header),
          "lengths 0x" + Long.toHexString(lengths));
    }
    return lengths;
  }

  /** Reads an entry's lengths, and makes sure that they are its own, and fit into its block. */
  private long checkedLengths(long entry) {
    long lengths = check(entry);
    checkFits(entry, lengths);
    return lengths;
  }

  /** Makes sure that no array is made of what only garbage claims. */
  private void checkFits(long entry, long lengths) {
    int keyLength = EntryLayout.keyLength(lengths);
    int valueLength = EntryLayout.valueLength(lengths);
    long size = EntryLayout.entrySize(keyLength, valueLength);
    boolean fits = size <= SMALL || size <= allocator.blockSize(entry);
    if (keyLength < 0 || valueLength < 0 || !fits) {
      throw new HeapCorruptedException(
          "entry",
          entry,
          "lengths within its block",
          "lengths %d and %d".formatted(keyLength, valueLength));
    }
  }

  // Changing: with the lock.

  /** Writes an entry into a new block, whose content the transaction's record can vouch for. */
  long write(Transaction transaction, K key, V value, long hash) {
    int keyLength = keyType.encodedSize(key);
    int valueLength = valueType.encodedSize(value);
    return write(transaction, key, keyLength, value, valueLength, hash);
  }

  private long write(
      Transaction transaction, K key, int keyLength, V value, int valueLength, long hash) {
    long entry =
        allocator.allocateConstant(transaction, EntryLayout.entrySize(keyLength, valueLength));
    putHeader(entry, hash, EntryLayout.lengths(keyLength, valueLength));
    keyType.write(accessor, entry + ENTRY_KEY, key);
    valueType.write(accessor, EntryLayout.value(entry, keyLength), value);
    return entry;
  }

  /** The same where key and value are words. */
  long writeBits(Transaction transaction, long key, long value, long hash) {
    long entry =
        allocator.allocateConstant(transaction, EntryLayout.entrySize(Long.BYTES, Long.BYTES));
    putHeader(entry, hash, WORD_LENGTHS);
    accessor.putWord(entry + ENTRY_KEY, key);
    accessor.putWord(EntryLayout.value(entry, Long.BYTES), value);
    return entry;
  }

  private void putHeader(long entry, long hash, long lengths) {
    accessor.putWord(entry, EntryLayout.entryHeader((int) hash, lengths));
    accessor.putWord(entry + ENTRY_LENGTHS, lengths);
  }

  /**
   * Gives a key another value: where the old one lies, if it is as long, else in a new entry.
   *
   * @param old the key's entry
   * @param isFresh whether the transaction may have made it: then it is not changed, since its
   *     record may vouch for the content
   * @return the key's entry from now on: if it is another, the old one is freed
   */
  long replace(Transaction transaction, long old, boolean isFresh, K key, V value, long hash) {
    int valueLength = valueType.encodedSize(value);
    long lengths = checkedLengths(old);
    int keyLength = EntryLayout.keyLength(lengths);
    if (valueLength == EntryLayout.valueLength(lengths)
        && ValueWords.shouldOverwrite(transaction, valueLength)
        && !isFresh) {
      long at = EntryLayout.value(old, keyLength);
      ValueWords.overwrite(transaction, accessor, valueType, at, valueLength, value);
      return old;
    }
    long entry = write(transaction, key, keyLength, value, valueLength, hash);
    allocator.free(transaction, old);
    return entry;
  }

  /** The same where key and value are words. */
  long replaceBits(
      Transaction transaction, long old, boolean isFresh, long key, long value, long hash) {
    if (!isFresh) {
      long at = EntryLayout.value(old, Long.BYTES);
      if (transaction.getWord(at) != value) {
        transaction.deferWord(at, value);
      }
      return old;
    }
    long entry = writeBits(transaction, key, value, hash);
    allocator.free(transaction, old);
    return entry;
  }
}
