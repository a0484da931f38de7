package dev.cairn.tx.spi;

import dev.cairn.heap.spi.HeapLayout;
import dev.cairn.heap.spi.MediumAccessor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * One lane's publish records: a transaction is durable with the one fence behind its record, and is
 * stored in place after that. What was stored in place is flushed with the next fence only: after a
 * flush, any locked instruction would wait for it as a fence does. Hot path; confined to who holds
 * the lane, but for {@link #copyUnsettled}.
 *
 * <pre>
 * I1  Publications are numbered from 1. Publication n has its record in slot n mod 2, so it
 *     overwrites that of n - 2, whose words are durable in place since the fence of n - 1.
 * I2  What publication n has stored in place is flushed before the lane's next fence, or by who
 *     changes one of its stripes next, before that one's fence.
 * I3  A block that publication n frees is handed out after the fence of n + 2: then no record that
 *     could be replayed speaks of it. That is done when n + 3 begins: right behind a fence, the first
 *     locked instruction waits for it to end.
 * </pre>
 */
final class Publisher {
  /** So many freed blocks are not left waiting for the lane's next two records. */
  private static final int MOST_FREED = 64;

  private static final VarHandle SETTLED;

  static {
    try {
      SETTLED = MethodHandles.lookup().findVarHandle(Publisher.class, "settled", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MediumAccessor accessor;
  private final LogSpace space;
  private final int lane;
  private final long era;

  /** The number of the last publication that was stored in place. */
  private long published;

  /** Publications up to this one are durable in place; read by other lanes' threads. */
  private long settled;

  /** Where the last two publications stored, by their number modulo 2. */
  private final LineSet[] lines = {new LineSet(), new LineSet()};

  private long sequence;

  /** Blocks that the last publications freed, by their number modulo 4. */
  private final long[][] freed = {new long[8], new long[8], new long[8], new long[8]};

  private final int[] freedCounts = new int[4];

  /** The record being built. */
  private long[] record = new long[32];

  private int recordSize;

  /** The checksums of the contents that the record vouches for. */
  private long contents;

  Publisher(MediumAccessor accessor, LogSpace space, int lane) {
    this.accessor = accessor;
    this.space = space;
    this.lane = lane;
    this.era = accessor.getWord(HeapLayout.ERA_OFFSET);
  }

  // Building a record.

  /**
   * Begins the record of the next publication.
   *
   * @param floor the greatest sequence of the records that it must be replayed after
   */
  void begin(long floor) {
    // The record of the last but two is overwritten, durably: nothing speaks of its blocks (I3).
    releaseFreed((int) ((published - 2) & 3));
    sequence = Math.max(sequence, floor) + 1;
    StripeMark.checkSequence(sequence); // a mark will have to hold it
    record[PublishFormat.SEQUENCE / Long.BYTES] = sequence;
    recordSize = PublishFormat.HEADER_SIZE / Long.BYTES;
    contents = 0;
  }

  void add(int kind, long offset, long operand) {
    if (recordSize + 2 > record.length) {
      record = Arrays.copyOf(record, 2 * record.length);
    }
    record[recordSize] = LogFormat.entry(kind, offset);
    record[recordSize + 1] = operand;
    recordSize += 2;
  }

  /** Adds deferred words that follow one another: as one entry, if that is shorter. */
  void addWords(WriteSet deferred, int from, int end) {
    int count = end - from;
    if (count < PublishFormat.LEAST_WORDS) {
      for (int i = from; i < end; i++) {
        add(LogFormat.WORD, deferred.offset(i), deferred.value(i));
      }
      return;
    }
    add(PublishFormat.WORDS, deferred.offset(from), count);
    if (recordSize + count > record.length) {
      record = Arrays.copyOf(record, 2 * (recordSize + count));
    }
    for (int i = from; i < end; i++) {
      record[recordSize++] = deferred.value(i);
    }
  }

  /** Vouches for a range of fresh content, which is durable if the record is valid. */
  void addContent(long offset, long length) {
    add(PublishFormat.CONTENT, offset, length);
    contents = PublishFormat.checksum(contents, accessor, offset, length);
  }

  /** Writes the record into its slot, and flushes it. */
  void write() {
    int slot = slotOfNext();
    long length = (long) recordSize * Long.BYTES;
    record[PublishFormat.LENGTH / Long.BYTES] = length;
    long seed = LogFormat.mix(PublishFormat.seed(lane, slot, era), contents);
    int first = PublishFormat.SEQUENCE / Long.BYTES;
    record[0] = PublishFormat.checksum(seed, record, first, recordSize);
    long offset = PublishFormat.slot(lane, slot);
    accessor.putWords(offset, record, recordSize);
    accessor.flush(offset, length);
  }

  private int slotOfNext() {
    return (int) ((published + 1) & 1);
  }

  // Fences.

  /** Adds where the last publication has stored. To be flushed before the next fence. */
  void addUnsettled(LineSet target) {
    if (settled < published) {
      target.addAll(lines[(int) (published & 1)]);
    }
  }

  /** Fences: what was {@linkplain #addUnsettled unsettled} is durable from here on. */
  void fence() {
    accessor.fence();
    fenced();
  }

  /** Says that the calling thread has fenced, after it flushed what was unsettled. */
  void fenced() {
    if (settled < published) {
      SETTLED.setRelease(this, published);
      // Who still copies lines of a publication sees that it is settled, before they change.
      VarHandle.storeStoreFence();
    }
  }

  // Storing in place.

  /** Returns where the lines go that the publication stores to, empty. */
  LineSet startStoring() {
    LineSet next = lines[slotOfNext()];
    next.truncate(0);
    return next;
  }

  /** Says that the publication is stored in place. */
  void endStoring() {
    published++;
  }

  /** Returns the number of the last publication. */
  long published() {
    return published;
  }

  long sequence() {
    return sequence;
  }

  /**
   * Adds where a publication stored, unless that is durable by now. Called by threads that have
   * other lanes.
   */
  void copyUnsettled(long publication, LineSet target) {
    if ((long) SETTLED.getAcquire(this) >= publication) {
      return;
    }
    int before = target.size();
    target.addAll(lines[(int) (publication & 1)]);
    VarHandle.acquireFence();
    if ((long) SETTLED.getAcquire(this) >= publication) {
      target.truncate(before); // and maybe another publication's, half changed
    }
  }

  // Freed blocks.

  /** Keeps a block that the last publication freed until no record speaks of it. */
  void addFreed(long block) {
    int slot = (int) (published & 3);
    if (freedCounts[slot] == freed[slot].length) {
      freed[slot] = Arrays.copyOf(freed[slot], 2 * freedCounts[slot]);
    }
    freed[slot][freedCounts[slot]++] = block;
  }

  boolean hasFreed() {
    return freedCount() > 0;
  }

  boolean hasManyFreed() {
    return freedCount() > MOST_FREED;
  }

  private int freedCount() {
    return freedCounts[0] + freedCounts[1] + freedCounts[2] + freedCounts[3];
  }

  private void releaseFreed(int slot) {
    for (int i = 0; i < freedCounts[slot]; i++) {
      space.release(freed[slot][i]);
    }
    freedCounts[slot] = 0;
    if (freed[slot].length > MOST_FREED) {
      freed[slot] = new long[8];
    }
  }

  // Retiring: for a lane that will not publish for a while. Two steps, with a fence after each.

  /**
   * Flushes what is not durable in place.
   *
   * @return whether there is anything to fence
   */
  boolean flushUnsettled() {
    if (settled == published) {
      return false;
    }
    // A copy: to flush a set is to sort it, and others may be copying it just now.
    LineSet copy = new LineSet();
    copy.addAll(lines[(int) (published & 1)]);
    copy.flush(accessor);
    return true;
  }

  /** Makes both records void, when all is {@linkplain #flushUnsettled settled}. Flushes. */
  void voidRecords() {
    assert settled == published : settled;
    for (int slot = 0; slot < HeapLayout.SLOTS_PER_LANE; slot++) {
      long checksum = PublishFormat.slot(lane, slot) + PublishFormat.CHECKSUM;
      if (accessor.getWord(checksum) != 0) {
        accessor.putWord(checksum, 0);
        accessor.flush(checksum, Long.BYTES);
      }
    }
  }

  /** Lets all freed blocks be allocated again, now that no record speaks of them. */
  void releaseAllFreed() {
    for (int i = 0; i < freed.length; i++) {
      releaseFreed(i);
    }
  }
}
