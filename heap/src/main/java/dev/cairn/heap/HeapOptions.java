package dev.cairn.heap;

import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * How a heap is created and opened. Immutable; start from {@link #defaults()} and change what
 * matters.
 */
public final class HeapOptions {
  /** The least a heap can be: superblocks, lanes, and one zone with room for a few chunks. */
  public static final long MINIMUM_SIZE = 2L << 20;

  /** The most a heap can be: what a 48-bit offset reaches, less a margin. */
  public static final long LARGEST_SIZE = 1L << 46;

  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

  private static final HeapOptions DEFAULTS =
      new HeapOptions(
          16L << 20,
          64L << 30,
          MediumKind.AUTOMATIC,
          Durability.Level.OS_CRASH,
          Duration.ofSeconds(10),
          UnaryOperator.identity(),
          true,
          false);

  private final long initialSize;
  private final long maximumSize;
  private final MediumKind medium;
  private final Durability.Level pageCacheLevel;
  private final Duration lockTimeout;
  private final UnaryOperator<Medium> mediumDecorator;
  private final boolean hugePages;
  private final boolean prefault;

  private HeapOptions(
      long initialSize,
      long maximumSize,
      MediumKind medium,
      Durability.Level pageCacheLevel,
      Duration lockTimeout,
      UnaryOperator<Medium> mediumDecorator,
      boolean hugePages,
      boolean prefault) {
    this.initialSize = initialSize;
    this.maximumSize = maximumSize;
    this.medium = medium;
    this.pageCacheLevel = pageCacheLevel;
    this.lockTimeout = lockTimeout;
    this.mediumDecorator = mediumDecorator;
    this.hugePages = hugePages;
    this.prefault = prefault;
  }

  /**
   * Returns the defaults: 16 MiB that grow by themselves up to 64 GiB, the best medium that the
   * path allows, OS-crash safety on ordinary files, 10 seconds of waiting for a lock, huge pages
   * where they are to be had, each mapped at its first use.
   *
   * @return the default options
   */
  public static HeapOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Sets how large the file is when it is created. Rounded up to whole chunks of 256 KiB. Ignored
   * by an open.
   *
   * @param bytes {@link #MINIMUM_SIZE} to {@link #LARGEST_SIZE}
   * @return the changed options
   * @throws IllegalArgumentException if the size is out of range
   */
  public HeapOptions withInitialSize(long bytes) {
    return new HeapOptions(
        checkedSize("initial size", bytes),
        maximumSize,
        medium,
        pageCacheLevel,
        lockTimeout,
        mediumDecorator,
        hugePages,
        prefault);
  }

  /**
   * Sets how large the heap may become. Address space only: storage is taken as the heap grows.
   * Fixed when the heap is created; an open uses what the file says.
   *
   * @param bytes {@link #MINIMUM_SIZE} to {@link #LARGEST_SIZE}; if below the initial size, create
   *     throws
   * @return the changed options
   * @throws IllegalArgumentException if the size is out of range
   */
  public HeapOptions withMaximumSize(long bytes) {
    return new HeapOptions(
        initialSize,
        checkedSize("maximum size", bytes),
        medium,
        pageCacheLevel,
        lockTimeout,
        mediumDecorator,
        hugePages,
        prefault);
  }

  /**
   * Sets the medium, instead of the automatic choice.
   *
   * @param kind the medium; create and open throw {@link java.io.IOException} where the path cannot
   *     be used so
   * @return the changed options
   */
  public HeapOptions withMedium(MediumKind kind) {
    return new HeapOptions(
        initialSize,
        maximumSize,
        Objects.requireNonNull(kind),
        pageCacheLevel,
        lockTimeout,
        mediumDecorator,
        hugePages,
        prefault);
  }

  /**
   * Sets what a heap in the page cache survives. {@link Durability.Level#OS_CRASH} pays an {@code
   * msync} at each fence; {@link Durability.Level#PROCESS_CRASH} pays nothing, and a crash of the
   * operating system may then damage the heap beyond repair.
   *
   * @param level {@code OS_CRASH} or {@code PROCESS_CRASH}
   * @return the changed options
   * @throws IllegalArgumentException for another level: a page cache promises one of these two
   */
  public HeapOptions withPageCacheLevel(Durability.Level level) {
    if (Objects.requireNonNull(level) != Durability.Level.OS_CRASH
        && level != Durability.Level.PROCESS_CRASH) {
      throw new IllegalArgumentException(
          "page cache level " + level + ": a page cache promises OS_CRASH or PROCESS_CRASH");
    }
    return new HeapOptions(
        initialSize, maximumSize, medium, level, lockTimeout, mediumDecorator, hugePages, prefault);
  }

  /**
   * Sets how long an operation waits for a lock that another transaction holds before it gives up.
   *
   * @param timeout more than zero, at most 365 days
   * @return the changed options
   * @throws IllegalArgumentException if the timeout is out of range
   */
  public HeapOptions withLockTimeout(Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("lock timeout " + timeout + ": must be positive");
    }
    if (timeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "lock timeout " + timeout + ": must be at most " + LONGEST_TIMEOUT);
    }
    return new HeapOptions(
        initialSize,
        maximumSize,
        medium,
        pageCacheLevel,
        timeout,
        mediumDecorator,
        hugePages,
        prefault);
  }

  /**
   * Puts something between the heap and the medium of its file: for crash tests, tracing, and
   * faults on purpose. Without it nothing is in between, and nothing is paid.
   *
   * <p>The decorator is called once by each create and open of a path, before the heap stores
   * anything; a heap on a {@link Medium} of the caller's is not decorated. What it returns must
   * have the segment of the medium that it is given, and pass on each flush, fence, growth and
   * close. If it throws, the create or open throws that, and leaves the file as it does for other
   * failures.
   *
   * @param decorator takes the medium that was chosen, and returns the one to use
   * @return the changed options
   */
  public HeapOptions withMediumDecorator(UnaryOperator<Medium> decorator) {
    return new HeapOptions(
        initialSize,
        maximumSize,
        medium,
        pageCacheLevel,
        lockTimeout,
        Objects.requireNonNull(decorator),
        hugePages,
        prefault);
  }

  /**
   * Sets whether the heap asks for pages of 2 MiB, on DAX and on file systems in memory. One entry
   * of the CPU's page tables then reaches as far as 512 do otherwise, so that random accesses to a
   * large heap wait for fewer of them. To ask costs next to nothing, and the system may decline.
   *
   * <p>On DAX the system needs to find storage of 2 MiB in one piece. On tmpfs, pages are huge from
   * the start if it is mounted with {@code huge=always} or {@code huge=within_size}; if with {@code
   * huge=advise}, the system puts them together in the background, slowly; else they are huge only
   * with {@linkplain #withPrefault prefault}. Files in the page cache keep their small pages: each
   * fence would write back whole huge ones.
   *
   * @param asked true, the default, to ask for them; false to keep to pages of 4 KiB
   * @return the changed options
   */
  public HeapOptions withHugePages(boolean asked) {
    return new HeapOptions(
        initialSize,
        maximumSize,
        medium,
        pageCacheLevel,
        lockTimeout,
        mediumDecorator,
        asked,
        prefault);
  }

  /**
   * Sets whether create and open have the system map all pages of the heap before they return, and
   * growth all that it adds, instead of each at its first use. The cost is so paid once and at a
   * known time; it grows with the heap. On file systems in memory it also puts {@linkplain
   * #withHugePages huge pages} together, if they are asked for and the system can: it copies the
   * heap once to do so, within memory, and needs 2 MiB of free memory for each huge page meanwhile.
   *
   * <p>A file in the page cache is read as a whole. No byte of a heap is changed. What the system
   * declines is left out: neither create nor open nor growth fails for it.
   *
   * @param prefaults true to do so; false is the default
   * @return the changed options
   */
  public HeapOptions withPrefault(boolean prefaults) {
    return new HeapOptions(
        initialSize,
        maximumSize,
        medium,
        pageCacheLevel,
        lockTimeout,
        mediumDecorator,
        hugePages,
        prefaults);
  }

  /**
   * Returns the size of a new file.
   *
   * @return in bytes
   */
  public long initialSize() {
    return initialSize;
  }

  /**
   * Returns how large a new heap may become.
   *
   * @return in bytes
   */
  public long maximumSize() {
    return maximumSize;
  }

  /**
   * Returns the chosen medium.
   *
   * @return the kind
   */
  public MediumKind medium() {
    return medium;
  }

  /**
   * Returns what a heap in the page cache survives.
   *
   * @return {@code OS_CRASH} or {@code PROCESS_CRASH}
   */
  public Durability.Level pageCacheLevel() {
    return pageCacheLevel;
  }

  /**
   * Returns how long an operation waits for a lock.
   *
   * @return the limit
   */
  public Duration lockTimeout() {
    return lockTimeout;
  }

  /**
   * Returns what is put between the heap and the medium of its file.
   *
   * @return the decorator; the identity unless one was set
   */
  public UnaryOperator<Medium> mediumDecorator() {
    return mediumDecorator;
  }

  /**
   * Says whether the heap asks for huge pages.
   *
   * @return true unless it was told not to
   */
  public boolean hugePages() {
    return hugePages;
  }

  /**
   * Says whether all pages are mapped at create, open and growth.
   *
   * @return true if it was asked for
   */
  public boolean prefault() {
    return prefault;
  }

  private static long checkedSize(String what, long bytes) {
    if (bytes < MINIMUM_SIZE || bytes > LARGEST_SIZE) {
      throw new IllegalArgumentException(
          "%s %,d bytes: expected %,d to %,d".formatted(what, bytes, MINIMUM_SIZE, LARGEST_SIZE));
    }
    return bytes;
  }
}
