package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;

/** A file in persistent memory, mapped with {@code MAP_SYNC}: what leaves the cache is durable. */
final class DaxMedium extends CacheLineMedium {

  /**
   * Makes a medium of a mapped file.
   *
   * @param writeBack as {@link #writeBackTo} says; {@code FORCE} needs a mapping made by the JVM
   */
  DaxMedium(Mapping mapping, long size, WriteBack writeBack) {
    super(mapping, size, new Durability(Durability.Level.POWER_FAIL, reason(writeBack)), writeBack);
  }

  /** Chooses how lines get to where they are durable. */
  static WriteBack writeBackTo(PersistenceDomain domain) {
    if (domain == PersistenceDomain.CPU_CACHE) {
      return WriteBack.NONE;
    }
    return FlushInstructions.areAvailable() ? WriteBack.INSTRUCTIONS : WriteBack.FORCE;
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
