package dev.cairn.evidence.mutants.scenarios;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.HeapLayout;
import java.util.List;

/** The file: superblocks, creation, growth. */
final class HeapScenarios {
  private static final long SIZE = HeapOptions.MINIMUM_SIZE;
  private static final long SLOT_SIZE = 4096;
  private static final HeapOptions OPTIONS = HeapOptions.defaults();

  private HeapScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.HEAP, "mark in use, grow, close", HeapScenarios::markGrowClose),
        new Scenario(Area.HEAP, "repair of a damaged superblock", HeapScenarios::repair),
        new Scenario(Area.HEAP, "creation over an old heap", HeapScenarios::creation),
        new Scenario(Area.HEAP, "flipped bits of a superblock", HeapScenarios::flippedBits));
  }

  private static void markGrowClose() {
    long grown = SIZE + HeapLayout.CHUNK_SIZE;
    Scenarios.explore(
        CrashExplorer.onMedium(SIZE).withMaximumSize(2 * SIZE),
        (medium, recorder) -> {
          HeapFile heap = HeapFile.create(medium, OPTIONS);
          recorder.start();
          heap.markInUse();
          recorder.acknowledge("in use");
          heap.grow(grown);
          recorder.acknowledge("grown");
          heap.close();
          recorder.acknowledge("closed");
        },
        (medium, progress) -> {
          int done = progress.count();
          if (done > 0) {
            // Updates write both slots; only the one under way may be missing from one of them.
            assertTrue(medium.getLong(32) >= 1 + done, "slot 0 was not updated");
            assertTrue(medium.getLong(SLOT_SIZE + 32) >= 1 + done, "slot 1 was not updated");
          }
          HeapFile heap = HeapFile.open(medium, OPTIONS);
          boolean marked = !heap.wasClosedCleanly();
          assertTrue(heap.size() == grown || (heap.size() == SIZE && done < 2), "size");
          assertTrue(heap.size() == SIZE || done > 0, "grown early");
          assertTrue(marked || done == 0 || done > 1, "changed, and marked as closed");
          assertTrue(!marked || done < 3, "closed, and marked as in use");
          medium.onEvent(EventHook.NONE);
          assertSlotsEqual(medium);
          if (heap.size() == SIZE) {
            heap.grow(grown);
          }
          assertEquals(0, heap.accessor().getWord(grown - Long.BYTES));
        });
  }

  private static void assertSlotsEqual(SimulatedMedium medium) {
    for (long at = 0; at < SLOT_SIZE; at += Long.BYTES) {
      assertEquals(medium.getLong(at), medium.getLong(SLOT_SIZE + at), "slots differ");
    }
  }

  /** The open that repairs a slot is what crashes. */
  private static void repair() {
    for (long slot = 0; slot < 2; slot++) {
      long start = slot * SLOT_SIZE;
      Scenarios.explore(
          CrashExplorer.onMedium(SIZE),
          (medium, recorder) -> {
            HeapFile.create(medium, OPTIONS);
            for (long at : new long[] {32, 56, 112, 128, 2048, 4088}) {
              medium.putLong(start + at, 0x5555_5555_5555_5555L);
            }
            medium.flush(start, SLOT_SIZE);
            medium.fence();
            recorder.start();
            HeapFile.open(medium, OPTIONS);
            recorder.acknowledge("opened");
          },
          (medium, progress) -> {
            if (progress.count() > 0) {
              assertSlotsEqual(medium);
            }
            assertEquals(SIZE, HeapFile.open(medium, OPTIONS).size());
            assertSlotsEqual(medium);
          });
    }
  }

  /** Some words of the old heap, spread over what a creation must clear. */
  private static final long[] OLD_WORDS = {
    HeapLayout.ROOT_OFFSET,
    HeapLayout.LANES_OFFSET,
    HeapLayout.LANES_OFFSET + 64,
    HeapLayout.ZONES_OFFSET - 8,
    HeapLayout.ZONES_OFFSET + 8,
    HeapLayout.ZONES_OFFSET + HeapLayout.CHUNK_SIZE - 8,
  };

  private static void creation() {
    Scenarios.explore(
        CrashExplorer.onMedium(SIZE).withExhaustiveLimit(300).withSamples(30).withNestedDepth(0),
        (medium, recorder) -> {
          HeapFile old = HeapFile.create(medium, OPTIONS);
          old.markInUse();
          for (long at : OLD_WORDS) {
            medium.putLong(at, 7);
          }
          medium.flush(0, SIZE);
          medium.fence();
          recorder.start();
          HeapFile.create(medium, OPTIONS);
          recorder.acknowledge("created");
        },
        (medium, progress) -> {
          try {
            // The old heap was in use, the new one is as if closed.
            HeapFile found = HeapFile.open(medium, OPTIONS);
            boolean old = !found.wasClosedCleanly();
            assertTrue(!old || progress.count() == 0, "the old heap came back");
            for (long at : OLD_WORDS) {
              assertEquals(old ? 7 : 0, medium.getLong(at), () -> "word " + at);
            }
          } catch (HeapFormatException unfinished) {
            assertTrue(String.valueOf(unfinished.getMessage()).contains("never finished"));
            assertEquals(0, progress.count(), "created, and gone");
          }
        });
  }

  /** Both copies are damaged in the same bit, so that neither helps the other. */
  private static void flippedBits() {
    try (SimulatedMedium medium = Scenarios.medium(SIZE, SIZE)) {
      HeapFile.create(medium, OPTIONS);
      flippedBits(medium);
    }
  }

  private static void flippedBits(SimulatedMedium medium) {
    for (int bit = 0; bit < 128 * Byte.SIZE; bit++) {
      Switches.countImage();
      flip(medium, bit);
      try {
        HeapFile.open(medium, OPTIONS);
        throw new AssertionError("nobody noticed bit " + bit);
      } catch (HeapCorruptedException | HeapFormatException expected) {
        flip(medium, bit);
      }
    }
  }

  private static void flip(SimulatedMedium medium, int bit) {
    for (long slot = 0; slot < 2; slot++) {
      long at = slot * SLOT_SIZE + bit / Long.SIZE * (long) Long.BYTES;
      medium.putLong(at, medium.getLong(at) ^ (1L << bit));
    }
  }
}
