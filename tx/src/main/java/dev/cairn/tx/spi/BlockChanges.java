package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CLEAR;
import static dev.cairn.tx.spi.LogFormat.SET;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;

/**
 * The blocks that a transaction allocates and frees, with the bits that say so on the medium, in
 * the order of declaration. Reused by one lane; hot path.
 */
final class BlockChanges {
  private static final int ENTRY = 3;

  private final LogSpace space;
  private final MediumAccessor accessor;
  private final MediumAccessor protocolAccessor;

  /** {kind | offset of the word, mask, block} triples. */
  private long[] bits = new long[16 * ENTRY];

  private int size;
  private int sealedSize;

  /** The bits before this index may have come into the log, by a seal that failed if not sealed. */
  private int loggedSize;

  /**
   * Blocks that were reserved, then dropped, but whose bits are in the log: they are released when
   * the log is void. Before that an undo could clear the bits of their next owner.
   */
  private long[] withheld = new long[4];

  private int withheldCount;

  BlockChanges(LogSpace space, MediumAccessor accessor, MediumAccessor protocolAccessor) {
    this.space = space;
    this.accessor = accessor;
    this.protocolAccessor = protocolAccessor;
  }

  /** Makes sure that the next {@link #add} needs no memory. */
  void makeRoom() {
    if (size == bits.length) {
      bits = Arrays.copyOf(bits, 2 * size);
    }
  }

  void add(int kind, long word, long mask, long block) {
    bits[size] = LogFormat.entry(kind, word);
    bits[size + 1] = mask;
    bits[size + 2] = block;
    size += ENTRY;
  }

  int count() {
    return size / ENTRY;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Adds all to a record. */
  void addTo(Publisher publisher) {
    for (int i = 0; i < size; i += ENTRY) {
      publisher.add(LogFormat.kind(bits[i]), LogFormat.offset(bits[i]), bits[i + 1]);
    }
  }

  /** Tells who observes the medium that bits are changed under a record. */
  void announce() {
    for (int i = 0; i < size; i += ENTRY) {
      accessor.published(LogFormat.offset(bits[i]), Long.BYTES);
    }
  }

  /** Stores the bits in place; adds where. */
  void store(LineSet target) {
    for (int i = 0; i < size; i += ENTRY) {
      long word = LogFormat.offset(bits[i]);
      if (LogFormat.kind(bits[i]) == SET) {
        protocolAccessor.setBits(word, bits[i + 1]);
      } else {
        protocolAccessor.clearBits(word, bits[i + 1]);
      }
      target.add(word, Long.BYTES);
    }
  }

  /** Hands what is freed to a publisher, which releases it once no record speaks of it. */
  void handFreedTo(Publisher publisher) {
    for (int i = 0; i < size; i += ENTRY) {
      if (LogFormat.kind(bits[i]) == CLEAR) {
        publisher.addFreed(bits[i + 2]);
      }
    }
  }

  /** Says that all bits are in the log, durably. */
  void sealed() {
    sealedSize = size;
    loggedSize = size;
  }

  /** Says that all bits may have come into the log. */
  void maybeLogged() {
    loggedSize = size;
  }

  /**
   * Forgets what was declared after there were so many, but nothing that is sealed; gives up what
   * was reserved for it.
   */
  void drop(int keptCount) {
    int kept = Math.max(sealedSize, keptCount * ENTRY);
    for (int i = kept; i < size; i += ENTRY) {
      long block = bits[i + 2];
      if (LogFormat.kind(bits[i]) == CLEAR) {
        space.keep(block);
        continue;
      }
      accessor.released(block);
      if (i < loggedSize) {
        withhold(block);
      } else {
        space.release(block);
      }
    }
    size = kept;
    loggedSize = Math.min(loggedSize, kept);
  }

  private void withhold(long block) {
    if (withheldCount == withheld.length) {
      withheld = Arrays.copyOf(withheld, 2 * withheldCount);
    }
    withheld[withheldCount++] = block;
  }

  /** Lets freed blocks be allocated again, now that the log, which spoke of them, is void. */
  void releaseFreed() {
    release(CLEAR);
  }

  /** Gives all blocks back to who had them before, now that the log is void, and undone. */
  void undo() {
    // Kept first: a block that was allocated and freed again is then simply reserved.
    for (int i = 0; i < size; i += ENTRY) {
      if (LogFormat.kind(bits[i]) == CLEAR) {
        space.keep(bits[i + 2]);
      }
    }
    release(SET);
  }

  private void release(int kind) {
    for (int i = 0; i < size; i += ENTRY) {
      if (LogFormat.kind(bits[i]) == kind) {
        space.release(bits[i + 2]);
      }
    }
    for (int i = 0; i < withheldCount; i++) {
      space.release(withheld[i]);
    }
  }

  /** Forgets all, when the transaction has ended. */
  void clear() {
    size = 0;
    sealedSize = 0;
    loggedSize = 0;
    withheldCount = 0;
  }
}
