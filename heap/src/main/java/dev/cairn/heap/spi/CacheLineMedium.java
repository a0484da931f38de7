package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFailedException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** Memory that the CPU's own flush instructions reach. */
abstract sealed class CacheLineMedium extends MappedMedium permits DaxMedium, MemoryMedium {
  private static final long PAGE_SIZE = 4096;

  /** How lines leave the cache. */
  enum WriteBack {
    /** By {@link FlushInstructions}. */
    INSTRUCTIONS,
    /** By {@link MemorySegment#force}, which fences at every call. */
    FORCE,
    /** They need not: the cache is durable, or nothing is. Only the order of stores matters. */
    NONE
  }

  private final WriteBack writeBack;
  private final boolean hasFenceInstruction = FlushInstructions.areAvailable();
  private final MemorySegment bytes;
  private final long address;

  CacheLineMedium(Mapping mapping, long size, Durability durability, WriteBack writeBack) {
    super(mapping, size, durability);
    this.writeBack = writeBack;
    this.bytes = mapping.segment();
    this.address = bytes.address();
  }

  @Override
  public final void flush(long offset, long length) {
    checkRange(offset, length);
    if (length == 0 || writeBack == WriteBack.NONE) {
      return;
    }
    try {
      if (writeBack == WriteBack.FORCE) {
        bytes.asSlice(offset, length).force();
        return;
      }
      long touched = touch(offset, offset + length);
      FlushInstructions.flush(address + offset, address + offset + length, touched);
    } catch (InternalError fault) {
      throw new HeapFailedException(
          "%s: a page at offset 0x%x to 0x%x is gone; was the file truncated?"
              .formatted(name(), offset, offset + length),
          fault);
    }
  }

  /**
   * Loads a byte of each page. Where a page has vanished, a load by Java code is an error that can
   * be caught; a flush instruction would kill the JVM.
   *
   * @return something that depends on all loads, so that the JIT cannot leave them out
   */
  private long touch(long start, long end) {
    long sum = 0;
    for (long at = start; at < end; at = (at + PAGE_SIZE) & -PAGE_SIZE) {
      sum += bytes.get(JAVA_BYTE, at);
    }
    return sum;
  }

  @Override
  public final void fence() {
    if (hasFenceInstruction) {
      FlushInstructions.fence();
    } else {
      VarHandle.fullFence();
    }
  }
}
