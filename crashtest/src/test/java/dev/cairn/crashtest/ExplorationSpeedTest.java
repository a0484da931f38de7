package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many images can be checked in a second on a heap of 2 MiB? Prints; asserts no time. */
@Tag("long")
class ExplorationSpeedTest {
  private static final long SIZE = 2L << 20;
  private static final long LOG = 65536;
  private static final long SEAL = LOG + 16 * 8;
  private static final long RECOVERIES = SEAL + 64;
  private static final long TABLE = 1L << 20;
  private static final int OPERATIONS = 200;
  private static final int WORDS = 8;

  @Test
  void printsImagesPerSecond() {
    for (int round = 0; round < 3; round++) {
      for (int depth = 0; depth <= 1; depth++) {
        ExplorationReport report =
            CrashExplorer.onMedium(SIZE)
                .withNestedDepth(depth)
                .explore(ExplorationSpeedTest::operate, ExplorationSpeedTest::check);
        System.out.printf(
            "nested depth %d: %,.0f images/s; %s%n", depth, report.imagesPerSecond(), report);
        assertTrue(report.imagesDistinct() > OPERATIONS, report.toString());
      }
    }
  }

  private static void operate(SimulatedMedium medium, Recorder recorder) {
    recorder.start();
    for (int operation = 1; operation <= OPERATIONS; operation++) {
      long target = TABLE + (operation * 7919L % 1000) * 64;
      medium.putLong(LOG, target);
      long sum = target;
      for (int word = 0; word < WORDS; word++) {
        long old = medium.getLong(target + word * 8L);
        medium.putLong(LOG + 8 + word * 8L, old);
        sum = sum * 31 + old;
      }
      medium.putLong(SEAL, sum * 31 + 1);
      medium.flush(LOG, SEAL + 8 - LOG);
      medium.fence();
      for (int word = 0; word < WORDS; word++) {
        medium.putLong(target + word * 8L, operation);
      }
      medium.flush(target, 64);
      medium.fence();
      medium.putLong(SEAL, 0);
      medium.flush(SEAL, 8);
      medium.fence();
      recorder.acknowledge(operation);
    }
  }

  private static void check(SimulatedMedium medium, Progress progress) {
    long target = medium.getLong(LOG);
    long sum = target;
    for (int word = 0; word < WORDS; word++) {
      sum = sum * 31 + medium.getLong(LOG + 8 + word * 8L);
    }
    if (target != 0 && medium.getLong(SEAL) == sum * 31 + 1) {
      medium.putLong(RECOVERIES, medium.getLong(RECOVERIES) + 1);
      medium.flush(RECOVERIES, 8);
      for (int word = 0; word < WORDS; word++) {
        medium.putLong(target + word * 8L, medium.getLong(LOG + 8 + word * 8L));
      }
      medium.flush(target, 64);
      medium.fence();
      medium.putLong(SEAL, 0);
      medium.flush(SEAL, 8);
      medium.fence();
    }
    for (int operation = 1; operation <= progress.count() + 1; operation++) {
      long place = TABLE + (operation * 7919L % 1000) * 64;
      long first = medium.getLong(place);
      assertTrue(first == operation || (first == 0 && operation > progress.count()));
      for (int word = 1; word < WORDS; word++) {
        assertEquals(first, medium.getLong(place + word * 8L));
      }
    }
  }
}
