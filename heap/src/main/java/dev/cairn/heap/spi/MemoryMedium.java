package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;
import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * Memory of the kernel or of this process: the same instructions as on {@link DaxMedium}, at the
 * same cost to the program, on bytes that no power failure spares.
 */
public final class MemoryMedium extends CacheLineMedium {

  private MemoryMedium(Mapping mapping, long size, Durability durability) {
    super(
        mapping,
        size,
        durability,
        FlushInstructions.areAvailable() ? WriteBack.INSTRUCTIONS : WriteBack.NONE);
  }

  /**
   * Makes a medium of memory that belongs to this process and ends with it: for tests and
   * benchmarks. The CPU executes each flush and fence as it would on persistent memory.
   *
   * @param size how many bytes there are at first
   * @param maximumSize how far it can grow; address space only
   * @return the medium; all zeros
   * @throws IOException if there is no address space for that
   */
  public static MemoryMedium anonymous(long size, long maximumSize) throws IOException {
    if (size < 0 || size > maximumSize) {
      throw new IllegalArgumentException(
          "size 0x%x, expected 0 to the maximum size 0x%x".formatted(size, maximumSize));
    }
    Arena arena = Arena.ofShared();
    try {
      return new MemoryMedium(
          new Mapping(
              "anonymous memory",
              null,
              arena,
              SystemCalls.mapAnonymous(maximumSize, arena),
              PageAdvice.NONE),
          size,
          new Durability(
              Durability.Level.NOTHING,
              "anonymous memory ends with the process; " + instructions()));
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  /** Makes a medium of a mapped file on tmpfs or ramfs. */
  static MemoryMedium ofFile(Mapping mapping, long size) {
    return new MemoryMedium(
        mapping,
        size,
        new Durability(
            Durability.Level.PROCESS_CRASH,
            "a file in the kernel's memory outlives this process but no restart of the system; "
                + instructions()));
  }

  private static String instructions() {
    return FlushInstructions.areAvailable()
        ? "lines are flushed by " + FlushInstructions.name() + " and sfence, as on DAX"
        : FlushInstructions.name() + ", so nothing is flushed and a fence orders stores only";
  }
}
