package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.LogFormat.CLEAR;
import static dev.cairn.tx.spi.LogFormat.SET;

import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A running transaction: all its changes, or none, survive a crash.
 *
 * <p>There are two ways to change something, which may be mixed. <em>Words</em> are {@linkplain
 * #deferWord deferred}: nothing is stored in place before the commit, which writes all of them into
 * one publish record; {@link #getWord} shows the transaction its own. <em>Ranges</em> are changed
 * in place at once: {@linkplain #declareRange declare} them, {@link #seal}, which makes the old
 * content durable in the undo log; then store. What is declared together costs one fence together.
 * Fresh memory is written without either, after {@link #fresh} or {@link #constant} has said where.
 *
 * <p>Costs: one fence if words were deferred, and the record has room for them. If not, or if a
 * range was declared: one for each seal that has something to log, one for what was deferred since,
 * and two for the commit. None at all if nothing was changed. Hot path: reuses its buffers,
 * allocates nothing in the steady state.
 *
 * <p>Confined to the thread that began it: any other is refused with {@link IllegalStateException},
 * as is use after the end.
 */
public final class Transaction {
  private static final int SAVEPOINT_SIZE = 8;

  /** A transaction with up to so many words is short: little more than a third of a record. */
  private static final int SHORT = 80;

  private static final long SCRATCH_SIZE = 256;

  /** Scratch memory up to this, in bytes, is kept. */
  private static final long MOST_SCRATCH = 4096;

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
  private final UndoLog log;
  private final Publisher publisher;

  private State state = State.IDLE;
  private @Nullable ThreadContext context;
  private @Nullable Throwable doom;
  private int depth;

  /**
   * Operations to this depth, but for the outermost, cannot be taken back alone any more: one
   * inside has sealed what they did before.
   */
  private int sealedDepth;

  /** Whether the outermost operation is ending it. */
  private boolean isExiting;

  /** What the commit will store. */
  private final WriteSet deferred = new WriteSet();

  /** The entries of the innermost operation begin here. */
  private int deferredKept;

  private final FreshContent content = new FreshContent();

  private final ChangedStripes stripes = new ChangedStripes();

  private final Declarations declarations = new Declarations();

  private final BlockChanges blocks;

  private final HeldLocks locks = new HeldLocks();

  /**
   * Sizes at the beginning of each nested operation: {seals, declared, bits, words, lines,
   * deferred, contents, loose}.
   */
  private int[] savepoints = new int[4 * SAVEPOINT_SIZE];

  private int seals;

  /** What the commit flushes: where something was declared, or is fresh. */
  private final LineSet lines = new LineSet();

  /** What other threads' records have stored in place, between two steps. */
  private final LineSet unsettled = new LineSet();

  /** The lines before this index may have been stored to in place: no failure drops them. */
  private int sealedLinesSize;

  /** What {@link #borrowScratch} lends next; null while it is lent. */
  private @Nullable MediumAccessor scratch;

  private long commits;

  Transaction(Transactions transactions, HeapFile file, LogSpace space, int lane) {
    this.transactions = transactions;
    this.accessor = file.accessor();
    this.protocolAccessor = file.protocolAccessor();
    this.blocks = new BlockChanges(space, accessor, protocolAccessor);
    this.log = new UndoLog(protocolAccessor, space, lane, this::reclaim);
    this.publisher = new Publisher(protocolAccessor, space, lane);
  }

  // Beginning and ending: called by Transactions and by the outermost operation.

  void begin(ThreadContext newContext) {
    assert state == State.IDLE : state;
    context = newContext;
    state = State.ACTIVE;
    depth = 1;
  }

  void join() {
    if (isExiting) {
      throw transactions.fail("a transaction", new IllegalStateException("its end was cut short"));
    }
    checkActive();
    int savepoint = (depth - 1) * SAVEPOINT_SIZE;
    if (savepoint == savepoints.length) {
      savepoints = Arrays.copyOf(savepoints, 2 * savepoint);
    }
    savepoints[savepoint] = seals;
    savepoints[savepoint + 1] = declarations.count();
    savepoints[savepoint + 2] = blocks.count();
    savepoints[savepoint + 3] = declarations.wordCount();
    savepoints[savepoint + 4] = lines.size();
    savepoints[savepoint + 5] = deferred.size();
    savepoints[savepoint + 6] = content.count();
    savepoints[savepoint + 7] = content.looseCount();
    deferredKept = deferred.size();
    depth++;
  }

  int lane() {
    return log.lane();
  }

  /**
   * Says whether this transaction is the calling thread's, and has not ended.
   *
   * @return false when {@link #exit} has thrown after it had ended the transaction
   */
  public boolean isRunningHere() {
    ThreadContext owner = context;
    return owner != null && owner.thread() == Thread.currentThread();
  }

  boolean belongsTo(Transactions candidate) {
    return transactions == candidate;
  }

  long commits() {
    return commits;
  }

  /**
   * Ends an operation that succeeded. The outermost one commits: when it returns, all changes are
   * durable and visible to others. Costs one fence if all that was changed is deferred and fits
   * into a record; two, if there is much fresh content, or such as may be changed later. With an
   * undo log two, and one more if something was not sealed. None if nothing was changed.
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
      leaveNested();
      return;
    }
    isExiting = true;
    try {
      exitOutermost();
    } catch (Throwable t) {
      if (isRunningHere()) { // cut short, for want of stack or memory: nothing is known any more
        throw failed("the end of a transaction", t);
      }
      throw t;
    }
  }

  private void exitOutermost() {
    if (state == State.DOOMED) {
      Throwable cause = doom;
      abort();
      throw Transactions.aborted(cause);
    }
    if (canPublish()) {
      publish();
      return;
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
   * usable, unless the failure itself forbids it (a deadlock, a failed medium), or an operation
   * inside it has sealed: what is in place cannot be taken back alone, so all of the transaction
   * has to be.
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
      if (!leaveNested() || Transactions.isFatal(translated)) {
        doom(translated);
      }
    } else {
      abortAfter(translated);
    }
    return Transactions.<RuntimeException>raise(translated);
  }

  /**
   * Returns to the operation around the innermost one.
   *
   * @return whether nothing of what the innermost one did before was sealed by one inside it
   */
  private boolean leaveNested() {
    boolean canBeDropped = sealedDepth < depth;
    boolean hasSealed = savepoints[(depth - 2) * SAVEPOINT_SIZE] != seals;
    depth--;
    if (hasSealed) {
      sealedDepth = depth;
    }
    keepDeferred();
    return canBeDropped;
  }

  /** Notes where the entries of what is now the innermost operation begin. */
  private void keepDeferred() {
    int savepoint = (depth - 2) * SAVEPOINT_SIZE;
    deferredKept = savepoint >= 0 && savepoints[savepoint] == seals ? savepoints[savepoint + 5] : 0;
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
      locks.add(lock);
    }
  }

  /**
   * Says that this transaction changes what a lock guards. To be called before the first change.
   *
   * @param lock held by this transaction
   * @throws dev.cairn.heap.HeapCorruptedException if its mark on the medium makes no sense
   */
  public void changes(VersionedLock lock) {
    checkActive();
    assert lock.isHeldBy(Objects.requireNonNull(context)) : "changed without its lock";
    stripes.add(lock, accessor);
  }

  /**
   * Sets an aligned word when the transaction commits; {@link #getWord} shows the new value at
   * once. If the operation fails, the word is not set.
   *
   * @param offset of the word, a multiple of 8; what guards it has been {@linkplain #changes told}
   * @param value the new value
   * @throws IndexOutOfBoundsException if it is not inside the heap
   * @throws IllegalArgumentException if it is not aligned
   */
  public void deferWord(long offset, long value) {
    checkActive();
    assert !stripes.isEmpty() : "nobody said what is changed";
    checkTarget(offset, Long.BYTES);
    deferred.put(offset, value, deferredKept);
  }

  /**
   * Sets words that follow one another, as {@link #deferWord} does.
   *
   * @param offset of the first word, a multiple of 8; what guards it has been {@linkplain #changes
   *     told}, and no content that this transaction's record vouches for is there
   * @param source holds the new words
   * @param from where they begin in the source, a multiple of 8
   * @param length in bytes, a multiple of 8, more than 0
   * @throws IndexOutOfBoundsException if they are not inside the heap
   * @throws IllegalArgumentException if they are not aligned
   */
  public void deferWords(long offset, MediumAccessor source, long from, long length) {
    checkActive();
    assert !stripes.isEmpty() : "nobody said what is changed";
    checkTarget(offset, length);
    boolean known = deferred.touches(offset, length);
    for (long at = 0; at < length; at += Long.BYTES) {
      long word = source.getWord(from + at);
      if (known) {
        deferred.put(offset + at, word, deferredKept);
      } else {
        deferred.add(offset + at, word);
      }
    }
  }

  /**
   * Says whether this transaction is short, and stays so with so many more words. If it is long,
   * they crowd its record, or cost an entry of the undo log each: what can be changed by fewer
   * words should be.
   *
   * @param words how many would be deferred
   * @return whether a record has room for them and for much else
   */
  public boolean isShortWith(long words) {
    return log.isEmpty() && deferred.size() + words <= SHORT;
  }

  /**
   * Says whether this transaction has set any word of a range that is not in place yet.
   *
   * @param offset of the first word
   * @param length in bytes
   * @return whether {@link #getWord} returns what was deferred for one of them
   */
  public boolean isDeferred(long offset, long length) {
    return !deferred.isEmpty() && deferred.touches(offset, length);
  }

  /**
   * Lends memory of this transaction's lane to lay words out in: before they are deferred, or as
   * they will be. May be lent again before it is returned: then it is other memory.
   *
   * @param size in bytes, a multiple of 8
   * @return memory of at least this size, of any content; to be {@linkplain #giveBack given back}
   */
  public MediumAccessor borrowScratch(long size) {
    MediumAccessor lent = scratch;
    scratch = null;
    return lent != null && lent.size() >= size
        ? lent
        : MediumAccessor.scratch(Math.max(size, SCRATCH_SIZE));
  }

  /**
   * Takes back what {@link #borrowScratch} has lent.
   *
   * @param lent that memory
   */
  public void giveBack(MediumAccessor lent) {
    if (lent.size() <= MOST_SCRATCH) {
      scratch = lent;
    }
  }

  /**
   * Reads an aligned word as this transaction has set it, if it has.
   *
   * @param offset a multiple of 8
   * @return the word
   */
  public long getWord(long offset) {
    int found = deferred.isEmpty() ? -1 : deferred.find(offset);
    return found < 0 ? accessor.getWord(offset) : deferred.value(found);
  }

  /**
   * Says whether this transaction has set a word that is not in place yet.
   *
   * @param offset of the word
   * @return whether {@link #getWord} returns what was deferred
   */
  public boolean isDeferred(long offset) {
    return !deferred.isEmpty() && deferred.find(offset) >= 0;
  }

  /**
   * Stores in place what was deferred, after sealing it, so that ranges can be read and changed in
   * place. One fence, or none if nothing is deferred.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException as {@link #seal} does
   */
  public void settle() {
    checkActive();
    if (!deferred.isEmpty()) {
      seal();
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
    if (declarations.addWord(offset)) {
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
    declarations.addRange(offset, length);
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
   * nothing that survives a crash leads to it. The content may be changed again before the commit,
   * so no record vouches for it: costs a fence before that of the record.
   *
   * @param offset first byte
   * @param length in bytes, more than 0
   * @throws IndexOutOfBoundsException if the range leaves the heap
   */
  public void fresh(long offset, long length) {
    addFresh(offset, length);
    content.addLoose();
  }

  /**
   * Says where fresh memory is written as {@link #fresh} does, which this transaction does not
   * change again, and later ones only by {@linkplain #deferWord deferred} words of the same lock,
   * until it is freed. So the record can vouch for the content, and needs no fence before it.
   *
   * @param offset first byte, a multiple of 8
   * @param length in bytes, more than 0; the bytes up to the next multiple of 8 belong to it
   * @throws IndexOutOfBoundsException if the range leaves the heap
   */
  public void constant(long offset, long length) {
    addFresh(offset, length);
    content.add(offset, length, false);
  }

  /**
   * Says where fresh memory is written as {@link #constant} does, but this transaction may defer
   * words of it, too. If it does, no record vouches for any content: costs a fence before that of
   * the record.
   *
   * @param offset first byte, a multiple of 8
   * @param length in bytes, more than 0; the bytes up to the next multiple of 8 belong to it
   * @throws IndexOutOfBoundsException if the range leaves the heap
   */
  public void revisable(long offset, long length) {
    addFresh(offset, length);
    content.add(offset, length, true);
  }

  private void addFresh(long offset, long length) {
    checkActive();
    Objects.checkFromIndexSize(offset, length, accessor.size());
    lines.add(offset, length);
    accessor.fresh(offset, length);
  }

  /**
   * Makes the old content of all that was declared durable in the log: it may be overwritten when
   * this returns. What was deferred is logged with it, and stored. One fence, or none if nothing
   * new was declared or deferred.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException if the log cannot grow; what the operation
   *     declared since the last seal is dropped, and the transaction goes on as it was
   */
  public void seal() {
    checkActive();
    if (declarations.isEmpty() && deferred.isEmpty()) {
      return;
    }
    int countBefore = declarations.count();
    int wordsBefore = declarations.wordCount();
    try {
      declarations.addDeferred(deferred);
      declarations.appendTo(log, accessor);
    } catch (Throwable t) {
      blocks.maybeLogged();
      declarations.truncate(countBefore, wordsBefore);
      dropDeclared();
      throw t;
    }
    addUnsettled(unsettled);
    // The old values of what was deferred may all be in the log by now, and nothing else be due.
    if (!declarations.isEmpty() || unsettled.size() > 0) {
      unsettled.flush(protocolAccessor);
      log.flush();
      publisher.fence();
    }
    stripes.storeForLog(protocolAccessor, lines);
    if (accessor.isObserved()) {
      declarations.announce(accessor);
    }
    storeDeferred(lines);
    deferred.truncate(0);
    deferredKept = 0;
    seals++;
    declarations.sealed();
    blocks.sealed();
    sealedLinesSize = lines.size();
  }

  /**
   * Seals now if the commit will have to, because there is no room for so much in a record: an
   * operation that may change much learns so itself if the log has no room either.
   *
   * @throws dev.cairn.tx.TransactionTooLargeException as {@link #seal} does
   */
  public void sealIfLarge() {
    checkActive();
    if (!canPublish()) {
      seal();
    }
  }

  /**
   * Adds what the last records of the changed stripes, and of this lane, have stored in place and
   * nobody has made durable yet: with the next fence it is, and the records are not needed.
   */
  private void addUnsettled(LineSet target) {
    publisher.addUnsettled(target);
    stripes.addUnsettled(publisher, target);
  }

  /** Stores in place what was deferred; adds where. */
  private void storeDeferred(LineSet target) {
    for (int i = 0; i < deferred.size(); ) {
      if (deferred.isNewest(i)) {
        int end = deferred.runEnd(i);
        target.add(deferred.offset(i), (long) (end - i) * Long.BYTES);
        for (; i < end; i++) {
          accessor.putWord(deferred.offset(i), deferred.value(i));
        }
      } else {
        i++;
      }
    }
  }

  /**
   * Stores a word in place.
   *
   * @param offset of a word that was declared and sealed, or is fresh
   * @param value the new value
   */
  public void putWord(long offset, long value) {
    checkActive();
    assert declarations.isSealed(offset) : "not sealed: 0x" + Long.toHexString(offset);
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

  private void declareBits(int kind, long word, long mask, long block) {
    checkActive();
    blocks.makeRoom();
    declarations.addBits(kind, word, mask); // may need memory, and then nothing has been declared
    blocks.add(kind, word, mask, block);
  }

  /**
   * Forgets what the innermost operation declared since the last seal, and gives up what it
   * reserved for it. What outer operations declared stays declared.
   */
  private void dropDeclared() {
    int savepoint = (depth - 2) * SAVEPOINT_SIZE;
    if (savepoint >= 0 && savepoints[savepoint] == seals) {
      declarations.drop(savepoints[savepoint + 1], savepoints[savepoint + 3]);
      blocks.drop(savepoints[savepoint + 2]);
      lines.truncate(Math.max(sealedLinesSize, savepoints[savepoint + 4]));
      deferred.truncate(savepoints[savepoint + 5]);
      dropContent(savepoints[savepoint + 6], savepoints[savepoint + 7]);
    } else {
      declarations.drop(0, 0);
      blocks.drop(0);
      lines.truncate(sealedLinesSize); // nothing was stored there, or to blocks that are given up
      deferred.truncate(0);
      dropContent(0, 0);
    }
  }

  private void dropContent(int keptCount, int keptLooseCount) {
    if (accessor.isObserved()) {
      content.announceDropped(keptCount, accessor);
    }
    content.truncate(keptCount, keptLooseCount);
  }

  // Commit and abort, as lists of steps in media order.

  /**
   * Whether one record can hold all changes: none is in place, and each is ordered by the mark of a
   * stripe, without which an older record could outlive it.
   */
  private boolean canPublish() {
    if (!log.isEmpty()
        || stripes.hasUnmarked()
        || declarations.isPlaceDeclared()
        || (!blocks.isEmpty() && stripes.count() == 0)) {
      return false;
    }
    int entries = deferred.size() + blocks.count() + stripes.count();
    if (!content.mustBeFenced(deferred)) {
      entries += content.count();
    }
    return entries <= PublishFormat.MOST_ENTRIES;
  }

  /** Commits with one fence: publishes a record of all changes, and only then stores them. */
  private void publish() {
    boolean isChanged = !deferred.isEmpty() || !blocks.isEmpty();
    if (isChanged) {
      try {
        transactions.checkUsable();
        if (content.mustBeFenced(deferred)) {
          fenceContent();
        }
        writeRecord();
        addUnsettled(lines);
        lines.flush(accessor);
        // The commit point: from here on recovery stores what the record says.
        publisher.fence();
        storePublished();
      } catch (Throwable t) {
        throw failed("commit", t);
      }
      commits++;
    }
    deferReleases();
    end(isChanged);
  }

  /** Makes fresh content durable before the record that leads to it. */
  private void fenceContent() {
    publisher.addUnsettled(lines);
    lines.flush(accessor);
    publisher.fence();
    content.fenced();
  }

  private void writeRecord() {
    assert !content.isChangedBy(deferred) : "vouched for, and changed by the same record";
    publisher.begin(stripes.lastSequence(accessor));
    for (int i = 0; i < deferred.size(); ) {
      if (deferred.isNewest(i)) {
        int end = deferred.runEnd(i);
        publisher.addWords(deferred, i, end);
        i = end;
      } else {
        i++;
      }
    }
    blocks.addTo(publisher);
    stripes.addTo(publisher, accessor);
    content.addTo(publisher);
    publisher.write();
  }

  /**
   * Stores what the record says; the next fence will flush it. The stripes' last records are
   * durable in place since the commit's fence: their sequences go into the marks.
   */
  private void storePublished() {
    LineSet target = publisher.startStoring();
    if (accessor.isObserved()) {
      announcePublished();
    }
    storeDeferred(target);
    blocks.store(target);
    stripes.store(protocolAccessor, target);
    publisher.endStoring();
    stripes.published(publisher);
  }

  private void announcePublished() {
    for (int i = 0; i < deferred.size(); i++) {
      accessor.published(deferred.offset(i), Long.BYTES);
    }
    blocks.announce();
    stripes.announce(accessor);
  }

  /** Hands out what was freed once no record speaks of it. */
  private void deferReleases() {
    blocks.handFreedTo(publisher);
    if (publisher.hasManyFreed()) {
      try {
        transactions.retire(List.of(this));
      } catch (HeapFailedException failed) {
        assert failed.getMessage() != null; // committed all the same: who comes next is told
      }
    }
  }

  /**
   * Lets what committed transactions have freed be allocated at once, where it waits for the lanes'
   * next records: for a heap that seems full.
   *
   * @return whether there was anything
   */
  public boolean reclaim() {
    checkActive();
    return transactions.reclaim(this);
  }

  Publisher publisher() {
    return publisher;
  }

  private void commit() {
    boolean changed = !log.isEmpty();
    if (changed) {
      try {
        transactions.checkUsable();
        blocks.store(lines);
        if (lines.size() > 0) { // else a seal failed, and nothing was changed in place
          publisher.addUnsettled(lines);
          lines.flush(accessor);
          // The new content must be durable while the log still stands: a crash up to here rolls
          // back.
          publisher.fence();
        }
        // The commit point: a crash after this keeps everything.
        voidLog();
      } catch (Throwable t) {
        throw failed("commit", t);
      }
      commits++;
    }
    try {
      blocks.releaseFreed();
    } finally {
      end(changed);
    }
  }

  private void abort() {
    try {
      if (!log.isEmpty()) {
        transactions.checkUsable();
        lines.truncate(0);
        if (new LogRollback(protocolAccessor, lines).run(log.lane(), log.generation())) {
          stripes.addStored(lines);
          publisher.addUnsettled(lines);
          lines.flush(accessor);
          // The old content must be durable before the log that restores it is void.
          publisher.fence();
        }
        voidLog();
      }
    } catch (Throwable t) {
      throw failed("abort", t);
    }
    try {
      blocks.undo();
    } finally {
      end(false);
    }
  }

  private void voidLog() {
    log.voidRecords();
    protocolAccessor.fence();
    log.restart();
  }

  /**
   * Ends a transaction whose medium failed. Its locks stay held: nobody may see what it has stored
   * in place. Who waits for them is told that the heap has failed.
   */
  private RuntimeException failed(String what, Throwable cause) {
    RuntimeException failure = transactions.fail(what, cause);
    locks.abandon();
    end(false);
    return failure;
  }

  private void end(boolean committed) {
    ThreadContext ended = Objects.requireNonNull(context);
    stripes.clear();
    locks.unlockAll(ended);
    deferred.truncate(0);
    deferredKept = 0;
    content.truncate(0, 0);
    declarations.clear();
    blocks.clear();
    sealedLinesSize = 0;
    lines.truncate(0);
    doom = null;
    depth = 0;
    sealedDepth = 0;
    isExiting = false;
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
