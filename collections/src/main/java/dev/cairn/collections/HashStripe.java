package dev.cairn.collections;

import static dev.cairn.collections.HashMapLayout.BUCKET_SIZE;
import static dev.cairn.collections.HashMapLayout.ENTRY_KEY;
import static dev.cairn.collections.HashMapLayout.ENTRY_LENGTHS;
import static dev.cairn.collections.HashMapLayout.FIRST_BUCKET;
import static dev.cairn.collections.HashMapLayout.FIRST_SLOT;
import static dev.cairn.collections.HashMapLayout.MAX_DEPTH;
import static dev.cairn.collections.HashMapLayout.SECOND_LINE;
import static dev.cairn.collections.HashMapLayout.SLOTS;
import static dev.cairn.collections.HashMapLayout.SLOT_WORDS;
import static dev.cairn.collections.HashMapLayout.STRIPE_COUNT;
import static dev.cairn.collections.HashMapLayout.STRIPE_DIRECTORY;

import dev.cairn.allocator.spi.Allocator;
import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.Transaction;
import dev.cairn.tx.spi.VersionedLock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stripe of a hash map: an extendible hash table of its own, with its own lock. All keys whose
 * hash begins with the same six bits are here.
 *
 * <p>A lookup reads the stripe's line, one word of the directory, one or both lines of a bucket,
 * and the entry. A full bucket is split, alone; if it was as deep as the directory, the directory
 * is doubled first. Where splitting would not help, for keys with (nearly) the same hash, the
 * bucket gets an overflow bucket instead.
 *
 * <pre>
 * I1  The directory has 2^depth words. A bucket of depth d is named by the 2^(depth - d) words that
 *     share the first d bits of their index, and by no others.
 * I2  Each entry is named by one slot, in its own bucket or in one of that bucket's overflow chain.
 * I3  A bucket with an overflow chain is never split. Overflow buckets have its depth.
 * I4  count is the number of entries.
 * </pre>
 *
 * <p>Methods that change something need the lock, taken by the transaction; each leaves the
 * invariants intact whenever it returns or throws. Methods that only read may run without it: they
 * may then return or throw anything, and the caller must validate the lock's version before it
 * believes it. They always end.
 */
final class HashStripe<K, V> {
  /** Bounds the walk along an overflow chain, which garbage could make a ring. */
  private static final int LONGEST_CHAIN = 1 << 20;

  /** A directory may have this many words for each entry before a bucket overflows instead. */
  private static final long WORDS_PER_ENTRY = 4;

  /** Entries up to this size, in bytes, are read without a look at their block's size. */
  private static final long SMALL_ENTRY = 4096;

  final VersionedLock lock;
  private final MediumAccessor accessor;
  private final Allocator allocator;
  private final Type<K> keyType;
  private final Type<V> valueType;
  private final long stripe;
  private final int index;

  /**
   * Creates a view of a stripe.
   *
   * @param map where its map lies
   * @param index its place among the map's stripes
   */
  HashStripe(OpenHeap heap, Type<K> keyType, Type<V> valueType, long map, int index) {
    this.lock = new VersionedLock(heap.file());
    this.accessor = heap.accessor();
    this.allocator = heap.allocator();
    this.keyType = keyType;
    this.valueType = valueType;
    this.stripe = HashMapLayout.stripe(map, index);
    this.index = index;
  }

  // Reading: with or without the lock.

  long count() {
    return accessor.getWord(stripe + STRIPE_COUNT);
  }

  /** Reads a key's value; null if there is none. Hot path. */
  @Nullable V get(K key, long hash) {
    long slot = find(key, hash);
    return slot == 0 ? null : value(entry(slot));
  }

  /** Finds the slot of a key; returns the slot's offset, or 0. Hot path. */
  long find(K key, long hash) {
    long directoryWord = accessor.getWord(stripe + STRIPE_DIRECTORY);
    if (directoryWord == 0) {
      return 0;
    }
    long bucket = bucket(directoryWord, (int) hash);
    for (int i = 0; i < LONGEST_CHAIN; i++) {
      boolean secondFirst = HashMapLayout.prefersSecondLine(hash);
      long slot =
          secondFirst
              ? find(bucket, SECOND_LINE, SLOT_WORDS, key, hash)
              : find(bucket, FIRST_SLOT, SECOND_LINE, key, hash);
      if (slot != 0) {
        return slot;
      }
      slot =
          secondFirst
              ? find(bucket, FIRST_SLOT, SECOND_LINE, key, hash)
              : find(bucket, SECOND_LINE, SLOT_WORDS, key, hash);
      if (slot != 0) {
        return slot;
      }
      bucket = HashMapLayout.overflow(bucketHeader(bucket));
      if (bucket == 0) {
        return 0;
      }
    }
    throw endless(bucket);
  }

  private static HeapCorruptedException endless(long bucket) {
    return new HeapCorruptedException("bucket", bucket, "an overflow chain that ends", "a ring");
  }

  private long find(long bucket, int firstWord, int endWord, K key, long hash) {
    for (int word = firstWord; word < endWord; word++) {
      long at = bucket + (long) word * Long.BYTES;
      long slot = accessor.getWord(at);
      if (HashMapLayout.tagMatches(slot, hash) && hasKey(HashMapLayout.entry(slot), key, hash)) {
        return at;
      }
    }
    return 0;
  }

  private boolean hasKey(long entry, K key, long hash) {
    if (accessor.getWord(entry) != HashMapLayout.entryHeader((int) hash)) {
      checkEntry(entry);
      return false;
    }
    int keyLength = HashMapLayout.keyLength(accessor.getWord(entry + ENTRY_LENGTHS));
    return keyType.contentEquals(accessor, entry + ENTRY_KEY, keyLength, key);
  }

  K key(long entry) {
    long lengths = checkedLengths(entry);
    return keyType.read(accessor, entry + ENTRY_KEY, HashMapLayout.keyLength(lengths));
  }

  V value(long entry) {
    long lengths = checkedLengths(entry);
    long at = HashMapLayout.value(entry, HashMapLayout.keyLength(lengths));
    return valueType.read(accessor, at, HashMapLayout.valueLength(lengths));
  }

  boolean valueEquals(long entry, V value) {
    long lengths = checkedLengths(entry);
    long at = HashMapLayout.value(entry, HashMapLayout.keyLength(lengths));
    return valueType.contentEquals(accessor, at, HashMapLayout.valueLength(lengths), value);
  }

  /** Reads an entry's lengths, and makes sure that no array is made of what only garbage claims. */
  private long checkedLengths(long entry) {
    long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
    int keyLength = HashMapLayout.keyLength(lengths);
    int valueLength = HashMapLayout.valueLength(lengths);
    long size = HashMapLayout.entrySize(keyLength, valueLength);
    boolean fits = size <= SMALL_ENTRY || size <= allocator.blockSize(entry);
    if (keyLength < 0 || valueLength < 0 || !fits) {
      throw new HeapCorruptedException(
          "entry",
          entry,
          "lengths within its block",
          "lengths %d and %d".formatted(keyLength, valueLength));
    }
    return lengths;
  }

  /** Visits every block, and checks every invariant; see {@link HashStripeWalker}. */
  void walk(BlockVisitor visitor) {
    new HashStripeWalker(accessor, stripe, index, visitor).walk();
  }

  /** The entry that a slot names. */
  long entry(long slot) {
    return HashMapLayout.entry(accessor.getWord(slot));
  }

  /**
   * Decodes the entries of the bucket that holds an index, from there on: a bucket that was emptied
   * and filled again may begin before it.
   *
   * @param index a place among the 2^26 that a directory of the greatest depth would have
   * @param target receives the entries
   * @return the first index behind the bucket
   */
  long readBucket(long index, List<KeyValue<K, V>> target) {
    long directoryWord = accessor.getWord(stripe + STRIPE_DIRECTORY);
    if (directoryWord == 0) {
      return 1L << MAX_DEPTH;
    }
    int hash = (int) index;
    long bucket = bucket(directoryWord, hash);
    int depth = HashMapLayout.bucketDepth(bucketHeader(bucket));
    if (depth > MAX_DEPTH) {
      throw new HeapCorruptedException("bucket", bucket, "a depth to 26", "depth " + depth);
    }
    for (int i = 0; i < LONGEST_CHAIN && bucket != 0; i++) {
      for (int word = FIRST_SLOT; word < SLOT_WORDS; word++) {
        long slot = accessor.getWord(bucket + (long) word * Long.BYTES);
        if (slot != 0) {
          long entry = HashMapLayout.entry(slot);
          long header = accessor.getWord(entry);
          BlockHeader.check(header, BlockHeader.ENTRY, entry);
          if (HashMapLayout.index(HashMapLayout.entryHash(header), MAX_DEPTH) >= index) {
            target.add(new KeyValue<>(key(entry), value(entry)));
          }
        }
      }
      bucket = HashMapLayout.overflow(bucketHeader(bucket));
    }
    if (bucket != 0) {
      throw endless(bucket);
    }
    long span = 1L << (MAX_DEPTH - depth);
    return (index & -span) + span;
  }

  /** A decoded entry. */
  record KeyValue<K, V>(K key, V value) {}

  private long bucket(long directoryWord, int hash) {
    int depth = HashMapLayout.depth(directoryWord);
    long directory = HashMapLayout.directory(directoryWord);
    long index = HashMapLayout.index(hash, depth);
    return accessor.getWord(directory + FIRST_BUCKET + index * Long.BYTES);
  }

  private long bucketHeader(long bucket) {
    long header = accessor.getWord(bucket);
    BlockHeader.check(header, BlockHeader.BUCKET, bucket);
    return header;
  }

  private void checkEntry(long entry) {
    BlockHeader.check(accessor.getWord(entry), BlockHeader.ENTRY, entry);
  }

  // Changing: with the lock.

  /** Adds an entry for a key that is not there. One fence, and one more for each split. */
  void insert(Transaction transaction, K key, V value, long hash) {
    int keyLength = keyType.encodedSize(key);
    int valueLength = valueType.encodedSize(value);
    long slot = freeSlot(transaction, hash);
    long entry = writeEntry(transaction, key, keyLength, value, valueLength, (int) hash);
    transaction.declareWord(slot);
    transaction.declareWord(stripe + STRIPE_COUNT);
    transaction.seal();
    transaction.putWord(slot, HashMapLayout.slot(hash, entry));
    transaction.putWord(stripe + STRIPE_COUNT, count() + 1);
  }

  /** Gives a key another value: a new entry in the old one's slot. One fence. */
  void replace(Transaction transaction, long slot, K key, V value, long hash) {
    int keyLength = keyType.encodedSize(key);
    int valueLength = valueType.encodedSize(value);
    long entry = writeEntry(transaction, key, keyLength, value, valueLength, (int) hash);
    allocator.free(transaction, entry(slot));
    transaction.declareWord(slot);
    transaction.seal();
    transaction.putWord(slot, HashMapLayout.slot(hash, entry));
  }

  /** Removes the entry of a slot. One fence. */
  void remove(Transaction transaction, long slot) {
    allocator.free(transaction, entry(slot));
    transaction.declareWord(slot);
    transaction.declareWord(stripe + STRIPE_COUNT);
    transaction.seal();
    transaction.putWord(slot, 0);
    transaction.putWord(stripe + STRIPE_COUNT, count() - 1);
  }

  /** Frees each block, and declares what {@link #clear} will change. The caller seals. */
  void declareClear(Transaction transaction) {
    if (accessor.getWord(stripe + STRIPE_DIRECTORY) != 0) {
      walk((block, length) -> allocator.free(transaction, block));
      transaction.declareWord(stripe + STRIPE_DIRECTORY);
      transaction.declareWord(stripe + STRIPE_COUNT);
    }
  }

  /** Removes everything: entries, buckets, directory. After {@link #declareClear}, sealed. */
  void clear(Transaction transaction) {
    if (accessor.getWord(stripe + STRIPE_DIRECTORY) != 0) {
      transaction.putWord(stripe + STRIPE_DIRECTORY, 0);
      transaction.putWord(stripe + STRIPE_COUNT, 0);
    }
  }

  private long writeEntry(
      Transaction transaction, K key, int keyLength, V value, int valueLength, int hash) {
    long entry = allocator.allocate(transaction, HashMapLayout.entrySize(keyLength, valueLength));
    accessor.putWord(entry, HashMapLayout.entryHeader(hash));
    accessor.putWord(entry + ENTRY_LENGTHS, HashMapLayout.lengths(keyLength, valueLength));
    keyType.write(accessor, entry + ENTRY_KEY, key);
    valueType.write(accessor, HashMapLayout.value(entry, keyLength), value);
    return entry;
  }

  /** Finds a free slot for a hash, making one if need be. */
  private long freeSlot(Transaction transaction, long hash) {
    long directoryWord = accessor.getWord(stripe + STRIPE_DIRECTORY);
    if (directoryWord == 0) {
      directoryWord = makeDirectory(transaction);
    }
    while (true) {
      long first = bucket(directoryWord, (int) hash);
      long last = first;
      for (long bucket = first; bucket != 0; ) {
        long slot = freeSlot(bucket, hash);
        if (slot != 0) {
          return slot;
        }
        last = bucket;
        bucket = HashMapLayout.overflow(bucketHeader(bucket));
      }
      if (last != first || !canSplit(directoryWord, first)) {
        return addOverflow(transaction, last);
      }
      directoryWord = split(transaction, directoryWord, first, (int) hash);
    }
  }

  private long freeSlot(long bucket, long hash) {
    int start = HashMapLayout.prefersSecondLine(hash) ? SECOND_LINE - FIRST_SLOT : 0;
    for (int i = 0; i < SLOTS; i++) {
      int word = FIRST_SLOT + (start + i) % SLOTS;
      long at = bucket + (long) word * Long.BYTES;
      if (accessor.getWord(at) == 0) {
        return at;
      }
    }
    return 0;
  }

  private long makeDirectory(Transaction transaction) {
    long bucket = writeBucket(transaction, 0);
    long directory = allocator.allocate(transaction, FIRST_BUCKET + Long.BYTES);
    accessor.putWord(directory, BlockHeader.of(BlockHeader.DIRECTORY, 0));
    accessor.putWord(directory + FIRST_BUCKET, bucket);
    return changeDirectory(transaction, directory, 0);
  }

  private long changeDirectory(Transaction transaction, long directory, int depth) {
    transaction.declareWord(stripe + STRIPE_DIRECTORY);
    transaction.seal();
    long word = HashMapLayout.directoryWord(directory, depth);
    transaction.putWord(stripe + STRIPE_DIRECTORY, word);
    return word;
  }

  /** Allocates an empty bucket. */
  private long writeBucket(Transaction transaction, int depth) {
    long bucket = allocator.allocate(transaction, BUCKET_SIZE);
    accessor.fill(bucket, BUCKET_SIZE, (byte) 0);
    accessor.putWord(bucket, HashMapLayout.bucketHeader(depth, 0));
    return bucket;
  }

  private boolean canSplit(long directoryWord, long bucket) {
    int depth = HashMapLayout.depth(directoryWord);
    if (HashMapLayout.bucketDepth(bucketHeader(bucket)) < depth) {
      return true;
    }
    return depth < MAX_DEPTH && 2L << depth <= WORDS_PER_ENTRY * count();
  }

  /** Splits a full bucket without overflow in two; returns the directory word, maybe a new one. */
  private long split(Transaction transaction, long directoryWord, long bucket, int hash) {
    int depth = HashMapLayout.bucketDepth(bucketHeader(bucket));
    if (depth == HashMapLayout.depth(directoryWord)) {
      return doubleDirectory(transaction, directoryWord);
    }
    long sibling = writeBucket(transaction, depth + 1);
    long directory = HashMapLayout.directory(directoryWord);
    int shift = HashMapLayout.depth(directoryWord) - (depth + 1);
    long firstIndex = ((HashMapLayout.index(hash, depth) << 1) | 1L) << shift;
    long words = directory + FIRST_BUCKET + firstIndex * Long.BYTES;
    long wordsLength = (long) Long.BYTES << shift;
    transaction.declareRange(bucket, BUCKET_SIZE);
    transaction.declareRange(words, wordsLength);
    transaction.seal();
    for (int word = FIRST_SLOT; word < SLOT_WORDS; word++) {
      long at = bucket + (long) word * Long.BYTES;
      long slot = accessor.getWord(at);
      int entryHash = HashMapLayout.entryHash(accessor.getWord(HashMapLayout.entry(slot)));
      if ((HashMapLayout.index(entryHash, depth + 1) & 1) != 0) {
        accessor.putWord(sibling + (long) word * Long.BYTES, slot);
        transaction.putWord(at, 0);
      }
    }
    transaction.putWord(bucket, HashMapLayout.bucketHeader(depth + 1, 0));
    for (long at = words; at < words + wordsLength; at += Long.BYTES) {
      transaction.putWord(at, sibling);
    }
    return directoryWord;
  }

  private long doubleDirectory(Transaction transaction, long directoryWord) {
    int depth = HashMapLayout.depth(directoryWord);
    long old = HashMapLayout.directory(directoryWord);
    long directory = allocator.allocate(transaction, FIRST_BUCKET + ((2L * Long.BYTES) << depth));
    accessor.putWord(directory, BlockHeader.of(BlockHeader.DIRECTORY, depth + 1));
    long target = directory + FIRST_BUCKET;
    for (long i = 0; i < 1L << depth; i++) {
      long bucket = accessor.getWord(old + FIRST_BUCKET + i * Long.BYTES);
      accessor.putWord(target, bucket);
      accessor.putWord(target + Long.BYTES, bucket);
      target += 2 * Long.BYTES;
    }
    allocator.free(transaction, old);
    return changeDirectory(transaction, directory, depth + 1);
  }

  /** Adds a bucket to the end of a chain; returns a free slot of it. */
  private long addOverflow(Transaction transaction, long last) {
    int depth = HashMapLayout.bucketDepth(bucketHeader(last));
    long overflow = writeBucket(transaction, depth);
    transaction.declareWord(last);
    transaction.seal();
    transaction.putWord(last, HashMapLayout.bucketHeader(depth, overflow));
    return overflow + FIRST_SLOT * (long) Long.BYTES;
  }
}
