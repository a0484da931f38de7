package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CLEAR;
import static dev.cairn.tx.spi.LogFormat.RANGE;
import static dev.cairn.tx.spi.LogFormat.SET;
import static dev.cairn.tx.spi.LogFormat.WORD;

import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A running transaction: all its changes, or none, survive a crash.
 *
 * <p>The order of a change: <em>declare</em> what will be overwritten ({@link #declareWord}, {@link
 * #declareRange}) and the allocation bits that will change; {@link #seal}, which makes the old
 * content durable in the undo log; then store in place. What is declared together costs one fence
 * together. Fresh memory is written without declaring it, after {@link #fresh} has said where.
 *
 * <p>Costs: one fence for each seal that has something to log, and two for the commit; none at all
 * if nothing was declared. Hot path: reuses its buffers, allocates nothing in the steady state.
 *
 * <p>Confined to the thread that began it: any other is refused with {@link IllegalStateException},
 * as is use after the end.
 */
public final class Transaction {
  private static final int MARK_SIZE = 5;

  private enum State {
    /** Waits in its lane for the next use. */
    IDLE,
    ACTIVE,
    /** Can only be aborted. */
    DOOMED
  }

  private final Transactions transactions;
  private final MediumAccessor accessor;
  private final MediumAccessor protocolAccessor;
  private final LogSpace space;
  private final UndoLog log;

  private State state = State.IDLE;
  private @Nullable ThreadContext context;
  private @Nullable Throwable doom;
  private int depth;

  /** Declared and not yet sealed: {kind | offset, operand} pairs. */
  private long[] declared = new long[32];

  private int declaredSize;

  /** Allocation bits, in the order of declaration: {kind | offset, mask, block} triples. */
  private long[] bits = new long[48];

  private int bitsSize;
  private int sealedBitsSize;

  /** The bits before this index may have come into the log, by a seal that failed if not sealed. */
  private int loggedBitsSize;

  /**
   * Blocks that were reserved, then dropped, but whose bits are in the log: they are released when
   * the log is void. Before that an undo could clear the bits of their next owner.
   */
  private long[] withheld = new long[4];

  private int withheldCount;

  /** Words whose old value is in the log, or declared for it. */
  private final WordSet words = new WordSet();

  private int sealedWordsSize;

  /** Sizes at the beginning of each nested operation: {seals, declared, bits, words, lines}. */
  private int[] marks = new int[4 * MARK_SIZE];

  private int seals;

  /** What the commit flushes: where something was declared, or is fresh. */
  private final LineSet lines = new LineSet();

  /** The lines before this index may have been stored to in place: no failure drops them. */
  private int sealedLinesSize;

  private VersionedLock[] locks = new VersionedLock[8];
  private int lockCount;

  private long commits;

  Transaction(Transactions transactions, HeapFile file, LogSpace space, int lane) {
    this.transactions = transactions;
    this.accessor = file.accessor();
    this.protocolAccessor = file.protocolAccessor();
    this.space = space;
    this.log = new UndoLog(protocolAccessor, space, lane);
  }

  // Beginning and ending: called by Transactions and by the outermost operation.

  void begin(ThreadContext newContext) {
    assert state == State.IDLE : state;
    context = newContext;
    state = State.ACTIVE;
    depth = 1;
  }

  void join() {
    checkActive();
    int mark = (depth - 1) * MARK_SIZE;
    if (mark == marks.length) {
      marks = Arrays.copyOf(marks, 2 * mark);
    }
    marks[mark] = seals;
    marks[mark + 1] = declaredSize;
    marks[mark + 2] = bitsSize;
    marks[mark + 3] = words.size();
    marks[mark + 4] = lines.size();
    depth++;
  }

  int lane() {
    return log.lane();
  }

  boolean belongsTo(Transactions candidate) {
    return transactions == candidate;
  }

  long commits() {
    return commits;
  }

  /**
   * Ends an operation that succeeded. The outermost one commits: when it returns, all changes are
   * durable and visible to others. Costs two fences, and one more if something was declared and not
   * sealed; none if nothing was logged.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException if the log has no room for what was declared
   *     last; everything is undone
   * @throws dev.cairn.tx.TransactionAbortedException if an inner operation has doomed this
   *     transaction; everything is undone
   * @throws dev.cairn.heap.HeapFailedException if the medium failed; the outcome is known at the
   *     next open
   */
  public void exit() {
    checkOwner();
    if (depth > 1) {
      depth--;
      return;
    }
    if (state == State.DOOMED) {
      Throwable cause = doom;
      abort();
      throw Transactions.aborted(cause);
    }
    try {
      seal();
    } catch (Throwable t) {
      throw exitFailed(t);
    }
    commit();
  }

  /**
   * Ends an operation that failed. What it declared and did not seal is dropped. The outermost one
   * aborts: everything is undone, durably, when this returns. An inner one leaves its transaction
   * usable, unless the failure itself forbids it (a deadlock, a failed medium).
   *
   * @param failure what the operation threw
   * @return the exception to throw
   */
  public RuntimeException exitFailed(Throwable failure) {
    checkOwner();
    Throwable translated = transactions.translate(failure);
    if (translated instanceof StackOverflowError) {
      // It may have cut short what must be whole: the volatile state of allocator or transaction.
      translated = transactions.fail("an operation without room on the stack", translated);
    }
    if (depth > 1) {
      dropDeclared();
      depth--;
      if (Transactions.isFatal(translated)) {
        doom(translated);
      }
    } else {
      abortAfter(translated);
    }
    return Transactions.<RuntimeException>raise(translated);
  }

  /**
   * Says that this transaction can only be aborted: no further change is accepted.
   *
   * @param cause why
   */
  public void doom(Throwable cause) {
    checkOwner();
    if (state == State.ACTIVE) {
      state = State.DOOMED;
      doom = cause;
    }
  }

  /** Aborts, adding a failure to do so to what led here. */
  private void abortAfter(Throwable failure) {
    try {
      abort();
    } catch (Throwable t) {
      if (t != failure) {
        failure.addSuppressed(t);
      }
    }
  }

  // Changing.

  /**
   * Takes a lock until the transaction has ended. Waits while another transaction holds it.
   *
   * @param lock guards what will be read or changed
   * @throws dev.cairn.tx.TransactionConflictException if waiting would be for ever, or has taken
   *     too long
   */
  public void lock(VersionedLock lock) {
    checkActive();
    if (lock.lock(Objects.requireNonNull(context))) {
      if (lockCount == locks.length) {
        locks = Arrays.copyOf(locks, 2 * lockCount);
      }
      locks[lockCount++] = lock;
    }
  }

  /**
   * Declares that an aligned word will be overwritten. Free if this transaction has declared it
   * before.
   *
   * @param offset of the word, a multiple of 8
   * @throws IndexOutOfBoundsException if it is not inside the heap
   * @throws IllegalArgumentException if it is not aligned
   */
  public void declareWord(long offset) {
    checkActive();
    checkTarget(offset, Long.BYTES);
    if (words.add(offset)) {
      declare(WORD, offset, 0);
      lines.add(offset, Long.BYTES);
    }
  }

  /**
   * Declares that a range of whole words will be overwritten.
   *
   * @param offset of the first word, a multiple of 8
   * @param length in bytes, a multiple of 8, more than 0
   * @throws IndexOutOfBoundsException if the range leaves the heap
   * @throws IllegalArgumentException if it is empty or not of whole words
   */
  public void declareRange(long offset, long length) {
    declareUnwritten(offset, length);
    lines.add(offset, length);
  }

  /**
   * Declares a range of whole words as {@link #declareRange} does, but flushes nothing of it: for
   * one of which only some lines will be overwritten, each told to {@link #written}.
   *
   * @param offset of the first word, a multiple of 8
   * @param length in bytes, a multiple of 8, more than 0
   * @throws IndexOutOfBoundsException if the range leaves the heap
   * @throws IllegalArgumentException if it is empty or not of whole words
   */
  public void declareUnwritten(long offset, long length) {
    checkActive();
    checkTarget(offset, length);
    declare(RANGE, offset, length);
  }

  /**
   * Says where a range that was {@linkplain #declareUnwritten declared unwritten}, and sealed, has
   * been written, so that the commit flushes it, even if the operation fails later.
   *
   * @param offset first byte
   * @param length in bytes, more than 0
   */
  public void written(long offset, long length) {
    checkActive();
    lines.add(offset, length);
    sealedLinesSize = lines.size();
  }

  /**
   * Declares a block as allocated: the commit sets its bits. If the transaction aborts, the block
   * is released.
   *
   * @param word offset of the word that holds the bits
   * @param mask the bits to set, clear now
   * @param block a reserved block
   */
  public void declareAllocated(long word, long mask, long block) {
    declareBits(SET, word, mask, block);
  }

  /**
   * Declares a block as freed: the commit clears its bits, and releases it when that is durable.
   *
   * @param word offset of the word that holds the bits
   * @param mask the bits to clear, set now
   * @param block an allocated block
   */
  public void declareFreed(long word, long mask, long block) {
    declareBits(CLEAR, word, mask, block);
  }

  /**
   * Says where fresh memory is written, so that the commit flushes it. Fresh memory is not logged:
   * nothing that survives a crash leads to it.
   *
   * @param offset first byte
   * @param length in bytes, more than 0
   * @throws IndexOutOfBoundsException if the range leaves the heap
   */
  public void fresh(long offset, long length) {
    checkActive();
    Objects.checkFromIndexSize(offset, length, accessor.size());
    lines.add(offset, length);
    accessor.fresh(offset, length);
  }

  /**
   * Makes the old content of all that was declared durable in the log: it may be overwritten when
   * this returns. One fence, or none if nothing new was declared.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException if the log cannot grow; what the operation
   *     declared since the last seal is dropped, and the transaction goes on as it was
   */
  public void seal() {
    checkActive();
    if (declaredSize == 0) {
      return;
    }
    try {
      for (int i = 0; i < declaredSize; i += 2) {
        log(declared[i], declared[i + 1]);
      }
    } catch (Throwable t) {
      loggedBitsSize = bitsSize;
      dropDeclared();
      throw t;
    }
    log.persist();
    if (accessor.isObserved()) {
      announceSnapshots();
    }
    seals++;
    declaredSize = 0;
    sealedBitsSize = bitsSize;
    loggedBitsSize = bitsSize;
    sealedWordsSize = words.size();
    sealedLinesSize = lines.size();
  }

  /**
   * Stores a word in place.
   *
   * @param offset of a word that was declared and sealed, or is fresh
   * @param value the new value
   */
  public void putWord(long offset, long value) {
    checkActive();
    assert declaredSize == 0 || !words.contains(offset) || isSealed(offset)
        : "not sealed: 0x" + Long.toHexString(offset);
    accessor.putWord(offset, value);
  }

  /**
   * Refuses a wild target when it is declared: met while the log is written, it would leave half an
   * entry there.
   */
  private void checkTarget(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, accessor.size());
    if (((offset | length) & (Long.BYTES - 1)) != 0 || length == 0) {
      throw new IllegalArgumentException(
          "range at offset 0x%x of %d bytes: expected whole words".formatted(offset, length));
    }
  }

  private boolean isSealed(long offset) {
    for (int i = 0; i < declaredSize; i += 2) {
      if (declared[i] == LogFormat.entry(WORD, offset)) {
        return false;
      }
    }
    return true;
  }

  private void announceSnapshots() {
    for (int i = 0; i < declaredSize; i += 2) {
      int kind = LogFormat.kind(declared[i]);
      if (kind == WORD || kind == RANGE) {
        long length = kind == WORD ? Long.BYTES : declared[i + 1];
        accessor.snapshotted(LogFormat.offset(declared[i]), length);
      }
    }
  }

  private void log(long entry, long operand) {
    int kind = LogFormat.kind(entry);
    long offset = LogFormat.offset(entry);
    switch (kind) {
      case WORD -> log.append(WORD, offset, accessor.getWord(offset));
      case RANGE -> log.appendRange(offset, operand);
      default -> log.append(kind, offset, operand);
    }
  }

  private void declare(int kind, long offset, long operand) {
    if (declaredSize == declared.length) {
      declared = Arrays.copyOf(declared, 2 * declaredSize);
    }
    declared[declaredSize] = LogFormat.entry(kind, offset);
    declared[declaredSize + 1] = operand;
    declaredSize += 2;
  }

  private void declareBits(int kind, long word, long mask, long block) {
    checkActive();
    if (bitsSize == bits.length) {
      bits = Arrays.copyOf(bits, 2 * bitsSize);
    }
    bits[bitsSize] = LogFormat.entry(kind, word);
    bits[bitsSize + 1] = mask;
    bits[bitsSize + 2] = block;
    bitsSize += 3;
    declare(kind, word, mask);
  }

  /**
   * Forgets what the innermost operation declared since the last seal, and gives up what it
   * reserved for it. What outer operations declared stays declared.
   */
  private void dropDeclared() {
    int keptDeclared = 0;
    int keptBits = sealedBitsSize;
    int keptWords = sealedWordsSize;
    int keptLines = sealedLinesSize;
    int mark = (depth - 2) * MARK_SIZE;
    if (mark >= 0 && marks[mark] == seals) {
      keptDeclared = marks[mark + 1];
      keptBits = marks[mark + 2];
      keptWords = marks[mark + 3];
      keptLines = Math.max(keptLines, marks[mark + 4]);
    }
    declaredSize = keptDeclared;
    words.truncate(keptWords);
    lines.truncate(keptLines); // nothing was stored there, or to blocks that are given up
    for (int i = keptBits; i < bitsSize; i += 3) {
      long block = bits[i + 2];
      if (LogFormat.kind(bits[i]) == CLEAR) {
        space.keep(block);
        continue;
      }
      accessor.released(block);
      if (i < loggedBitsSize) {
        withhold(block);
      } else {
        space.release(block);
      }
    }
    bitsSize = keptBits;
    loggedBitsSize = Math.min(loggedBitsSize, keptBits);
  }

  private void withhold(long block) {
    if (withheldCount == withheld.length) {
      withheld = Arrays.copyOf(withheld, 2 * withheldCount);
    }
    withheld[withheldCount++] = block;
  }

  // Commit and abort, as lists of steps in media order.

  private void commit() {
    boolean changed = !log.isEmpty();
    if (changed) {
      try {
        applyBits();
        if (lines.size() > 0) { // else a seal failed, and nothing was changed in place
          lines.flush(accessor);
          // The new content must be durable while the log still stands: a crash up to here rolls
          // back.
          accessor.fence();
        }
        // The commit point: a crash after this keeps everything.
        log.retire();
      } catch (Throwable t) {
        throw failed("commit", t);
      }
      commits++;
    }
    try {
      release(CLEAR);
    } finally {
      end(changed);
    }
  }

  private void applyBits() {
    for (int i = 0; i < bitsSize; i += 3) {
      long word = LogFormat.offset(bits[i]);
      if (LogFormat.kind(bits[i]) == SET) {
        protocolAccessor.setBits(word, bits[i + 1]);
      } else {
        protocolAccessor.clearBits(word, bits[i + 1]);
      }
      lines.add(word, Long.BYTES);
    }
  }

  private void abort() {
    try {
      if (!log.isEmpty()) {
        transactions.checkUsable();
        lines.truncate(0);
        if (new LogRollback(protocolAccessor, lines).run(log.lane(), log.generation())) {
          lines.flush(accessor);
          // The old content must be durable before the log that restores it is void.
          accessor.fence();
        }
        log.retire();
      }
    } catch (Throwable t) {
      throw failed("abort", t);
    }
    try {
      // Kept first: a block that was allocated and freed again is then simply reserved.
      for (int i = 0; i < bitsSize; i += 3) {
        if (LogFormat.kind(bits[i]) == CLEAR) {
          space.keep(bits[i + 2]);
        }
      }
      release(SET);
    } finally {
      end(false);
    }
  }

  /** Lets blocks be allocated again, now that nothing in the log speaks of them any more. */
  private void release(int kind) {
    for (int i = 0; i < bitsSize; i += 3) {
      if (LogFormat.kind(bits[i]) == kind) {
        space.release(bits[i + 2]);
      }
    }
    for (int i = 0; i < withheldCount; i++) {
      space.release(withheld[i]);
    }
  }

  /**
   * Ends a transaction whose medium failed. Its locks stay held: nobody may see what it has stored
   * in place. Who waits for them is told that the heap has failed.
   */
  private RuntimeException failed(String what, Throwable cause) {
    RuntimeException failure = transactions.fail(what, cause);
    lockCount = 0;
    end(false);
    return failure;
  }

  private void end(boolean committed) {
    ThreadContext ended = Objects.requireNonNull(context);
    for (int i = lockCount - 1; i >= 0; i--) {
      locks[i].unlock(ended);
    }
    Arrays.fill(locks, 0, lockCount, null);
    lockCount = 0;
    declaredSize = 0;
    bitsSize = 0;
    sealedBitsSize = 0;
    loggedBitsSize = 0;
    withheldCount = 0;
    words.truncate(0);
    sealedWordsSize = 0;
    sealedLinesSize = 0;
    lines.truncate(0);
    doom = null;
    depth = 0;
    context = null;
    state = State.IDLE;
    transactions.ended(this, ended);
    accessor.transactionEnded(committed);
  }

  // Whose transaction this is.

  private void checkOwner() {
    ThreadContext owner = context;
    if (owner == null) {
      throw new IllegalStateException(
          transactions.name() + ": no transaction is running, begin one before changing the heap");
    }
    if (owner.thread() != Thread.currentThread()) {
      throw new IllegalStateException(
          "%s: the transaction belongs to %s, and %s tried to use it"
              .formatted(transactions.name(), owner.thread(), Thread.currentThread()));
    }
  }

  private void checkActive() {
    checkOwner();
    if (state != State.ACTIVE) {
      throw new IllegalStateException(
          transactions.name() + ": the transaction can only be aborted, because it failed before",
          doom);
    }
  }
}
