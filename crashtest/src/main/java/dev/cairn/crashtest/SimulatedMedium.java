package dev.cairn.crashtest;

import dev.cairn.crashtest.SanitizerFinding.Kind;
import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
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
  static final int LINE_SIZE = 64;

  /** Stands for all threads, where the id of one is asked for. */
  private static final long EVERYBODY = Long.MIN_VALUE;

  /** By who published, and for a transaction over two structures by two others. */
  private static final byte FLUSHES_OF_PUBLISHED = 3;

  private static final int WORDS_PER_LINE = LINE_SIZE / Long.BYTES;

  /** In bytes. */
  private static final long LARGEST = 8L << 30;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** How many threads' empty notes to keep. */
  private static final int MOST_NOTES = 16;

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

  /** Set while the threads of a scenario run, and read by them only. */
  private @Nullable Turns turns;

  private long events;

  private final WordTable words;

  /** Whether each store is asked where it comes from: slow, for reports. */
  private boolean notesPlaces;

  private MediumSanitizer sanitizer;

  // Per line: sequence numbers of the last store, of what is durable, of the last flush and by
  // whom.
  private long[] lineStored;
  private long[] lineDurable;
  private long[] lineFlushed;
  private long[] lineFlusher;
  private long[] lineSettler;

  /**
   * How many flushes are due where somebody stored what a record stands for: by him, and by those
   * who next store to what belongs together with it, none of whom knows of the others.
   */
  private byte[] lineDue;

  private final Map<Long, ThreadNotes> notesByThread = new HashMap<>();
  private ThreadNotes lastNotes = new ThreadNotes(-1);

  private long stores;
  private long flushes;
  private long flushedLines;
  private long fences;
  private long idleLines;
  private long idleFences;

  /** Lent media only: what was stored up to then is durable in this life. */
  private long bornAt;

  private boolean recovered;

  private SimulatedMedium(long size, long maximumSize, CrashModel model, boolean lent) {
    checkSizes(size, maximumSize);
    this.model = Objects.requireNonNull(model);
    this.lent = lent;
    this.size = size;
    int lines = line(size);
    lineStored = new long[lines];
    lineDurable = new long[lines];
    lineFlushed = new long[lines];
    lineFlusher = new long[lines];
    lineSettler = new long[lines];
    lineDue = new byte[lines];
    sanitizer = new MediumSanitizer(Sanitizer.byDefault());
    notesPlaces = sanitizer.isOn();
    arena = Arena.ofShared();
    segment = arena.allocate(maximumSize, LINE_SIZE);
    words = new WordTable(segment, lines * WORDS_PER_LINE, lent);
  }

  /** Checks the sizes that a medium is to have; words are numbered by an {@code int}. */
  static void checkSizes(long size, long maximumSize) {
    if (size <= 0 || size % LINE_SIZE != 0) {
      throw new IllegalArgumentException(
          "size %,d bytes: expected a multiple of %d above 0".formatted(size, LINE_SIZE));
    }
    if (maximumSize < size || maximumSize > LARGEST || maximumSize % LINE_SIZE != 0) {
      throw new IllegalArgumentException(
          "maximum size %,d bytes: expected a multiple of %d, from the size of %,d to %,d"
              .formatted(maximumSize, LINE_SIZE, size, LARGEST));
    }
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
      medium.words.setBase(word, content[word]);
    }
    return medium;
  }

  /** Creates a medium that an explorer loads with one image of {@code source} after the other. */
  static SimulatedMedium follower(SimulatedMedium source) {
    SimulatedMedium medium =
        new SimulatedMedium(source.size, source.maximumSize(), source.model, true);
    medium.sanitizer = new MediumSanitizer(source.sanitizer.policy());
    medium.notesPlaces = false; // there are many images
    for (int word = 0; word < source.words.count(); word++) {
      medium.ensureWord(word);
      medium.words.setBase(word, source.words.durable(word));
    }
    source.words.startCollecting();
    return medium;
  }

  /** Creates a medium that one run after the other can use from zeros on, each as a life. */
  static SimulatedMedium reusable(long size, long maximumSize, CrashModel model) {
    return new SimulatedMedium(size, maximumSize, model, true);
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void flush(long offset, long length) {
    takeStep("a flush");
    synchronized (lock) {
      Objects.checkFromIndexSize(offset, length, size);
      if (length == 0) {
        return;
      }
      fire(EventKind.FLUSH);
      flushes++;
      ThreadNotes notes = notes();
      int first = line(offset);
      int last = line(offset + length - 1);
      int idleFrom = -1;
      int idleTo = -1;
      for (int line = first; line <= last; line++) {
        flushedLines++;
        if (!flushLine(line, notes)) {
          idleLines++;
          if (idleFrom < 0 || idleTo == line) {
            idleFrom = idleFrom < 0 ? line : idleFrom;
            idleTo = line + 1;
          }
        }
      }
      if (model == CrashModel.SECTORS) {
        flushRestOfSectors(first, last, notes);
      }
      // Of sectors, whose lines go together, nobody can say whose flush was the needless one.
      if (idleFrom >= 0 && sanitizesOrder() && model != CrashModel.SECTORS) {
        sanitizer.report(Kind.CLEAN_FLUSH, idleFrom * WORDS_PER_LINE, idleTo * WORDS_PER_LINE);
      }
    }
  }

  @Override
  public void fence() {
    takeStep("a fence");
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
    takeStep("a growth");
    synchronized (lock) {
      if (newSize < size || newSize > maximumSize() || newSize % LINE_SIZE != 0) {
        throw new IllegalArgumentException(
            "new size %,d bytes: expected a multiple of %d from %,d to %,d"
                .formatted(newSize, LINE_SIZE, size, maximumSize()));
      }
      fire(EventKind.GROW);
      size = newSize;
      ensureWord(Math.toIntExact(newSize / Long.BYTES) - 1);
      words.changed();
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
        checkReliedOn(EVERYBODY, true);
      }
    }
  }

  @Override
  public void storing(long offset, long length) {
    takeStep("a store");
  }

  @Override
  public boolean waiting() {
    Turns threads = turns;
    return threads != null && threads.yieldTurn();
  }

  private void takeStep(String before) {
    Turns threads = turns;
    if (threads != null) {
      threads.point(before);
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
      int firstWord = WordTable.word(offset);
      int lastWord = WordTable.word(offset + length - 1);
      if (powerCut != null || closed) {
        refuseStore(firstWord, lastWord);
        return;
      }
      stores++;
      ThreadNotes notes = notes();
      CodePlace place = notesPlaces ? CodePlace.ofStore() : null;
      for (int word = firstWord; word <= lastWord; word++) {
        words.observe(word, notes.threadId, place);
      }
      long sequence = words.nextSequence();
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
  public void published(long offset, long length) {
    synchronized (lock) {
      if (isSanitized()) {
        Objects.checkFromIndexSize(offset, length, size);
        grant(notes(), offset, length);
        notes().addPublished(offset, length);
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
          sanitizer.revoke(notes, WordTable.word(offset), WordTable.word(offset + length - 1));
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
      for (int i = 0; i < notes.publishedCount(); i++) {
        vouch(notes.publishedOffset(i), notes.publishedLength(i), notes.threadId);
      }
      notes.clearTransaction();
      if (committed) {
        checkReliedOn(notes.threadId, false);
      }
    }
  }

  /** Notes that a record stands for what a thread has stored to a range. */
  private void vouch(long offset, long length, long storer) {
    int end = WordTable.word(offset + length - 1) + 1;
    words.vouch(WordTable.word(offset), end, storer);
    Arrays.fill(lineDue, line(offset), line(offset + length - 1) + 1, FLUSHES_OF_PUBLISHED);
  }

  /**
   * Sets who looks at what is done to this medium from now on.
   *
   * @param newSanitizer in place of the {@linkplain Sanitizer#byDefault() default}
   */
  public void sanitizeWith(Sanitizer newSanitizer) {
    synchronized (lock) {
      boolean announced = sanitizer.isAnnounced();
      sanitizer = new MediumSanitizer(newSanitizer);
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
      checkReliedOn(Thread.currentThread().threadId(), false);
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
    storing(offset, Long.BYTES);
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
    storing(offset, bytes.length);
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
    return words.changes();
  }

  long durableHash() {
    return words.durableHash();
  }

  long durable(int word) {
    return words.durable(word);
  }

  /** Returns a copy of the durable words that exist. */
  long[] durableWords() {
    return words.durableWords(Math.toIntExact(size / Long.BYTES));
  }

  /** Returns the pending words by rising offset. */
  List<PendingWord> pendingWords() {
    return words.sortedPending();
  }

  /** Says who decides which thread goes on at each store, flush and fence; null for nobody. */
  void setTurns(@Nullable Turns newTurns) {
    turns = newTurns;
  }

  /** Notes from now on where stores come from. */
  void notePlaces() {
    notesPlaces = true;
  }

  /** Returns where the newest value of a word that is not durable was stored, or null. */
  @Nullable CodePlace place(int word) {
    return words.place(word);
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
        checkReliedOn(EVERYBODY, false);
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
    assert words.isAtBase();
    WordSet changed = Objects.requireNonNull(source.words.changedDurable());
    for (int i = 0; i < changed.size(); i++) {
      int word = changed.get(i);
      ensureWord(word);
      words.setBase(word, source.words.durable(word));
    }
    changed.clear();
    if (source.sanitizer.isAnnounced()) {
      sanitizer.announce();
    }
  }

  /** Starts a new life of this lent medium with an image; the words are added by the caller. */
  void lend(long imageSize) {
    assert lent;
    assert words.isAtBase();
    size = imageSize;
    ensureWord(Math.toIntExact(imageSize / Long.BYTES) - 1);
    closed = false;
    powerCut = null;
    recovered = false;
    sanitizer.clearError();
    stores = flushes = flushedLines = fences = idleLines = idleFences = 0;
    // Whatever was stored to a line in an earlier life is durable in this one.
    bornAt = words.nextSequence();
    words.changed();
  }

  /** Adds a word to the image that is being lent. */
  void lendWord(int word, long value) {
    words.touch(word);
    words.setBase(word, value);
  }

  /** Takes the medium back: it holds the base again. */
  void takeBack() {
    assert lent;
    synchronized (lock) {
      hook = EventHook.NONE;
      words.restoreBase();
      if (notesByThread.size() > MOST_NOTES) {
        notesByThread.clear(); // threads that have ended
        lastNotes = new ThreadNotes(-1);
      }
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
    int word = words.unobserved();
    return word < 0 ? -1 : WordTable.offset(word);
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

  /** A block medium writes whole sectors back: the lines around the flushed ones come along. */
  private void flushRestOfSectors(int first, int last, ThreadNotes notes) {
    int linesPerSector = model.cellSize() / LINE_SIZE;
    int end = Math.min((last / linesPerSector + 1) * linesPerSector, line(size));
    for (int line = first / linesPerSector * linesPerSector; line < end; line++) {
      if (line < first || line > last) {
        flushLine(line, notes);
      }
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
    sanitizer.grant(
        notes, WordTable.word(offset), WordTable.word(offset + length - 1), words.count());
  }

  /** Forgets who stored what a range holds now. */
  private void discard(long offset, long length, long storer) {
    if (length > 0) {
      words.discard(
          WordTable.word(offset),
          WordTable.word(offset + length - 1) + 1,
          by -> storer == EVERYBODY || by == storer);
    }
  }

  /**
   * Reports what a thread, or anybody, has stored and not made durable.
   *
   * @param withPublished also what a durable record stands for: such as at the end, after which
   *     nobody will make it durable
   */
  private void checkReliedOn(long storer, boolean withPublished) {
    if (!sanitizer.isOn() || powerCut != null || words.pendingCount() == 0) {
      return;
    }
    for (PendingWord history : words.sortedPending()) {
      for (int i = 0; i < history.count(); i++) {
        long storedBy = history.storer(i);
        boolean counts = storedBy > 0 || (storedBy < 0 && withPublished);
        if (counts && (storer == EVERYBODY || storedBy == storer)) {
          ThreadNotes notes = notesByThread.get(Math.abs(storedBy));
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

  /**
   * Flushes a line, for the thread's next fence; says whether there was anything to write back, as
   * far as the thread knows.
   */
  private boolean flushLine(int line, ThreadNotes notes) {
    // Another thread may have stored and not reported yet: the write-back takes its value along.
    boolean found = false;
    for (int word = line * WORDS_PER_LINE; word < (line + 1) * WORDS_PER_LINE; word++) {
      found |= words.observe(word, PendingWord.NOBODY, null);
    }
    if (found) {
      lineStored[line] = words.nextSequence();
    }
    if (model == CrashModel.EADR) {
      settleLine(line, words.sequence(), notes.threadId);
    }
    boolean isDue = lineDue[line] > 0;
    if (isDue) {
      lineDue[line]--;
    }
    if (!isDue && (isClean(line, notes.threadId) || isFlushedBy(line, notes))) {
      return false;
    }
    notes.add(line, words.sequence());
    lineFlushed[line] = words.sequence();
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
    words.settle(line * WORDS_PER_LINE, (line + 1) * WORDS_PER_LINE, upTo);
    lineDurable[line] = Math.max(lineDurable[line], upTo);
    lineSettler[line] = settler;
  }

  private void settleAll() {
    for (int i = words.pendingCount() - 1; i >= 0; i--) {
      PendingWord history = words.pending(i);
      lineDurable[history.word / WORDS_PER_LINE] = words.sequence();
      words.settle(history, words.sequence());
    }
  }

  /**
   * After a power cut stores change nothing that a crash would leave; after close they are wrong.
   */
  private void refuseStore(int firstWord, int lastWord) {
    if (lent) {
      for (int word = firstWord; word <= lastWord; word++) {
        words.touch(word);
      }
    }
    if (closed) {
      throw new IllegalStateException(
          "store at 0x%x on a closed medium".formatted(WordTable.offset(firstWord)));
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
    if (word < words.count()) {
      return;
    }
    int lines = word / WORDS_PER_LINE + 1;
    words.extend(lines * WORDS_PER_LINE);
    lineStored = Arrays.copyOf(lineStored, lines);
    lineDurable = Arrays.copyOf(lineDurable, lines);
    lineFlushed = Arrays.copyOf(lineFlushed, lines);
    lineFlusher = Arrays.copyOf(lineFlusher, lines);
    lineSettler = Arrays.copyOf(lineSettler, lines);
    lineDue = Arrays.copyOf(lineDue, lines);
  }

  private static int line(long offset) {
    return Math.toIntExact(offset / LINE_SIZE);
  }
}
