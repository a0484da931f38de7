package dev.cairn.collections;

import static dev.cairn.collections.HashMapLayout.FIRST_SEGMENT;
import static dev.cairn.collections.HashMapLayout.GROUP_SIZE;
import static dev.cairn.collections.HashMapLayout.HINTS;
import static dev.cairn.collections.HashMapLayout.LINE_SIZE;
import static dev.cairn.collections.HashMapLayout.MAX_DEPTH;
import static dev.cairn.collections.HashMapLayout.SEGMENT_SIZE;
import static dev.cairn.collections.HashMapLayout.SMALL_SEGMENT_SIZE;
import static dev.cairn.collections.HashMapLayout.STRIPE_COUNT;
import static dev.cairn.collections.HashMapLayout.STRIPE_IDENTITY;
import static dev.cairn.collections.HashMapLayout.STRIPE_MARK;
import static dev.cairn.collections.HashMapLayout.STRIPE_TABLE;

import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.collections.HashStripeWalker.EntryVisitor;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.spi.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stripe of a hash map: an extendible hash table of its own, with its own lock. All keys whose
 * hash begins with the same six bits are here.
 *
 * <p>A lookup reads the stripe's line, one word of the directory, the home line of the key in its
 * segment (seldom another line of the same group), and the entry. The directory has one word for
 * about a hundred entries, and so stays in the CPU's cache. A segment whose group is full is split,
 * alone; if it was as deep as the directory, the directory is doubled first. Where splitting would
 * not help, for keys with (nearly) the same hash, the segment gets an overflow segment instead. A
 * stripe begins with a single small segment of one group, without a directory.
 *
 * <pre>
 * I1  The directory has 2^depth words. A segment of depth d is named by the 2^(depth - d) words that
 *     share the first d bits of their index, and by no others.
 * I2  Each entry is named by one slot, in the group of its home line, in its own segment or in one of
 *     that segment's overflow chain.
 * I3  A segment with an overflow chain is never split. Overflow segments have its depth and size.
 * I4  count is the number of entries.
 * </pre>
 */
final class HashStripe<K, V> extends KeyTable<K, V> {
  /** Bounds the walk along an overflow chain, which garbage could make a ring. */
  private static final int LONGEST_CHAIN = 1 << 20;

  /** A directory may have a word for so many entries before a segment overflows instead. */
  private static final long ENTRIES_PER_WORD = 4;

  private final long stripe;
  private final int index;
  private final long identity;

  /**
   * Creates a view of a stripe.
   *
   * @param entries of its map
   * @param readsRecords whether values are records
   * @param map where its map lies
   * @param seed of the map
   * @param index its place among the map's stripes
   */
  HashStripe(
      OpenHeap heap, Entries<K, V> entries, boolean readsRecords, long map, long seed, int index) {
    long stripe = HashMapLayout.stripe(map, index);
    super(heap, entries, readsRecords, stripe + STRIPE_TABLE, stripe + STRIPE_MARK);
    this.stripe = stripe;
    this.index = index;
    this.identity = HashMapLayout.identity(seed, index);
  }

  // Reading: with or without the lock.

  @Override
  long count(@Nullable Transaction transaction) {
    long count = word(transaction, stripe + STRIPE_COUNT);
    if (count < 0 || count > accessor.size() / EntryLayout.ENTRY_KEY) {
      throw new HeapCorruptedException(
          "stripe", stripe, "a count of entries that fit into the heap", "count " + count);
    }
    if (count == 0) {
      checkIdentity();
    }
    return count;
  }

  /** Makes sure that what looks like an empty stripe, or one without a key, is this one. */
  private void checkIdentity() {
    long found = accessor.getWord(stripe + STRIPE_IDENTITY);
    if (found != identity) {
      throw new HeapCorruptedException(
          "stripe", stripe, "identity 0x%x".formatted(identity), "0x" + Long.toHexString(found));
    }
  }

  @Override
  @Nullable V get(@Nullable Transaction transaction, K key, long hash) {
    long entry = find(transaction, key, 0, hash, true);
    if (entry == 0) {
      return null;
    }
    return entries.value(transaction, entry, entries.lengths(entry)); // found: checked
  }

  /** Reads the value of a map of words; a given one if there is none. Hot path. */
  long getBits(@Nullable Transaction transaction, long key, long hash, long absent) {
    long entry = find(transaction, null, key, hash, true);
    return entry == 0 ? absent : entries.valueBits(transaction, entry);
  }

  @Override
  long find(@Nullable Transaction transaction, @Nullable K key, long bits, long hash) {
    return find(transaction, key, bits, hash, false);
  }

  /** The same, for who may want the slot's entry itself, and need not read the slot again. */
  private long find(
      @Nullable Transaction transaction,
      @Nullable K key,
      long bits,
      long hash,
      boolean wantsEntry) {
    long table = root(transaction);
    if (table == 0) {
      checkIdentity();
      return 0;
    }
    long segment = segment(transaction, table, (int) hash);
    long home = HashMapLayout.homeLine((int) hash, segmentSize(table));
    for (int i = 0; i < LONGEST_CHAIN; i++) {
      for (long other = 0; other < GROUP_SIZE; other += LINE_SIZE) {
        long found = findInLine(transaction, segment, home ^ other, key, bits, hash, wantsEntry);
        if (found != 0) {
          return found;
        }
      }
      segment = HashMapLayout.overflow(segmentHeader(transaction, segment));
      if (segment == 0) {
        checkIdentity();
        return 0;
      }
    }
    throw endless(segment);
  }

  private static HeapCorruptedException endless(long segment) {
    return new HeapCorruptedException("segment", segment, "an overflow chain that ends", "a ring");
  }

  /**
   * Finds a key's slot in one line of a segment. One comparison serves all seven hints, so that a
   * lookup has few instructions, and the CPU can begin the next one early.
   */
  private long findInLine(
      @Nullable Transaction transaction,
      long segment,
      long line,
      @Nullable K key,
      long bits,
      long hash,
      boolean wantsEntry) {
    long start = segment + line;
    long hints = word(transaction, start + HINTS);
    for (long c = HashMapLayout.candidates(hints, hash); c != 0; c &= c - 1) {
      long at = start + HashMapLayout.candidateSlot(c);
      long slot = word(transaction, at);
      if (HashMapLayout.tagMatches(slot, hash)
          && at != segment
          && entries.hasKey(HashMapLayout.entry(slot), key, bits, hash)) {
        return wantsEntry ? HashMapLayout.entry(slot) : at;
      }
    }
    return 0;
  }

  /** Visits every block, and checks every invariant; see {@link HashStripeWalker}. */
  void walk(BlockVisitor visitor) {
    new HashStripeWalker(accessor, stripe, index, identity, visitor, EntryVisitor.NONE).walk();
  }

  /**
   * Decodes the entries of the segment that holds an index, from there on: after a clear, a segment
   * may begin before it.
   *
   * @param index a place among the 2^26 that a directory of the greatest depth would have
   * @return the entries, where the next segment begins, and what was read
   */
  Segment<K, V> readSegment(@Nullable Transaction transaction, long index) {
    List<KeyValue<K, V>> target = new ArrayList<>(64);
    long table = root(transaction);
    if (table == 0) {
      checkIdentity();
      return new Segment<>(target, 1L << MAX_DEPTH, 0);
    }
    long segment = segment(transaction, table, (int) index);
    int depth = HashMapLayout.segmentDepth(segmentHeader(transaction, segment));
    int tableDepth = HashMapLayout.depth(table);
    checkDepth(segment, depth, tableDepth);
    long span = 1L << (MAX_DEPTH - depth);
    long end = (index & -span) + span;
    long count = count(transaction);
    long size = segmentSize(table);
    // Two ways to one segment or entry are damage: without a limit, it would take endless time or
    // memory to follow them.
    long limit = accessor.size();
    long read = 0;
    long decoded = 0;
    while (segment != 0) {
      read += size;
      if (readAhead(segment, size) == UNLIKELY) {
        Thread.onSpinWait(); // keeps the reads from being left out
      }
      for (long at = Long.BYTES; at < size; at = HashMapLayout.nextSlot(at)) {
        long slot = word(transaction, segment + at);
        if (slot != 0) {
          long entry = HashMapLayout.entry(slot);
          long lengths = entries.check(entry);
          long place = HashMapLayout.index(entryHash(slot), MAX_DEPTH);
          if (place >= index && place < end) {
            V value = entries.value(transaction, entry, lengths); // checks that both lengths fit
            int keyLength = EntryLayout.keyLength(lengths);
            decoded += EntryLayout.entrySize(keyLength, EntryLayout.valueLength(lengths));
            K key = entries.key(entry, lengths);
            target.add(new KeyValue<>(key, value));
          }
        }
      }
      segment = HashMapLayout.overflow(segmentHeader(transaction, segment));
      if (target.size() > count || read > limit || decoded > limit) {
        throw endless(segment);
      }
    }
    return new Segment<>(target, end, read);
  }

  /**
   * Reads a word of the first two lines of each entry of a segment, so that memory is waited for
   * once, for many of them: to decode one takes so many instructions that the CPU does not see the
   * next one before it is done.
   */
  private long readAhead(long segment, long size) {
    long end = accessor.size() - LINE_SIZE - Long.BYTES;
    long sum = 0;
    for (long at = Long.BYTES; at < size; at = HashMapLayout.nextSlot(at)) {
      long entry = HashMapLayout.entry(accessor.getWord(segment + at));
      if (entry != 0 && entry <= end) {
        sum += accessor.getWord(entry) + accessor.getWord(entry + LINE_SIZE);
      }
    }
    return sum;
  }

  private static void checkDepth(long segment, int depth, int tableDepth) {
    if (depth > tableDepth || tableDepth > MAX_DEPTH) {
      throw new HeapCorruptedException(
          "segment",
          segment,
          "a depth to that of its directory, %d of at most %d".formatted(tableDepth, MAX_DEPTH),
          "depth " + depth);
    }
  }

  /**
   * What a segment and its overflow chain held.
   *
   * @param entries decoded
   * @param end the first index behind the segment
   * @param read how many bytes the segments have
   */
  record Segment<K, V>(List<KeyValue<K, V>> entries, long end, long read) {}

  private long segment(@Nullable Transaction transaction, long table, int hash) {
    long start = HashMapLayout.table(table);
    if (HashMapLayout.isSmall(table)) {
      return start;
    }
    long index = HashMapLayout.index(hash, HashMapLayout.depth(table));
    return word(transaction, start + FIRST_SEGMENT + index * Long.BYTES);
  }

  private static long segmentSize(long table) {
    return HashMapLayout.isSmall(table) ? SMALL_SEGMENT_SIZE : SEGMENT_SIZE;
  }

  private long segmentHeader(@Nullable Transaction transaction, long segment) {
    long header = word(transaction, segment);
    BlockHeader.check(header, BlockHeader.SEGMENT, segment);
    return header;
  }

  // Changing: with the lock.

  @Override
  void insert(Transaction transaction, K key, V value, long hash) {
    transaction.changes(lock);
    long entry = entries.write(transaction, key, value, hash); // refuses what cannot be stored
    add(transaction, freeSlot(transaction, hash), entry, hash);
  }

  /** The same where key and value are words. */
  void insertBits(Transaction transaction, long key, long value, long hash) {
    transaction.changes(lock);
    long entry = entries.writeBits(transaction, key, value, hash);
    add(transaction, freeSlot(transaction, hash), entry, hash);
  }

  private void add(Transaction transaction, long slot, long entry, long hash) {
    long added = HashMapLayout.slot(hash, entry);
    if (slot == 0) {
      makeTable(transaction, added, hash);
    } else {
      fillSlot(transaction, slot, added);
    }
    transaction.deferWord(stripe + STRIPE_COUNT, count(transaction) + 1);
  }

  private void fillSlot(Transaction transaction, long slot, long added) {
    transaction.deferWord(slot, added);
    long hints = (slot & -LINE_SIZE) + HINTS;
    long before = transaction.getWord(hints);
    long after = HashMapLayout.withHint(before, slot % LINE_SIZE, added);
    if (after != before) {
      transaction.deferWord(hints, after);
    }
  }

  /**
   * Makes the first table of a stripe, with its first entry in place: so the record can vouch for
   * it, if the transaction adds no other.
   */
  private void makeTable(Transaction transaction, long added, long hash) {
    long segment = allocator.allocateRevisable(transaction, SMALL_SEGMENT_SIZE);
    clearSegment(segment, SMALL_SEGMENT_SIZE, 0);
    putSlot(segment, HashMapLayout.homeLine((int) hash, SMALL_SEGMENT_SIZE), added);
    changeTable(transaction, HashMapLayout.smallTable(segment));
  }

  /** Stores a slot into a fresh segment that has room for it. */
  private void putSlot(long segment, long home, long added) {
    long slot = freeSlot(null, segment, home);
    accessor.putWord(slot, added);
    putHint(slot, added);
  }

  /** Stores the hint that goes with a slot, in a fresh segment. Segments are aligned to lines. */
  private void putHint(long at, long slot) {
    long hints = (at & -LINE_SIZE) + HINTS;
    long changed = HashMapLayout.withHint(accessor.getWord(hints), at % LINE_SIZE, slot);
    accessor.putWord(hints, changed);
  }

  @Override
  void remove(Transaction transaction, long slot, K key, long hash) {
    remove(transaction, slot);
  }

  /** Removes the entry of a slot. */
  void remove(Transaction transaction, long slot) {
    transaction.changes(lock);
    allocator.free(transaction, entry(transaction, slot));
    transaction.deferWord(slot, 0);
    transaction.deferWord(stripe + STRIPE_COUNT, count(transaction) - 1);
  }

  /** Removes entries, segments, directory. */
  @Override
  void clear(Transaction transaction) {
    if (root(null) != 0) {
      transaction.changes(lock);
      walk((block, length) -> allocator.free(transaction, block));
      transaction.deferWord(stripe + STRIPE_TABLE, 0);
      transaction.deferWord(stripe + STRIPE_COUNT, 0);
    }
  }

  /** Finds a free slot for a hash, making one if need be; 0 if the stripe has no table yet. */
  private long freeSlot(Transaction transaction, long hash) {
    long table = root(transaction);
    if (table == 0) {
      return 0;
    }
    while (true) {
      long home = HashMapLayout.homeLine((int) hash, segmentSize(table));
      long first = segment(transaction, table, (int) hash);
      long last = first;
      for (long segment = first; segment != 0; ) {
        long slot = freeSlot(transaction, segment, home);
        if (slot != 0) {
          return slot;
        }
        last = segment;
        segment = HashMapLayout.overflow(segmentHeader(transaction, segment));
      }
      if (HashMapLayout.isSmall(table)) {
        table = enlarge(transaction, table);
      } else if (last == first && canSplit(transaction, table, first)) {
        table = split(transaction, table, first, (int) hash);
      } else {
        addOverflow(transaction, last);
      }
    }
  }

  /** Finds a free slot in the group of a line, the line itself first; 0 if all are taken. */
  private long freeSlot(@Nullable Transaction transaction, long segment, long home) {
    for (long other = 0; other < GROUP_SIZE; other += LINE_SIZE) {
      long line = segment + (home ^ other);
      for (long at = line == segment ? Long.BYTES : 0; at < HINTS; at += Long.BYTES) {
        if (word(transaction, line + at) == 0) {
          return line + at;
        }
      }
    }
    return 0;
  }

  private long changeTable(Transaction transaction, long table) {
    transaction.deferWord(stripe + STRIPE_TABLE, table);
    return table;
  }

  /** Allocates an empty segment. */
  private long makeSegment(Transaction transaction, int depth) {
    long segment = allocator.allocate(transaction, SEGMENT_SIZE);
    clearSegment(segment, SEGMENT_SIZE, depth);
    return segment;
  }

  private void clearSegment(long segment, long size, int depth) {
    accessor.fill(segment, size, (byte) 0);
    accessor.putWord(segment, HashMapLayout.segmentHeader(depth, 0));
  }

  /** Replaces a small segment by a directory with one of full size; returns the new table word. */
  private long enlarge(Transaction transaction, long table) {
    long small = HashMapLayout.table(table);
    long segment = makeSegment(transaction, 0);
    for (long at = Long.BYTES; at < SMALL_SEGMENT_SIZE; at = HashMapLayout.nextSlot(at)) {
      long slot = transaction.getWord(small + at);
      if (slot != 0) {
        long home = HashMapLayout.homeLine(entryHash(slot), SEGMENT_SIZE);
        putSlot(segment, home, slot);
      }
    }
    long directory = allocator.allocate(transaction, FIRST_SEGMENT + Long.BYTES);
    accessor.putWord(directory, BlockHeader.of(BlockHeader.DIRECTORY, 0));
    accessor.putWord(directory + FIRST_SEGMENT, segment);
    allocator.free(transaction, small);
    return changeTable(transaction, HashMapLayout.directoryTable(directory, 0));
  }

  private int entryHash(long slot) {
    return EntryLayout.entryHash(accessor.getWord(HashMapLayout.entry(slot)));
  }

  private boolean canSplit(Transaction transaction, long table, long segment) {
    int depth = HashMapLayout.depth(table);
    if (HashMapLayout.segmentDepth(segmentHeader(transaction, segment)) < depth) {
      return true;
    }
    return depth < MAX_DEPTH && (2L << depth) * ENTRIES_PER_WORD <= count(transaction);
  }

  /** Splits a segment without overflow in two; returns the table word, maybe a new one. */
  private long split(Transaction transaction, long table, long segment, int hash) {
    int depth = HashMapLayout.segmentDepth(segmentHeader(transaction, segment));
    int tableDepth = HashMapLayout.depth(table);
    if (depth == tableDepth) {
      return doubleDirectory(transaction, table);
    }
    checkDepth(segment, depth, tableDepth);
    long sibling = makeSegment(transaction, depth + 1);
    int shift = HashMapLayout.depth(table) - (depth + 1);
    long firstIndex = ((HashMapLayout.index(hash, depth) << 1) | 1L) << shift;
    long words = HashMapLayout.table(table) + FIRST_SEGMENT + firstIndex * Long.BYTES;
    long wordsLength = (long) Long.BYTES << shift;
    for (long at = Long.BYTES; at < SEGMENT_SIZE; at = HashMapLayout.nextSlot(at)) {
      long slot = transaction.getWord(segment + at);
      if (slot != 0 && (HashMapLayout.index(entryHash(slot), depth + 1) & 1) != 0) {
        accessor.putWord(sibling + at, slot);
        putHint(sibling + at, slot);
        transaction.deferWord(segment + at, 0);
      }
    }
    transaction.deferWord(segment, HashMapLayout.segmentHeader(depth + 1, 0));
    for (long at = words; at < words + wordsLength; at += Long.BYTES) {
      transaction.deferWord(at, sibling);
    }
    return table;
  }

  private long doubleDirectory(Transaction transaction, long table) {
    int depth = HashMapLayout.depth(table);
    long old = HashMapLayout.table(table);
    long directory = allocator.allocate(transaction, FIRST_SEGMENT + ((2L * Long.BYTES) << depth));
    accessor.putWord(directory, BlockHeader.of(BlockHeader.DIRECTORY, depth + 1));
    long target = directory + FIRST_SEGMENT;
    for (long i = 0; i < 1L << depth; i++) {
      long segment = transaction.getWord(old + FIRST_SEGMENT + i * Long.BYTES);
      accessor.putWord(target, segment);
      accessor.putWord(target + Long.BYTES, segment);
      target += 2 * Long.BYTES;
    }
    allocator.free(transaction, old);
    return changeTable(transaction, HashMapLayout.directoryTable(directory, depth + 1));
  }

  /** Adds a segment to the end of a chain. */
  private void addOverflow(Transaction transaction, long last) {
    int depth = HashMapLayout.segmentDepth(segmentHeader(transaction, last));
    long overflow = makeSegment(transaction, depth);
    transaction.deferWord(last, HashMapLayout.segmentHeader(depth, overflow));
  }
}
