package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads from and stores to a {@link Medium}: the one class through which Cairn touches media, so
 * that the JIT sees one type whatever the medium is, and a simulator sees every store.
 *
 * <p>Offsets are bytes from the start of the heap. Every access is checked against the heap's
 * current size: a wild offset is an {@link IndexOutOfBoundsException}, never a dead JVM. A
 * misaligned word is an {@link IllegalArgumentException}. Access to a closed heap is an {@link
 * IllegalStateException}.
 *
 * <p>There are two kinds. Structures store through one whose stores a simulator checks: what they
 * overwrite must be snapshotted, or fresh. The steps of protocols (superblocks, logs, allocation
 * bits) store through one that is {@linkplain HeapFile#protocolAccessor() theirs}.
 *
 * <p>Plain stores have no order between threads and none towards the medium: only {@link #flush}
 * followed by {@link #fence} has. Safe for use by many threads.
 */
public final class MediumAccessor {
  /** Aligned words: never torn by a crash. */
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle WORD_HANDLE = WORD.varHandle();

  private final Medium medium;

  /** Told what makes stores safe; null on real media. */
  private final @Nullable StoreObserver announcements;

  /** Told of each store; null on real media. */
  private final @Nullable StoreObserver observer;

  /**
   * The bytes that exist now. Replaced by a longer slice of the same mapping when the heap grows. A
   * thread that still sees the shorter one cannot yet know an offset beyond it, unless it reads
   * without a lock and will be told to read again.
   */
  private MemorySegment segment;

  /**
   * Creates an accessor of the bytes that exist now.
   *
   * @param medium the bytes
   */
  public MediumAccessor(Medium medium) {
    this(medium, medium.observer());
  }

  private MediumAccessor(Medium medium, @Nullable StoreObserver observer) {
    this.medium = medium;
    this.announcements = medium.observer();
    this.observer = observer;
    this.segment = medium.segment().asSlice(0, medium.size());
  }

  /**
   * Creates an accessor of fresh memory outside of any heap, zeroed: for laying out a value whose
   * place may not be stored to yet. It cannot be flushed.
   *
   * @param size in bytes, more than 0
   * @return an accessor of offsets from 0 to the size
   */
  public static MediumAccessor scratch(long size) {
    return new MediumAccessor(ScratchMedium.of(size));
  }

  /**
   * Creates an accessor for steps of a protocol: who stores through it has its own reason why a
   * crash just then is harmless, and need not have declared what it overwrites.
   *
   * @param medium the bytes
   * @return an accessor of the bytes that exist now
   */
  public static MediumAccessor forProtocol(Medium medium) {
    StoreObserver observer = medium.observer();
    return new MediumAccessor(medium, observer == null ? null : new ProtocolObserver(observer));
  }

  /** Tells of stores that need no declaration. */
  private record ProtocolObserver(StoreObserver observer) implements StoreObserver {
    @Override
    public void storing(long offset, long length) {
      observer.storing(offset, length);
    }

    @Override
    public void stored(long offset, long length) {
      observer.storedByProtocol(offset, length);
    }

    @Override
    public boolean waiting() {
      return observer.waiting();
    }
  }

  /** Lets bytes be reached that the medium has gained. */
  void extend() {
    segment = medium.segment().asSlice(0, medium.size());
  }

  /**
   * Returns how many bytes can be reached.
   *
   * @return the size in bytes
   */
  public long size() {
    return segment.byteSize();
  }

  /**
   * Says whether somebody sees each store, as in a crash test. What a heap then does must depend on
   * nothing but the calls it gets, or a failure could not be seen again.
   *
   * @return whether the medium has an observer
   */
  public boolean isObserved() {
    return observer != null;
  }

  /**
   * Reads an aligned word.
   *
   * @param offset a multiple of 8
   * @return the word
   */
  public long getWord(long offset) {
    return segment.get(WORD, offset);
  }

  /**
   * Reads an aligned word; later reads of this thread see what the word's writer wrote before it.
   *
   * @param offset a multiple of 8
   * @return the word
   */
  public long getWordAcquire(long offset) {
    return (long) WORD_HANDLE.getAcquire(segment, offset);
  }

  /**
   * Stores an aligned word. A crash leaves the old word or the new one.
   *
   * @param offset a multiple of 8
   * @param value the word
   */
  public void putWord(long offset, long value) {
    if (observer != null) {
      observer.storing(offset, Long.BYTES);
    }
    segment.set(WORD, offset, value);
    if (observer != null) {
      observer.stored(offset, Long.BYTES);
    }
  }

  /**
   * Stores an aligned word; who reads it with {@link #getWordAcquire} sees all earlier stores of
   * this thread.
   *
   * @param offset a multiple of 8
   * @param value the word
   */
  public void putWordRelease(long offset, long value) {
    if (observer != null) {
      observer.storing(offset, Long.BYTES);
    }
    WORD_HANDLE.setRelease(segment, offset, value);
    if (observer != null) {
      observer.stored(offset, Long.BYTES);
    }
  }

  /**
   * Sets bits of an aligned word atomically: other threads may change other bits of it.
   *
   * @param offset a multiple of 8
   * @param mask the bits to set
   * @return the word before
   */
  public long setBits(long offset, long mask) {
    if (observer != null) {
      observer.storing(offset, Long.BYTES);
    }
    long before = (long) WORD_HANDLE.getAndBitwiseOr(segment, offset, mask);
    if (observer != null) {
      observer.stored(offset, Long.BYTES);
    }
    return before;
  }

  /**
   * Clears bits of an aligned word atomically: other threads may change other bits of it.
   *
   * @param offset a multiple of 8
   * @param mask the bits to clear
   * @return the word before
   */
  public long clearBits(long offset, long mask) {
    if (observer != null) {
      observer.storing(offset, Long.BYTES);
    }
    long before = (long) WORD_HANDLE.getAndBitwiseAnd(segment, offset, ~mask);
    if (observer != null) {
      observer.stored(offset, Long.BYTES);
    }
    return before;
  }

  /**
   * Reads 8 bytes at any alignment.
   *
   * @param offset first byte
   * @return the value
   */
  public long getLong(long offset) {
    return segment.get(LONG, offset);
  }

  /**
   * Stores 8 bytes at any alignment. If they straddle words, a crash may tear them.
   *
   * @param offset first byte
   * @param value the value
   */
  public void putLong(long offset, long value) {
    if (observer != null) {
      observer.storing(offset, Long.BYTES);
    }
    segment.set(LONG, offset, value);
    if (observer != null) {
      observer.stored(offset, Long.BYTES);
    }
  }

  /**
   * Reads 4 bytes at any alignment.
   *
   * @param offset first byte
   * @return the value
   */
  public int getInt(long offset) {
    return segment.get(INT, offset);
  }

  /**
   * Stores 4 bytes at any alignment.
   *
   * @param offset first byte
   * @param value the value
   */
  public void putInt(long offset, int value) {
    if (observer != null) {
      observer.storing(offset, Integer.BYTES);
    }
    segment.set(INT, offset, value);
    if (observer != null) {
      observer.stored(offset, Integer.BYTES);
    }
  }

  /**
   * Reads a byte.
   *
   * @param offset where
   * @return the byte
   */
  public byte getByte(long offset) {
    return segment.get(JAVA_BYTE, offset);
  }

  /**
   * Stores a byte.
   *
   * @param offset where
   * @param value the byte
   */
  public void putByte(long offset, byte value) {
    if (observer != null) {
      observer.storing(offset, 1);
    }
    segment.set(JAVA_BYTE, offset, value);
    if (observer != null) {
      observer.stored(offset, 1);
    }
  }

  /**
   * Copies bytes out of the heap.
   *
   * @param offset first byte
   * @param target receives the bytes
   * @param targetIndex index of the first
   * @param length in bytes
   */
  public void get(long offset, byte[] target, int targetIndex, int length) {
    MemorySegment.copy(segment, JAVA_BYTE, offset, target, targetIndex, length);
  }

  /**
   * Copies aligned words out of the heap.
   *
   * @param offset of the first, a multiple of 8
   * @param target receives as many as it has room for
   */
  public void getWords(long offset, long[] target) {
    MemorySegment.copy(segment, WORD, offset, target, 0, target.length);
  }

  /**
   * Copies aligned words into the heap.
   *
   * @param offset of the first, a multiple of 8
   * @param source holds the words
   * @param count how many of them, from its start
   */
  public void putWords(long offset, long[] source, int count) {
    long length = (long) count * Long.BYTES;
    if (observer != null && length > 0) {
      observer.storing(offset, length);
    }
    MemorySegment.copy(source, 0, segment, WORD, offset, count);
    if (observer != null && length > 0) {
      observer.stored(offset, length);
    }
  }

  /**
   * Copies bytes into the heap.
   *
   * @param offset first byte
   * @param source holds the bytes
   * @param sourceIndex index of the first
   * @param length in bytes
   */
  public void put(long offset, byte[] source, int sourceIndex, int length) {
    if (observer != null && length > 0) {
      observer.storing(offset, length);
    }
    MemorySegment.copy(source, sourceIndex, segment, JAVA_BYTE, offset, length);
    if (observer != null && length > 0) {
      observer.stored(offset, length);
    }
  }

  /**
   * Copies bytes within the heap. The ranges may overlap.
   *
   * @param source first byte to read
   * @param target first byte to write
   * @param length in bytes
   */
  public void copy(long source, long target, long length) {
    if (observer != null && length > 0) {
      observer.storing(target, length);
    }
    MemorySegment.copy(segment, source, segment, target, length);
    if (observer != null && length > 0) {
      observer.stored(target, length);
    }
  }

  /**
   * Stores the same byte over a range.
   *
   * @param offset first byte
   * @param length in bytes
   * @param value the byte
   */
  public void fill(long offset, long length, byte value) {
    if (observer != null && length > 0) {
      observer.storing(offset, length);
    }
    segment.asSlice(offset, length).fill(value);
    if (observer != null && length > 0) {
      observer.stored(offset, length);
    }
  }

  /**
   * Finds the first difference between a range and an array.
   *
   * @param offset first byte of the range
   * @param bytes what to compare with
   * @return whether the range holds just these bytes
   */
  public boolean contentEquals(long offset, byte[] bytes) {
    return MemorySegment.mismatch(
            segment, offset, offset + bytes.length, MemorySegment.ofArray(bytes), 0, bytes.length)
        < 0;
  }

  /**
   * Compares two ranges of the heap.
   *
   * @param a first byte of one
   * @param b first byte of the other
   * @param length of both, in bytes
   * @return whether they hold the same bytes
   */
  public boolean rangesEqual(long a, long b, long length) {
    return MemorySegment.mismatch(segment, a, a + length, segment, b, b + length) < 0;
  }

  /**
   * Says whether a range of whole words is zero. Much faster than looking at each.
   *
   * @param offset of the first word, a multiple of 8
   * @param length in bytes, a multiple of 8
   * @return whether there is nothing else
   */
  public boolean isZero(long offset, long length) {
    // If the first word is zero, and each is equal to the one before it, then all are.
    return length == 0
        || (getWord(offset) == 0 && rangesEqual(offset, offset + Long.BYTES, length - Long.BYTES));
  }

  /**
   * Starts write-back of the lines that a range touches; see {@link Medium#flush}.
   *
   * @param offset first byte
   * @param length in bytes
   */
  public void flush(long offset, long length) {
    medium.flush(offset, length);
  }

  /**
   * Says that the calling thread waits for another one; see {@link StoreObserver#waiting}. Called
   * outside of any monitor.
   *
   * @return whether it need not sleep before it looks again: never on real media
   */
  public boolean waiting() {
    return observer != null && observer.waiting();
  }

  /** Waits until what this thread flushed is durable; see {@link Medium#fence}. */
  public void fence() {
    medium.fence();
  }

  /**
   * Makes a range durable: {@link #flush}, then {@link #fence}.
   *
   * @param offset first byte
   * @param length in bytes
   */
  public void persist(long offset, long length) {
    medium.flush(offset, length);
    medium.fence();
  }

  // What makes stores safe, for an observer that checks them.

  /**
   * Announces that the calling thread's transaction may overwrite a range, since the old content is
   * durable in its log; see {@link StoreObserver#snapshotted}.
   *
   * @param offset first byte
   * @param length in bytes
   */
  public void snapshotted(long offset, long length) {
    if (announcements != null) {
      announcements.snapshotted(offset, length);
    }
  }

  /**
   * Announces that what the calling thread's transaction is about to store to a range is durable in
   * a record; see {@link StoreObserver#published}.
   *
   * @param offset first byte
   * @param length in bytes
   */
  public void published(long offset, long length) {
    if (announcements != null) {
      announcements.published(offset, length);
    }
  }

  /**
   * Announces that the calling thread's transaction may write a range, since nothing durable leads
   * there; see {@link StoreObserver#fresh}.
   *
   * @param offset first byte
   * @param length in bytes
   */
  public void fresh(long offset, long length) {
    if (announcements != null) {
      announcements.fresh(offset, length);
    }
  }

  /**
   * Announces that a fresh range is given up; see {@link StoreObserver#released}.
   *
   * @param offset first byte
   */
  public void released(long offset) {
    if (announcements != null) {
      announcements.released(offset);
    }
  }

  /**
   * Announces that what was stored to a range means nothing; see {@link StoreObserver#discarded}.
   *
   * @param offset first byte
   * @param length in bytes
   */
  public void discarded(long offset, long length) {
    if (announcements != null) {
      announcements.discarded(offset, length);
    }
  }

  /**
   * Announces the end of the calling thread's transaction; see {@link
   * StoreObserver#transactionEnded}.
   *
   * @param committed whether the caller relies on what was stored
   */
  public void transactionEnded(boolean committed) {
    if (announcements != null) {
      announcements.transactionEnded(committed);
    }
  }
}
