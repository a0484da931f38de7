package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;

/** A file in persistent memory, mapped with {@code MAP_SYNC}: what leaves the cache is durable. */
final class DaxMedium extends CacheLineMedium {

  private DaxMedium(Mapping mapping, long size, WriteBack writeBack) {
    super(mapping, size, new Durability(Durability.Level.POWER_FAIL, reason(writeBack)), writeBack);
  }

  /** Makes a medium of a file that was mapped with {@code MAP_SYNC}. */
  static DaxMedium of(Mapping mapping, long size, PersistenceDomain domain) {
    WriteBack writeBack;
    if (domain == PersistenceDomain.CPU_CACHE) {
      writeBack = WriteBack.NONE;
    } else if (FlushInstructions.areAvailable()) {
      writeBack = WriteBack.INSTRUCTIONS;
    } else {
      writeBack = WriteBack.FORCE;
    }
    return new DaxMedium(mapping, size, writeBack);
  }

  private static String reason(WriteBack writeBack) {
    String how =
        switch (writeBack) {
          case INSTRUCTIONS ->
              "lines are flushed by " + FlushInstructions.name() + " and ordered by sfence";
          case FORCE ->
              "lines are flushed by the JVM (" + FlushInstructions.name() + "), one fence a flush";
          case NONE -> "the CPU's caches are durable too, so only the order of stores matters";
        };
    return "persistent memory (DAX, mapped with MAP_SYNC): " + how;
  }
}
