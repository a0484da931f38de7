package dev.cairn.collections;

import static dev.cairn.collections.EntryLayout.ENTRY_LENGTHS;
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
import static dev.cairn.collections.HashMapLayout.STRIPE_SIZE;
import static dev.cairn.collections.HashMapLayout.STRIPE_TABLE;

import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.tx.spi.VersionedLock;

/** Visits every block of a stripe, and checks the invariants of {@link HashStripe} on the way. */
final class HashStripeWalker {
  private final MediumAccessor accessor;
  private final long stripe;
  private final int index;
  private final long identity;
  private final BlockVisitor visitor;
  private final EntryVisitor entries;

  /** Is shown each entry, after its header and its place were found to be right. */
  @FunctionalInterface
  interface EntryVisitor {
    /** Shows nobody anything. */
    EntryVisitor NONE = (at, slot, lengths) -> {};

    /**
     * Called once for each entry.
     *
     * @param at where its slot is
     * @param slot the slot
     * @param lengths of key and value
     */
    void visit(long at, long slot, long lengths);
  }

  /**
   * Creates a walker.
   *
   * @param stripe where the stripe lies
   * @param index its place among the map's stripes
   * @param identity what it should say that it is
   * @param visitor told each block and the length in use; each after it was read for the last time
   * @param entries told each entry, before the visitor is
   */
  HashStripeWalker(
      MediumAccessor accessor,
      long stripe,
      int index,
      long identity,
      BlockVisitor visitor,
      EntryVisitor entries) {
    this.accessor = accessor;
    this.stripe = stripe;
    this.index = index;
    this.identity = identity;
    this.visitor = visitor;
    this.entries = entries;
  }

  /**
   * Walks the stripe, which nobody may be changing.
   *
   * @throws HeapCorruptedException if an invariant is broken
   */
  void walk() {
    long table = accessor.getWord(stripe + STRIPE_TABLE);
    long entries = table == 0 ? 0 : walkTable(table);
    long found = accessor.getWord(stripe + STRIPE_IDENTITY);
    check(found == identity, "stripe", stripe, "identity 0x%x".formatted(identity), found);
    VersionedLock.checkMark(accessor, stripe + STRIPE_MARK);
    for (long at = STRIPE_IDENTITY + Long.BYTES; at < STRIPE_SIZE; at += Long.BYTES) {
      long word = accessor.getWord(stripe + at);
      check(word == 0, "stripe", stripe + at, "reserved words of zero", word);
    }
    long count = accessor.getWord(stripe + STRIPE_COUNT);
    check(count == entries, "stripe", stripe, "a count of " + entries, count);
  }

  private long walkTable(long table) {
    long start = HashMapLayout.table(table);
    int depth = HashMapLayout.depth(table);
    if (HashMapLayout.isSmall(table)) {
      check(depth == 0, "stripe", stripe, "a small segment of depth 0", table);
      boolean alone = HashMapLayout.overflow(segmentHeader(start)) == 0;
      check(alone, "segment", start, "no overflow of a small segment", segmentHeader(start));
      return walkChain(start, 0, 0, SMALL_SEGMENT_SIZE);
    }
    check(depth <= MAX_DEPTH, "stripe", stripe, "a depth to 26", depth);
    long expected = BlockHeader.of(BlockHeader.DIRECTORY, depth);
    long header = accessor.getWord(start);
    check(header == expected, "directory", start, "depth " + depth, header);
    long entries = 0;
    for (long i = 0; i < 1L << depth; ) {
      long at = start + FIRST_SEGMENT + i * Long.BYTES;
      long segment = accessor.getWord(at);
      int segmentDepth = HashMapLayout.segmentDepth(segmentHeader(segment));
      check(segmentDepth <= depth, "segment", segment, "a depth to " + depth, segmentDepth);
      long span = 1L << (depth - segmentDepth);
      check(i % span == 0, "directory", at, "a segment of its own", segment);
      for (long j = 1; j < span; j++) {
        long other = accessor.getWord(at + j * Long.BYTES);
        check(other == segment, "directory", at + j * Long.BYTES, "the same segment", other);
      }
      entries += walkChain(segment, segmentDepth, i / span, SEGMENT_SIZE);
      i += span;
    }
    visitor.visit(start, FIRST_SEGMENT + ((long) Long.BYTES << depth));
    return entries;
  }

  private long walkChain(long first, int depth, long prefix, long size) {
    long entries = 0;
    long limit = accessor.size() / size; // more segments than the heap has room for are a ring
    for (long segment = first; segment != 0; limit--) {
      check(limit > 0, "segment", segment, "an overflow chain that ends", first);
      long header = segmentHeader(segment);
      int segmentDepth = HashMapLayout.segmentDepth(header);
      check(segmentDepth == depth, "segment", segment, "depth " + depth, segmentDepth);
      boolean known = header == HashMapLayout.segmentHeader(depth, HashMapLayout.overflow(header));
      check(known, "segment", segment, "reserved bits zero", header);
      for (long at = Long.BYTES; at < size; at = HashMapLayout.nextSlot(at)) {
        long slot = accessor.getWord(segment + at);
        if (slot != 0) {
          int hash = walkEntry(segment + at, slot, depth, prefix);
          boolean atHome = ((HashMapLayout.homeLine(hash, size) ^ at) & -GROUP_SIZE) == 0;
          check(atHome, "segment", segment + at, "an entry in its home group", slot);
          long hints = accessor.getWord(segment + (at & -LINE_SIZE) + HINTS);
          boolean hinted = HashMapLayout.hintMatches(hints, at % LINE_SIZE, slot);
          check(hinted, "segment", segment + at, "a hint for the slot", hints);
          entries++;
        }
      }
      visitor.visit(segment, size);
      segment = HashMapLayout.overflow(header);
    }
    return entries;
  }

  /** Checks an entry; returns the hash that it holds. */
  private int walkEntry(long at, long slot, int depth, long prefix) {
    long entry = HashMapLayout.entry(slot);
    long header = accessor.getWord(entry);
    BlockHeader.check(header, BlockHeader.ENTRY, entry);
    int hash = EntryLayout.entryHash(header);
    check(HashMapLayout.stripeOf(hash) == index, "entry", entry, "its own stripe", hash);
    check(HashMapLayout.index(hash, depth) == prefix, "entry", entry, "its own segment", hash);
    long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
    long checked = EntryLayout.entryHeader(hash, lengths);
    check(header == checked, "entry", entry, "the lengths that its header is of", lengths);
    int keyLength = EntryLayout.keyLength(lengths);
    int valueLength = EntryLayout.valueLength(lengths);
    check(keyLength >= 0, "entry", entry, "a key length of 0 or more", keyLength);
    check(valueLength >= 0, "entry", entry, "a value length of 0 or more", valueLength);
    entries.visit(at, slot, lengths);
    visitor.visit(entry, EntryLayout.entrySize(keyLength, valueLength));
    return hash;
  }

  private long segmentHeader(long segment) {
    long header = accessor.getWord(segment);
    BlockHeader.check(header, BlockHeader.SEGMENT, segment);
    return header;
  }

  private static void check(
      boolean ok, String structure, long offset, String expected, long actual) {
    if (!ok) {
      throw new HeapCorruptedException(
          structure, offset, expected, "0x" + Long.toHexString(actual));
    }
  }
}
