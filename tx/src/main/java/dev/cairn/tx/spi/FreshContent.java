package dev.cairn.tx.spi;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;

/**
 * The fresh memory that a transaction writes, and whether its record can vouch for it. Reused by
 * one lane; hot path.
 */
final class FreshContent {
  /** With the offset of a content, which is a multiple of 8: deferred words may change it. */
  private static final long REVISABLE = 1;

  /** What a record may vouch for: {offset | REVISABLE, length} pairs. */
  private long[] contents = new long[8];

  private int size;

  /** In bytes, of all contents together. */
  private long length;

  /** How many ranges there are that no record can vouch for. */
  private int looseCount;

  /** Adds what nobody changes again before the commit, except by deferred words if revisable. */
  void add(long offset, long bytes, boolean isRevisable) {
    if (size == contents.length) {
      contents = Arrays.copyOf(contents, 2 * size);
    }
    long wholeWords = (bytes + Long.BYTES - 1) & -Long.BYTES;
    contents[size] = isRevisable ? offset | REVISABLE : offset;
    contents[size + 1] = wholeWords;
    size += 2;
    length += wholeWords;
  }

  /** Adds a range that may be changed until the commit. */
  void addLoose() {
    looseCount++;
  }

  /** How many entries of a record the contents take. */
  int count() {
    return size / 2;
  }

  int looseCount() {
    return looseCount;
  }

  /** Whether contents must be durable before a record leads to them, which vouches for nothing. */
  boolean mustBeFenced(WriteSet deferred) {
    return looseCount > 0 || length > PublishFormat.MOST_CONTENT || isRevised(deferred);
  }

  /** Whether words were deferred of content that may be revised. */
  private boolean isRevised(WriteSet deferred) {
    for (int i = 0; i < size; i += 2) {
      if ((contents[i] & REVISABLE) != 0 && isTouched(i, deferred)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a deferred word lies in any content. */
  boolean isChangedBy(WriteSet deferred) {
    for (int i = 0; i < size; i += 2) {
      if (isTouched(i, deferred)) {
        return true;
      }
    }
    return false;
  }

  private boolean isTouched(int i, WriteSet deferred) {
    return !deferred.isEmpty() && deferred.touches(contents[i] & ~REVISABLE, contents[i + 1]);
  }

  /** Has a record vouch for all contents. */
  void addTo(Publisher publisher) {
    for (int i = 0; i < size; i += 2) {
      publisher.addContent(contents[i] & ~REVISABLE, contents[i + 1]);
    }
  }

  /** Says that contents are durable: no record needs to vouch for them. */
  void fenced() {
    truncate(0, looseCount);
  }

  /** Tells who observes the medium that contents beyond so many mean nothing. */
  void announceDropped(int kept, MediumAccessor accessor) {
    for (int i = 2 * kept; i < size; i += 2) {
      accessor.discarded(contents[i] & ~REVISABLE, contents[i + 1]);
    }
  }

  /** Forgets what was added after there were so many. */
  void truncate(int newCount, int newLooseCount) {
    while (size > 2 * newCount) {
      size -= 2;
      length -= contents[size + 1];
    }
    looseCount = newLooseCount;
  }
}
