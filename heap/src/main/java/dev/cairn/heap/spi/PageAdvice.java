package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.cairn.heap.HeapOptions;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * How the kernel is asked to back a mapping by pages.
 *
 * <p>It is only ever asked: whatever it declines, the heap works without, at the cost of more page
 * faults and of more entries of page tables. Nothing here stores to the mapping, so there is no
 * state that a crash could leave behind.
 */
final class PageAdvice {
  /** For mappings that are left as they are. */
  static final PageAdvice NONE = new PageAdvice(Backing.OTHER, true, false);

  /** How much is asked for at a time: a call that takes long cannot be interrupted. */
  private static final long PIECE = 32L << 20;

  private static final long PAGE_SIZE = 4096;
  private static final VarHandle BYTE = JAVA_BYTE.varHandle();

  /** What lies under a mapping. */
  enum Backing {
    /** A file system in memory: its pages can be put together into huge ones. */
    MEMORY,
    /** Persistent memory: its pages are huge where the storage is in one piece. */
    DAX,
    /**
     * The page cache. A huge page would be read and written back as a whole for each word in it,
     * and a page that is mapped for stores counts as changed: so none of either is asked for.
     */
    PAGE_CACHE,
    /** Nothing that is worth a call. */
    OTHER
  }

  private final Backing backing;
  private final boolean huge;
  private final boolean prefault;

  private PageAdvice(Backing backing, boolean huge, boolean prefault) {
    this.backing = backing;
    this.huge = huge;
    this.prefault = prefault;
  }

  static PageAdvice of(Backing backing, HeapOptions options) {
    return new PageAdvice(backing, options.hugePages(), options.prefault());
  }

  /** Says, for a whole new mapping, which pages it should have as it is used. */
  void mapped(MemorySegment mapping) {
    if (backing == Backing.MEMORY || backing == Backing.DAX) {
      int advice = huge ? SystemCalls.MADV_HUGEPAGE : SystemCalls.MADV_NOHUGEPAGE;
      ask(mapping, 0, mapping.byteSize(), advice);
    }
  }

  /**
   * Has a range mapped that the file now has storage for, if that is wanted.
   *
   * @param from first byte, a multiple of 4 KiB
   * @param to the end, a multiple of 4 KiB
   */
  void added(MemorySegment mapping, long from, long to) {
    if (!prefault) {
      return;
    }
    if (huge && backing == Backing.MEMORY) {
      // First: what is mapped as small pages would have to be unmapped again.
      collapse(mapping, from & -HeapLayout.HUGE_PAGE_SIZE, to & -HeapLayout.HUGE_PAGE_SIZE);
    }
    if (!populate(mapping, from, to)) {
      touch(mapping, from, to);
    }
  }

  private static void collapse(MemorySegment mapping, long from, long to) {
    for (long at = from; at < to; at += PIECE) {
      int refusal = ask(mapping, at, Math.min(to, at + PIECE), SystemCalls.MADV_COLLAPSE);
      if (refusal == SystemCalls.ENOMEM) {
        return; // No free memory in such pieces.
      }
      // Another refusal may be about one page of many, which somebody else uses just now.
    }
  }

  /** Returns false if the kernel does not know what it is asked. */
  private boolean populate(MemorySegment mapping, long from, long to) {
    int advice =
        backing == Backing.PAGE_CACHE
            ? SystemCalls.MADV_POPULATE_READ
            : SystemCalls.MADV_POPULATE_WRITE;
    for (long at = from; at < to; at += PIECE) {
      int refusal = ask(mapping, at, Math.min(to, at + PIECE), advice);
      if (refusal == SystemCalls.EINVAL || refusal == SystemCalls.ENOSYS) {
        return false;
      }
    }
    return true;
  }

  /** Returns 0, or the number of the error with which the kernel declined. */
  private static int ask(MemorySegment mapping, long from, long to, int advice) {
    try {
      SystemCalls.advise(mapping.address() + from, to - from, advice);
      return 0;
    } catch (SystemCallException e) {
      return e.errno();
    }
  }

  /** Reads a byte of each page: for kernels that cannot be asked to map them. */
  static void touch(MemorySegment mapping, long from, long to) {
    try {
      for (long at = from; at < to; at += PAGE_SIZE) {
        var _ = (byte) BYTE.getVolatile(mapping, at); // Volatile, so that it is not left out.
      }
    } catch (InternalError lost) {
      // The file was truncated meanwhile. Whoever uses the page is told.
    }
  }
}
