package dev.cairn.allocator.spi;

import dev.cairn.heap.spi.MediumAccessor;

/**
 * What the bitmaps of some runs do not say: which blocks are between free and allocated.
 *
 * <p>A block is <em>held</em> while a transaction or a magazine has it, so that nobody else may
 * reserve it, whatever its bit says. Of the held blocks, those are <em>leaving</em> that a
 * transaction is about to free, or that lie in a magazine. For all other blocks the bit on the
 * medium is the truth, and nothing is kept in volatile memory.
 *
 * <p>Its monitor guards it and the volatile state of its runs. It is held for a few instructions
 * only, never across a fence. Callers of all methods hold it.
 */
class InFlight {
  /*
   * A hash table from words of bitmaps to two masks of their blocks; open addressing, a word's
   * entry lies at its home or behind it, without a gap.
   *
   * I1  A block is held from before anybody may change its bit until after that was durable. So
   *     the bit of a block that is not held does not change, and is durable.
   * I2  What is leaving is held.
   * I3  A run that has a held block is not given back: see Run.kill. So the words of all entries
   *     are words of bitmaps.
   *
   * Nobody says when a reservation has been published: the bit on the medium says so. A held block
   * that is not leaving and whose bit is set has been published, for only the commit of the
   * transaction that reserved it sets the bit, and that cannot be undone any more. Such blocks are
   * let go when the table is full; each of them makes room that another one took, so this costs
   * each reservation a look at one word.
   */
  private static final int LEAST_CAPACITY = 16;

  /** A table of up to so many entries is kept when it empties: in the long run nothing is made. */
  private static final int KEPT_CAPACITY = 64;

  private static final int WORD = 0;
  private static final int HELD = 1;
  private static final int LEAVING = 2;
  private static final int ENTRY_SIZE = 3;
  private static final long[] NONE = {};

  private final MediumAccessor accessor;

  /** Entries of a word's offset, or 0 for none, and the two masks. Made at first use. */
  private long[] entries = NONE;

  private int count;

  private InFlight(MediumAccessor accessor) {
    this.accessor = accessor;
  }

  static InFlight create(MediumAccessor accessor) {
    return new Apart(accessor);
  }

  /**
   * Keeps the next object in memory out of this one's cache line: it is likely another of these,
   * and in use by another thread. Fields of a subclass lie behind those of its superclass.
   */
  private static final class Apart extends InFlight {
    @SuppressWarnings("unused") // takes room
    private long a, b, c, d, e, f, g, h, i, j, k, l, m;

    Apart(MediumAccessor accessor) {
      super(accessor);
    }
  }

  MediumAccessor accessor() {
    return accessor;
  }

  /**
   * Returns the blocks of a bitmap word that can be reserved.
   *
   * @param valid the word's bits that stand for blocks
   */
  long free(long word, long valid) {
    int at = find(word);
    return valid & free(word, at);
  }

  /**
   * Holds the first block of a bitmap word that can be reserved.
   *
   * @param valid the word's bits that stand for blocks
   * @return its bit, or 0 if there is none
   */
  long take(long word, long valid) {
    int at = find(word);
    long bit = Long.lowestOneBit(valid & free(word, at));
    if (bit != 0) {
      hold(at, word, bit);
    }
    return bit;
  }

  private long free(long word, int at) {
    // Seen once as set, the bit of a block that was let go must not be seen as clear later on, as
    // a plain read might: hence the acquire.
    long allocated = accessor.getWordAcquire(word);
    return at < 0 ? ~allocated : ~(allocated | entries[at + HELD]);
  }

  /**
   * Says that a block leaves.
   *
   * @return false if it does so already, or is free
   */
  boolean leave(long word, long bit) {
    int at = find(word);
    long leaving = at < 0 ? 0 : entries[at + LEAVING];
    if (((leaving | free(word, at)) & bit) != 0) {
      return false;
    }
    int held = hold(at, word, bit);
    entries[held + LEAVING] |= bit;
    return true;
  }

  /** Says that a block does not leave after all. It is held still. */
  void stay(long word, long bit) {
    int at = find(word);
    if (at >= 0) {
      entries[at + LEAVING] &= ~bit;
    }
  }

  /** Lets go of a held block whose bit is clear, durably: from now on it is free. */
  void letGo(long word, long bit) {
    int at = find(word);
    assert at >= 0 && (entries[at + HELD] & bit) != 0 : "not held, at 0x" + Long.toHexString(word);
    assert (accessor.getWordAcquire(word) & bit) == 0 : "set, at 0x" + Long.toHexString(word);
    entries[at + HELD] &= ~bit;
    entries[at + LEAVING] &= ~bit;
    if (entries[at + HELD] == 0) {
      remove(at);
      if (capacity() > KEPT_CAPACITY && count < capacity() / 8) {
        resize(capacity() / 2);
      }
    }
  }

  /** Holds blocks, and returns where the entry is, which may have been there before. */
  private int hold(int found, long word, long bits) {
    int at = found >= 0 ? found : add(word);
    entries[at + HELD] |= bits;
    return at;
  }

  // The table.

  private int capacity() {
    return entries.length / ENTRY_SIZE;
  }

  private int home(long word) {
    long hash = (word >>> 3) * 0x9E3779B97F4A7C15L;
    return (int) (hash >>> 32) & (capacity() - 1);
  }

  /** The index of a word's entry, or -1. */
  private int find(long word) {
    if (count == 0) {
      return -1;
    }
    int mask = capacity() - 1;
    for (int slot = home(word); ; slot = (slot + 1) & mask) {
      long other = entries[slot * ENTRY_SIZE + WORD];
      if (other == word) {
        return slot * ENTRY_SIZE;
      } else if (other == 0) {
        return -1;
      }
    }
  }

  /** Makes an entry, of no blocks yet, for a word that has none. */
  private int add(long word) {
    if (count + 1 > capacity() / 4 * 3) {
      makeRoom();
    }
    int slot = freeSlot(word);
    entries[slot * ENTRY_SIZE + WORD] = word;
    count++;
    return slot * ENTRY_SIZE;
  }

  private int freeSlot(long word) {
    int slot = home(word);
    while (entries[slot * ENTRY_SIZE + WORD] != 0) {
      slot = (slot + 1) & (capacity() - 1);
    }
    return slot;
  }

  private void makeRoom() {
    for (int at = 0; at < entries.length; at += ENTRY_SIZE) {
      // Again, as long as another entry takes the place of one that goes.
      while (entries[at + WORD] != 0 && !dropPublished(at)) {
        remove(at);
      }
    }
    int capacity = capacity();
    if (count + 1 > capacity / 2) {
      resize(Math.max(LEAST_CAPACITY, 2 * capacity));
    } else if (capacity > KEPT_CAPACITY && count < capacity / 8) {
      resize(capacity / 2);
    }
  }

  /** Lets go of the published blocks of an entry; says whether any others are left. */
  private boolean dropPublished(int at) {
    long allocated = accessor.getWordAcquire(entries[at + WORD]);
    entries[at + HELD] &= ~allocated | entries[at + LEAVING];
    return entries[at + HELD] != 0;
  }

  /** Removes an entry, and moves up those behind it that it kept from their home. */
  private void remove(int at) {
    count--;
    int mask = capacity() - 1;
    int hole = at / ENTRY_SIZE;
    for (int slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      long word = entries[slot * ENTRY_SIZE + WORD];
      if (word == 0) {
        break;
      }
      if (((slot - home(word)) & mask) >= ((slot - hole) & mask)) {
        System.arraycopy(entries, slot * ENTRY_SIZE, entries, hole * ENTRY_SIZE, ENTRY_SIZE);
        hole = slot;
      }
    }
    entries[hole * ENTRY_SIZE + WORD] = 0;
    entries[hole * ENTRY_SIZE + HELD] = 0;
    entries[hole * ENTRY_SIZE + LEAVING] = 0;
  }

  private void resize(int capacity) {
    long[] old = entries;
    entries = new long[capacity * ENTRY_SIZE];
    for (int at = 0; at < old.length; at += ENTRY_SIZE) {
      if (old[at + WORD] != 0) {
        int slot = freeSlot(old[at + WORD]);
        System.arraycopy(old, at, entries, slot * ENTRY_SIZE, ENTRY_SIZE);
      }
    }
  }
}
