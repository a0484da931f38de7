package dev.cairn.crashtest;

import dev.cairn.crashtest.SanitizerFinding.Kind;
import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A medium in memory that remembers, for each aligned 8-byte word, the value known durable and
 * every value since, and so knows all images that a crash could leave. The rules are those of
 * {@link CrashModel}.
 *
 * <p>Cairn reports its stores by itself. Code of your own either stores through {@link #putLong}
 * and {@link #put}, or writes to the {@linkplain #segment() segment} and then calls {@link
 * #stored}.
 *
 * <p>A {@link Sanitizer} looks at what is done. Stores that must be durable are checked when the
 * medium is closed, when a {@linkplain #transactionEnded transaction commits}, when a workload
 * acknowledges, when recovery ends, and by {@link #checkDurable}. Whether stores are snapshotted or
 * fresh is checked once anything was announced: see {@link #snapshotted}, {@link #fresh} and {@link
 * #storedByProtocol}.
 *
 * <p>Safe for use by many threads, one after the other. All of {@code maximumSize} is taken from
 * memory at once: keep it to what a test needs.
 */
public final class SimulatedMedium implements Medium, StoreObserver {
  /*
   * I1  For each word, the newest value is the last of its pending ones, or the durable value if
   *     none is pending. It is what the segment held when the last store to it was reported.
   * I2  A pending word has at least one pending value; values of a word differ from their
   *     predecessors, the first from the durable value.
   * I3  Sequence numbers rise with each new value over the whole medium and are never reused, so
   *     that a note of a flush cannot cover a value that was stored after it.
   * I4  durableHash is the exclusive or of hash(word, value) over all durable words.
   * I5  On a lent medium, each word that differs from the base in any way is in the touched list,
   *     with the base's value.
   */
  static final int LINE_SIZE = 64;

  /** Stands for all threads, where the id of one is asked for. */
  private static final long EVERYBODY = -1;

  private static final int WORDS_PER_LINE = LINE_SIZE / Long.BYTES;
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Object lock = new Object();
  private final Arena arena;
  private final MemorySegment segment;
  private final CrashModel model;

  /**
   * Whether an explorer puts one image after the other on this medium; close then only ends one.
   */
  private final boolean lent;

  private long size;
  private boolean closed;
  private @Nullable Throwable powerCut;
  private EventHook hook = EventHook.NONE;
  private long events;

  // Per word, of which there are durable.length.
  private long[] durable;
  private @Nullable PendingWord[] histories;
  private final List<PendingWord> pending = new ArrayList<>();
  private final ArrayDeque<PendingWord> spare = new ArrayDeque<>();
  private long sequence;
  private long changes;
  private long durableHash;

  // Per line: sequence numbers of the last store, of what is durable, of the last flush and by
  // whom.
  private long[] lineStored;
  private long[] lineDurable;
  private long[] lineFlushed;
  private long[] lineFlusher;
  private long[] lineSettler;

  private final Map<Long, ThreadNotes> notesByThread = new HashMap<>();
  private ThreadNotes lastNotes = new ThreadNotes(-1);

  private long stores;
  private long flushes;
  private long flushedLines;
  private long fences;
  private long idleLines;
  private long idleFences;

  // What a follower has not copied yet: words whose durable value changed. Null without follower.
  private @Nullable WordSet changedDurable;

  // Lent media only: how to get back to the base.
  private final WordSet touched = new WordSet();
  private long[] touchedBase = new long[64];
  private long bornAt;
  private boolean recovered;

  private MediumSanitizer sanitizer;

  private SimulatedMedium(long size, long maximumSize, CrashModel model, boolean lent) {
    if (size <= 0 || size % LINE_SIZE != 0) {
      throw new IllegalArgumentException(
          "size %,d bytes: expected a multiple of %d above 0".formatted(size, LINE_SIZE));
    }
    if (maximumSize < size || maximumSize % LINE_SIZE != 0) {
      throw new IllegalArgumentException(
          "maximum size %,d bytes: expected a multiple of %d, at least the size of %,d"
              .formatted(maximumSize, LINE_SIZE, size));
    }
    this.model = Objects.requireNonNull(model);
    this.lent = lent;
    this.size = size;
    int words = Math.toIntExact(size / Long.BYTES);
    durable = new long[words];
    histories = new PendingWord[words];
    int lines = words / WORDS_PER_LINE;
    lineStored = new long[lines];
    lineDurable = new long[lines];
    lineFlushed = new long[lines];
    lineFlusher = new long[lines];
    lineSettler = new long[lines];
    sanitizer = new MediumSanitizer(Sanitizer.byDefault(), !lent);
    arena = Arena.ofShared();
    segment = arena.allocate(maximumSize, LINE_SIZE);
  }

  /**
   * Creates a medium of zeros, all of them durable, under the model {@link CrashModel#WORDS}.
   *
   * @param size in bytes, a multiple of 64
   * @param maximumSize how far it can grow, in bytes, a multiple of 64
   * @return the medium
   */
  public static SimulatedMedium create(long size, long maximumSize) {
    return create(size, maximumSize, CrashModel.WORDS);
  }

  /**
   * Creates a medium of zeros, all of them durable.
   *
   * @param size in bytes, a multiple of 64
   * @param maximumSize how far it can grow, in bytes, a multiple of 64
   * @param model what a crash may leave
   * @return the medium
   */
  public static SimulatedMedium create(long size, long maximumSize, CrashModel model) {
    return new SimulatedMedium(size, maximumSize, model, false);
  }

  /**
   * Creates a medium that holds what a crash left, all of it durable, under the model {@link
   * CrashModel#WORDS}.
   *
   * @param image the bytes
   * @return a medium of its own; the image can be used again
   */
  public static SimulatedMedium of(CrashImage image) {
    SimulatedMedium medium = create(image.size(), image.maximumSize());
    long[] content = image.content();
    for (int word = 0; word < content.length; word++) {
      medium.setBase(word, content[word]);
    }
    return medium;
  }

  /** Creates a medium that an explorer loads with one image of {@code source} after the other. */
  static SimulatedMedium follower(SimulatedMedium source) {
    SimulatedMedium medium =
        new SimulatedMedium(source.size, source.maximumSize(), source.model, true);
    medium.sanitizer = new MediumSanitizer(source.sanitizer.policy(), false);
    for (int word = 0; word < source.durable.length; word++) {
      medium.ensureWord(word);
      medium.setBase(word, source.durable[word]);
    }
    source.changedDurable = new WordSet();
    return medium;
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void flush(long offset, long length) {
    synchronized (lock) {
      Objects.checkFromIndexSize(offset, length, size);
      if (length == 0) {
        return;
      }
      fire(EventKind.FLUSH);
      flushes++;
      ThreadNotes notes = notes();
      int last = line(offset + length - 1);
      int idleFrom = -1;
      int idleTo = -1;
      for (int line = line(offset); line <= last; line++) {
        boolean idle = !flushLine(line, notes);
        if (idle && (idleFrom < 0 || idleTo == line)) {
          idleFrom = idleFrom < 0 ? line : idleFrom;
          idleTo = line + 1;
        }
      }
      if (idleFrom >= 0 && sanitizesOrder()) {
        sanitizer.report(Kind.CLEAN_FLUSH, idleFrom * WORDS_PER_LINE, idleTo * WORDS_PER_LINE);
      }
    }
  }

  @Override
  public void fence() {
    synchronized (lock) {
      fire(EventKind.FENCE);
      fences++;
      ThreadNotes notes = notes();
      boolean idle = notes.count() == 0;
      if (idle) {
        idleFences++;
      }
      for (int i = 0; i < notes.count(); i++) {
        settleLine(notes.line(i), notes.sequence(i), notes.threadId);
      }
      notes.clearFlushes();
      if (idle && sanitizesOrder()) {
        sanitizer.report(Kind.IDLE_FENCE, 0, 0);
      }
    }
  }

  @Override
  public long size() {
    synchronized (lock) {
      return size;
    }
  }

  @Override
  public long maximumSize() {
    return segment.byteSize();
  }

  /**
   * Makes the medium larger. The new size survives a crash from the moment this returns.
   *
   * @param newSize in bytes, a multiple of 64, between size and maximum size
   */
  @Override
  public void grow(long newSize) {
    synchronized (lock) {
      if (newSize < size || newSize > maximumSize() || newSize % LINE_SIZE != 0) {
        throw new IllegalArgumentException(
            "new size %,d bytes: expected a multiple of %d from %,d to %,d"
                .formatted(newSize, LINE_SIZE, size, maximumSize()));
      }
      fire(EventKind.GROW);
      size = newSize;
      ensureWord(Math.toIntExact(newSize / Long.BYTES) - 1);
      changes++;
    }
  }

  @Override
  public Durability durability() {
    return new Durability(
        Durability.Level.POWER_FAIL, "simulated: what was flushed and fenced is in every image");
  }

  @Override
  public String name() {
    return "simulated";
  }

  @Override
  public StoreObserver observer() {
    return this;
  }

  /**
   * Ends the use of this medium. Its images can still be had. The segment is no longer alive,
   * except on a medium that an explorer lent to a {@link CrashCheck}: there, only stores, flushes
   * and fences are refused.
   *
   * @throws SanitizerError if a store of any thread is not durable; the medium is closed
   */
  @Override
  public void close() {
    synchronized (lock) {
      boolean ends = !closed;
      closeUnchecked();
      if (ends) {
        checkReliedOn(EVERYBODY);
      }
    }
  }

  /**
   * As {@link StoreObserver#stored} says. A {@link Sanitizer} refuses stores to what is neither
   * snapshotted nor fresh in a running transaction of this thread, if anything was announced to
   * this medium before; otherwise it must be {@link #storedByProtocol}.
   */
  @Override
  public void stored(long offset, long length) {
    stored(offset, length, false);
  }

  @Override
  public void storedByProtocol(long offset, long length) {
    stored(offset, length, true);
  }

  private void stored(long offset, long length, boolean byProtocol) {
    synchronized (lock) {
      Objects.checkFromIndexSize(offset, length, size);
      int firstWord = word(offset);
      int lastWord = word(offset + length - 1);
      if (powerCut != null || closed) {
        refuseStore(firstWord, lastWord);
        return;
      }
      stores++;
      ThreadNotes notes = notes();
      CodePlace place = sanitizer.placeOfStore();
      for (int word = firstWord; word <= lastWord; word++) {
        observe(word, notes.threadId, place);
      }
      sequence++;
      Arrays.fill(lineStored, line(offset), line(offset + length - 1) + 1, sequence);
      if (model == CrashModel.EADR) {
        fire(EventKind.STORE);
        settleAll();
      }
      if (byProtocol) {
        sanitizer.announce();
      } else if (sanitizer.isOn()) {
        sanitizer.checkStore(notes, notesByThread.values(), firstWord, lastWord);
      }
    }
  }

  @Override
  public void snapshotted(long offset, long length) {
    synchronized (lock) {
      if (isSanitized()) {
        Objects.checkFromIndexSize(offset, length, size);
        grant(notes(), offset, length);
      }
    }
  }

  @Override
  public void fresh(long offset, long length) {
    synchronized (lock) {
      if (isSanitized()) {
        Objects.checkFromIndexSize(offset, length, size);
        ThreadNotes notes = notes();
        grant(notes, offset, length);
        notes.addFresh(offset, length);
      }
    }
  }

  @Override
  public void released(long offset) {
    synchronized (lock) {
      if (isSanitized()) {
        ThreadNotes notes = notes();
        long length = notes.removeFresh(offset);
        if (length > 0) {
          sanitizer.revoke(notes, word(offset), word(offset + length - 1));
          discard(offset, length, notes.threadId);
        }
      }
    }
  }

  @Override
  public void discarded(long offset, long length) {
    synchronized (lock) {
      if (isSanitized()) {
        Objects.checkFromIndexSize(offset, length, size);
        discard(offset, length, EVERYBODY);
      }
    }
  }

  @Override
  public void transactionEnded(boolean committed) {
    synchronized (lock) {
      if (!isSanitized()) {
        return;
      }
      ThreadNotes notes = notes();
      if (!committed) {
        for (int i = 0; i < notes.freshCount(); i++) {
          discard(notes.freshOffset(i), notes.freshLength(i), notes.threadId);
        }
      }
      notes.clearTransaction();
      if (committed) {
        checkReliedOn(notes.threadId);
      }
    }
  }

  /**
   * Sets who looks at what is done to this medium from now on.
   *
   * @param newSanitizer in place of the {@linkplain Sanitizer#byDefault() default}
   */
  public void sanitizeWith(Sanitizer newSanitizer) {
    synchronized (lock) {
      boolean announced = sanitizer.isAnnounced();
      sanitizer = new MediumSanitizer(newSanitizer, !lent);
      notesByThread.values().forEach(ThreadNotes::clearTransaction);
      if (announced) {
        sanitizer.announce();
      }
    }
  }

  /**
   * Says that from here on somebody relies on all that the calling thread has stored. The {@link
   * Sanitizer} reports what of it is not durable.
   *
   * @throws SanitizerError if something is not durable, and the sanitizer is a failing one
   */
  public void checkDurable() {
    synchronized (lock) {
      checkReliedOn(Thread.currentThread().threadId());
    }
  }

  /**
   * Reads 8 bytes, little-endian.
   *
   * @param offset first byte, at any alignment
   * @return the value
   */
  public long getLong(long offset) {
    return segment.get(LONG, offset);
  }

  /**
   * Stores 8 bytes, little-endian. Not durable before they are flushed and fenced.
   *
   * @param offset first byte; if it is not a multiple of 8, a crash may tear the value
   * @param value the value
   */
  public void putLong(long offset, long value) {
    segment.set(LONG, offset, value);
    stored(offset, Long.BYTES);
  }

  /**
   * Stores bytes. Not durable before they are flushed and fenced.
   *
   * @param offset first byte
   * @param bytes at least 1
   */
  public void put(long offset, byte[] bytes) {
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, offset, bytes.length);
    stored(offset, bytes.length);
  }

  /**
   * Sets who sees events from now on, instead of who did before. Events are counted from 0 again.
   *
   * @param newHook the hook, or {@link EventHook#NONE}
   */
  public void onEvent(EventHook newHook) {
    synchronized (lock) {
      hook = Objects.requireNonNull(newHook);
      events = 0;
      if (lent && newHook.equals(EventHook.NONE)) {
        endRecovery();
      }
    }
  }

  /**
   * Returns what was done to this medium since it was created, or lent.
   *
   * @return the counts
   */
  public Counts counts() {
    synchronized (lock) {
      return new Counts(stores, flushes, flushedLines, fences, idleLines, idleFences);
    }
  }

  /**
   * Returns the worst image of this moment: only what is known durable.
   *
   * @return the image
   */
  public CrashImage durableImage() {
    synchronized (lock) {
      ImageSpace space = ImageSpace.of(this);
      return space.image(this, space.allDurable(), events);
    }
  }

  /**
   * Returns the best image of this moment: everything that was stored.
   *
   * @return the image
   */
  public CrashImage newestImage() {
    synchronized (lock) {
      ImageSpace space = ImageSpace.of(this);
      return space.image(this, space.allNewest(), events);
    }
  }

  /**
   * Returns one of the images that a crash at this moment could leave.
   *
   * @param random chooses
   * @return the image
   */
  public CrashImage randomImage(RandomGenerator random) {
    synchronized (lock) {
      ImageSpace space = ImageSpace.of(this);
      return space.image(this, space.random(random), events);
    }
  }

  /**
   * Counts the images that a crash at this moment could leave.
   *
   * @return the number of different contents, at most {@link Long#MAX_VALUE}
   */
  public long imageCount() {
    synchronized (lock) {
      return ImageSpace.of(this).count();
    }
  }

  // What the explorer needs. Called with the medium at rest, or from its own hook.

  CrashModel model() {
    return model;
  }

  /** Returns a number that changes with the set of possible images. */
  long changes() {
    return changes;
  }

  long durableHash() {
    return durableHash;
  }

  long durable(int word) {
    return durable[word];
  }

  /** Returns a copy of the durable words that exist. */
  long[] durableWords() {
    return Arrays.copyOf(durable, Math.toIntExact(size / Long.BYTES));
  }

  /** Returns the pending words by rising offset. */
  List<PendingWord> pendingWords() {
    List<PendingWord> sorted = new ArrayList<>(pending);
    sorted.sort(Comparator.comparingInt(p -> p.word));
    return sorted;
  }

  long newest(int word) {
    PendingWord history = histories[word];
    return history == null ? durable[word] : history.newest();
  }

  /** Ends the use of this medium in the midst of things: what was stored last may be lost. */
  void closeUnchecked() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        if (!lent) {
          arena.close();
        }
      }
    }
  }

  /** Says that what a check did to recover an image is done: others rely on it. */
  void endRecovery() {
    synchronized (lock) {
      if (!recovered) {
        recovered = true;
        checkReliedOn(EVERYBODY);
      }
    }
  }

  /** Returns what the sanitizer threw, even if the code under test caught it; or null. */
  @Nullable SanitizerError sanitizerError() {
    synchronized (lock) {
      return sanitizer.error();
    }
  }

  boolean tells(EventHook someHook) {
    return hook.equals(someHook);
  }

  /** Runs an action while no other thread can touch the medium. */
  void locked(Runnable action) {
    synchronized (lock) {
      action.run();
    }
  }

  /** Makes the durable words of {@code source} the base of this lent medium. */
  void follow(SimulatedMedium source) {
    assert lent;
    assert touched.size() == 0 : touched.size();
    WordSet changed = Objects.requireNonNull(source.changedDurable);
    for (int i = 0; i < changed.size(); i++) {
      int word = changed.get(i);
      ensureWord(word);
      setBase(word, source.durable[word]);
    }
    changed.clear();
    if (source.sanitizer.isAnnounced()) {
      sanitizer.announce();
    }
  }

  /** Starts a new life of this lent medium with an image; the words are added by the caller. */
  void lend(long imageSize) {
    assert lent;
    assert pending.isEmpty() : pending.size();
    size = imageSize;
    ensureWord(Math.toIntExact(imageSize / Long.BYTES) - 1);
    closed = false;
    powerCut = null;
    recovered = false;
    sanitizer.clearError();
    stores = flushes = flushedLines = fences = idleLines = idleFences = 0;
    // Whatever was stored to a line in an earlier life is durable in this one.
    bornAt = ++sequence;
    changes++;
  }

  /** Adds a word to the image that is being lent. */
  void lendWord(int word, long value) {
    touch(word);
    setBase(word, value);
  }

  /** Takes the medium back: it holds the base again. */
  void takeBack() {
    assert lent;
    synchronized (lock) {
      hook = EventHook.NONE;
      for (int i = pending.size() - 1; i >= 0; i--) {
        release(pending.get(i));
      }
      for (int i = 0; i < touched.size(); i++) {
        setBase(touched.get(i), touchedBase[i]);
      }
      touched.clear();
      for (ThreadNotes notes : notesByThread.values()) {
        notes.clearFlushes();
        notes.clearTransaction();
      }
      closed = true;
    }
  }

  /** Gives a lent medium's memory back. */
  void dispose() {
    assert lent;
    arena.close();
  }

  /** Returns the offset of a word that was changed without being reported, or -1. */
  long unreported() {
    if ((closed && !lent) || powerCut != null) {
      return -1;
    }
    for (int word = 0; word < durable.length; word++) {
      if (segment.get(WORD, offset(word)) != newest(word)) {
        return offset(word);
      }
    }
    return -1;
  }

  /** Tells the hook, which may end it all here. */
  private void fire(EventKind kind) {
    if (closed) {
      throw new IllegalStateException(kind + " on a closed medium");
    }
    if (powerCut != null) {
      throw new PowerCutException(kind + " after the power was cut", powerCut);
    }
    try {
      hook.before(kind, events++);
    } catch (Throwable e) {
      powerCut = e;
      throw e;
    }
  }

  /** Whether flushes and fences make a difference, and are looked at. */
  private boolean sanitizesOrder() {
    return sanitizer.isOn() && model != CrashModel.EADR;
  }

  /** Whether announcements matter. Whoever cleans up after a power cut or a close may make some. */
  private boolean isSanitized() {
    return sanitizer.isOn() && powerCut == null && !closed;
  }

  private void grant(ThreadNotes notes, long offset, long length) {
    sanitizer.grant(notes, word(offset), word(offset + length - 1), durable.length);
  }

  /** Forgets who stored what a range holds now. */
  private void discard(long offset, long length, long storer) {
    if (length == size) {
      pending.forEach(history -> discard(history, storer));
      return;
    }
    for (int word = word(offset); length > 0 && word <= word(offset + length - 1); word++) {
      PendingWord history = histories[word];
      if (history != null) {
        discard(history, storer);
      }
    }
  }

  private static void discard(PendingWord history, long storer) {
    for (int i = 0; i < history.count(); i++) {
      if (storer == EVERYBODY || history.storer(i) == storer) {
        history.discard(i);
      }
    }
  }

  /** Reports what a thread, or anybody, has stored and not made durable. */
  private void checkReliedOn(long storer) {
    if (!sanitizer.isOn() || powerCut != null || pending.isEmpty()) {
      return;
    }
    for (PendingWord history : pendingWords()) {
      for (int i = 0; i < history.count(); i++) {
        long storedBy = history.storer(i);
        if (storedBy != PendingWord.NOBODY && (storer == EVERYBODY || storedBy == storer)) {
          ThreadNotes notes = notesByThread.get(storedBy);
          int line = history.word / WORDS_PER_LINE;
          boolean flushed = notes != null && notes.covers(line, history.sequence(i));
          history.discard(i); // told once
          sanitizer.reportReliedOn(
              flushed ? Kind.NEVER_FENCED : Kind.NEVER_FLUSHED,
              history.word,
              history.word + 1,
              history.place(i));
        }
      }
    }
  }

  /** Takes note of a word's value in the segment, if it is new. */
  private boolean observe(int word, long storer, @Nullable CodePlace place) {
    long value = segment.get(WORD, offset(word));
    PendingWord history = histories[word];
    if (value == (history == null ? durable[word] : history.newest())) {
      if (history != null) {
        history.claim(storer, place);
      }
      return false;
    }
    if (lent) {
      touch(word);
    }
    if (history == null) {
      history = take(word);
    }
    history.add(value, ++sequence, storer, place);
    changes++;
    return true;
  }

  /** Flushes a line; says whether there was anything to write back, as far as the thread knows. */
  private boolean flushLine(int line, ThreadNotes notes) {
    flushedLines++;
    // Another thread may have stored and not reported yet: the write-back takes its value along.
    boolean found = false;
    for (int word = line * WORDS_PER_LINE; word < (line + 1) * WORDS_PER_LINE; word++) {
      found |= observe(word, PendingWord.NOBODY, null);
    }
    if (found) {
      lineStored[line] = ++sequence;
    }
    if (model == CrashModel.EADR) {
      settleLine(line, sequence, notes.threadId);
    }
    if (isClean(line, notes.threadId) || isFlushedBy(line, notes)) {
      idleLines++;
      return false;
    }
    notes.add(line, sequence);
    lineFlushed[line] = sequence;
    lineFlusher[line] = notes.threadId;
    return true;
  }

  /**
   * Whether a thread could know that a line is durable. If another thread's fence made it so, that
   * may have been luck: a thread must flush what it has stored itself.
   */
  private boolean isClean(int line, long threadId) {
    return lineStored[line] <= bornAt
        || (lineStored[line] <= lineDurable[line] && lineSettler[line] == threadId);
  }

  private boolean isFlushedBy(int line, ThreadNotes notes) {
    if (lineFlushed[line] < lineStored[line]) {
      return false;
    }
    return lineFlusher[line] == notes.threadId || notes.covers(line, lineStored[line]);
  }

  /** Makes durable what a line's words were when {@code upTo} was the newest sequence number. */
  private void settleLine(int line, long upTo, long settler) {
    for (int word = line * WORDS_PER_LINE; word < (line + 1) * WORDS_PER_LINE; word++) {
      PendingWord history = histories[word];
      if (history != null) {
        settle(history, upTo);
      }
    }
    lineDurable[line] = Math.max(lineDurable[line], upTo);
    lineSettler[line] = settler;
  }

  private void settleAll() {
    for (int i = pending.size() - 1; i >= 0; i--) {
      PendingWord history = pending.get(i);
      lineDurable[history.word / WORDS_PER_LINE] = sequence;
      settle(history, sequence);
    }
  }

  private void settle(PendingWord history, long upTo) {
    int k = history.countUpTo(upTo);
    if (k == 0) {
      return;
    }
    setDurable(history.word, history.value(k - 1));
    history.drop(k);
    if (history.count() == 0) {
      release(history);
    }
    changes++;
  }

  /**
   * After a power cut stores change nothing that a crash would leave; after close they are wrong.
   */
  private void refuseStore(int firstWord, int lastWord) {
    if (lent) {
      for (int word = firstWord; word <= lastWord; word++) {
        touch(word);
      }
    }
    if (closed) {
      throw new IllegalStateException(
          "store at 0x%x on a closed medium".formatted(offset(firstWord)));
    }
  }

  private PendingWord take(int word) {
    PendingWord history = spare.isEmpty() ? new PendingWord() : spare.pop();
    history.word = word;
    history.position = pending.size();
    pending.add(history);
    histories[word] = history;
    return history;
  }

  private void release(PendingWord history) {
    PendingWord last = pending.removeLast();
    if (last != history) {
      pending.set(history.position, last);
      last.position = history.position;
    }
    histories[history.word] = null;
    history.drop(history.count());
    spare.push(history);
  }

  private void setDurable(int word, long value) {
    durableHash ^= ImageSpace.hash(word, durable[word]) ^ ImageSpace.hash(word, value);
    durable[word] = value;
    if (changedDurable != null) {
      changedDurable.add(word);
    }
  }

  private void setBase(int word, long value) {
    setDurable(word, value);
    segment.set(WORD, offset(word), value);
  }

  private void touch(int word) {
    if (touched.add(word)) {
      if (touched.size() > touchedBase.length) {
        touchedBase = Arrays.copyOf(touchedBase, 2 * touchedBase.length);
      }
      touchedBase[touched.size() - 1] = durable[word];
    }
  }

  private ThreadNotes notes() {
    long threadId = Thread.currentThread().threadId();
    if (lastNotes.threadId != threadId) {
      lastNotes = notesByThread.computeIfAbsent(threadId, ThreadNotes::new);
    }
    return lastNotes;
  }

  private void ensureWord(int word) {
    if (word < durable.length) {
      return;
    }
    int lines = word / WORDS_PER_LINE + 1;
    int words = lines * WORDS_PER_LINE;
    durable = Arrays.copyOf(durable, words);
    histories = Arrays.copyOf(histories, words);
    lineStored = Arrays.copyOf(lineStored, lines);
    lineDurable = Arrays.copyOf(lineDurable, lines);
    lineFlushed = Arrays.copyOf(lineFlushed, lines);
    lineFlusher = Arrays.copyOf(lineFlusher, lines);
    lineSettler = Arrays.copyOf(lineSettler, lines);
  }

  private static int word(long offset) {
    return Math.toIntExact(offset / Long.BYTES);
  }

  private static int line(long offset) {
    return Math.toIntExact(offset / LINE_SIZE);
  }

  private static long offset(int word) {
    return (long) word * Long.BYTES;
  }
}
