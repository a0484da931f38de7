package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFailedException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Memory that the CPU's own flush instructions reach. */
abstract sealed class CacheLineMedium extends MappedMedium permits DaxMedium, MemoryMedium {
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
    boolean done;
    if (writeBack == WriteBack.INSTRUCTIONS) {
      done = FlushInstructions.flush(address + offset, address + offset + length);
    } else {
      done = force(offset, length);
    }
    if (!done) {
      throw vanished(offset, length);
    }
  }

  private boolean force(long offset, long length) {
    try {
      bytes.asSlice(offset, length).force();
      return true;
    } catch (InternalError fault) {
      return false;
    }
  }

  private HeapFailedException vanished(long offset, long length) {
    try {
      return vanished(offset, length, null);
    } catch (InternalError late) {
      // The caller's own store met the missing page first. The JVM notes that and lets compiled
      // code run on for a while: it may well throw here.
      return vanished(offset, length, late);
    }
  }

  private HeapFailedException vanished(long offset, long length, @Nullable InternalError cause) {
    return new HeapFailedException(
        "%s: a page from offset 0x%x to 0x%x is gone; was the file truncated?"
            .formatted(name(), offset, offset + length),
        cause);
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
