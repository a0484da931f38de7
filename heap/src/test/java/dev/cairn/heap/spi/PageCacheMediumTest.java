package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.spi.MappedMedium.Mapping;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PageCacheMediumTest {
  private static final long PAGE = 4096;

  /** The first page of the address space, which nobody can map: msync refuses it. */
  @Test
  void failsForGoodOnceAnMsyncHasFailed() {
    Mapping nothing =
        new Mapping(
            "broken", null, Arena.ofShared(), MemorySegment.ofAddress(PAGE), PageAdvice.NONE);
    try (PageCacheMedium medium =
        PageCacheMedium.of(nothing, 10 * PAGE, Durability.Level.OS_CRASH, false)) {
      medium.fence();
      medium.flush(3 * PAGE, 8);
      medium.flush(5 * PAGE, 8);
      HeapFailedException e = assertThrows(HeapFailedException.class, medium::fence);
      assertTrue(
          String.valueOf(e.getMessage())
              .startsWith("broken: write-back of offset 0x3000 to 0x6000 failed"),
          e.getMessage());
      assertThrows(HeapFailedException.class, medium::fence);
      medium.flush(0, 8);
      assertThrows(HeapFailedException.class, medium::fence);
    }
  }

  @Test
  void doesNothingIfOnlyTheProcessMayCrash() {
    Mapping nothing =
        new Mapping(
            "broken", null, Arena.ofShared(), MemorySegment.ofAddress(PAGE), PageAdvice.NONE);
    try (PageCacheMedium medium =
        PageCacheMedium.of(nothing, PAGE, Durability.Level.PROCESS_CRASH, false)) {
      medium.flush(0, PAGE);
      medium.fence();
    }
  }
}
