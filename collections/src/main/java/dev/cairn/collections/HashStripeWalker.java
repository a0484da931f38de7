package dev.cairn.collections;

import static dev.cairn.collections.HashMapLayout.BUCKET_SIZE;
import static dev.cairn.collections.HashMapLayout.ENTRY_LENGTHS;
import static dev.cairn.collections.HashMapLayout.FIRST_BUCKET;
import static dev.cairn.collections.HashMapLayout.FIRST_SLOT;
import static dev.cairn.collections.HashMapLayout.MAX_DEPTH;
import static dev.cairn.collections.HashMapLayout.SLOT_WORDS;
import static dev.cairn.collections.HashMapLayout.STRIPE_COUNT;
import static dev.cairn.collections.HashMapLayout.STRIPE_DIRECTORY;

import dev.cairn.allocator.spi.Allocator.BlockVisitor;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;

/** Visits every block of a stripe, and checks the invariants of {@link HashStripe} on the way. */
final class HashStripeWalker {
  private final MediumAccessor accessor;
  private final long stripe;
  private final int index;
  private final BlockVisitor visitor;

  /**
   * Creates a walker.
   *
   * @param stripe where the stripe lies
   * @param index its place among the map's stripes
   * @param visitor told each block and the length in use; each after it was read for the last time
   */
  HashStripeWalker(MediumAccessor accessor, long stripe, int index, BlockVisitor visitor) {
    this.accessor = accessor;
    this.stripe = stripe;
    this.index = index;
    this.visitor = visitor;
  }

  /**
   * Walks the stripe, which nobody may be changing.
   *
   * @throws HeapCorruptedException if an invariant is broken
   */
  void walk() {
    long directoryWord = accessor.getWord(stripe + STRIPE_DIRECTORY);
    long entries = directoryWord == 0 ? 0 : walkDirectory(directoryWord);
    long count = accessor.getWord(stripe + STRIPE_COUNT);
    if (count != entries) {
      throw new HeapCorruptedException("stripe", stripe, "a count of " + entries, "count " + count);
    }
  }

  private long walkDirectory(long directoryWord) {
    int depth = HashMapLayout.depth(directoryWord);
    long directory = HashMapLayout.directory(directoryWord);
    check(depth <= MAX_DEPTH, "stripe", stripe, "a depth to 26", depth);
    long expected = BlockHeader.of(BlockHeader.DIRECTORY, depth);
    long header = accessor.getWord(directory);
    check(header == expected, "directory", directory, "depth " + depth, header);
    long entries = 0;
    for (long i = 0; i < 1L << depth; ) {
      long at = directory + FIRST_BUCKET + i * Long.BYTES;
      long bucket = accessor.getWord(at);
      int bucketDepth = HashMapLayout.bucketDepth(bucketHeader(bucket));
      check(bucketDepth <= depth, "bucket", bucket, "a depth to " + depth, bucketDepth);
      long span = 1L << (depth - bucketDepth);
      check(i % span == 0, "directory", at, "a bucket of its own", bucket);
      for (long j = 1; j < span; j++) {
        long other = at + j * Long.BYTES;
        check(accessor.getWord(other) == bucket, "directory", other, "bucket " + bucket, bucket);
      }
      entries += walkChain(bucket, bucketDepth, i / span);
      i += span;
    }
    visitor.visit(directory, FIRST_BUCKET + ((long) Long.BYTES << depth));
    return entries;
  }

  private long walkChain(long first, int depth, long prefix) {
    long entries = 0;
    long mark = 0; // a bucket met before: now and then the newest one, so that any ring comes back
    long steps = 0;
    for (long bucket = first; bucket != 0; ) {
      check(bucket != mark, "bucket", bucket, "an overflow chain that ends", bucket);
      if (Long.bitCount(++steps) == 1) {
        mark = bucket;
      }
      long header = bucketHeader(bucket);
      int bucketDepth = HashMapLayout.bucketDepth(header);
      check(bucketDepth == depth, "bucket", bucket, "depth " + depth, bucketDepth);
      for (int word = FIRST_SLOT; word < SLOT_WORDS; word++) {
        long slot = accessor.getWord(bucket + (long) word * Long.BYTES);
        if (slot != 0) {
          walkEntry(HashMapLayout.entry(slot), depth, prefix);
          entries++;
        }
      }
      visitor.visit(bucket, BUCKET_SIZE);
      bucket = HashMapLayout.overflow(header);
    }
    return entries;
  }

  private void walkEntry(long entry, int depth, long prefix) {
    long header = accessor.getWord(entry);
    BlockHeader.check(header, BlockHeader.ENTRY, entry);
    int hash = HashMapLayout.entryHash(header);
    check(header == HashMapLayout.entryHeader(hash), "entry", entry, "reserved bits zero", header);
    check(HashMapLayout.index(hash, depth) == prefix, "entry", entry, "its own bucket", hash);
    check(HashMapLayout.stripeOf(hash) == index, "entry", entry, "its own stripe", hash);
    long lengths = accessor.getWord(entry + ENTRY_LENGTHS);
    int keyLength = HashMapLayout.keyLength(lengths);
    int valueLength = HashMapLayout.valueLength(lengths);
    check(keyLength >= 0, "entry", entry, "a key length of 0 or more", keyLength);
    check(valueLength >= 0, "entry", entry, "a value length of 0 or more", valueLength);
    visitor.visit(entry, HashMapLayout.entrySize(keyLength, valueLength));
  }

  private long bucketHeader(long bucket) {
    long header = accessor.getWord(bucket);
    BlockHeader.check(header, BlockHeader.BUCKET, bucket);
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
