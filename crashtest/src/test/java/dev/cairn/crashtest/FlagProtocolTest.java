package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The smallest protocol there is: two words of data, then a flag that vouches for them. Done right
 * it survives everything; each way to do it wrong is found.
 */
class FlagProtocolTest {
  private static final long DATA = 0;
  private static final long TAIL = 64;
  private static final long FLAG = 128;
  private static final long SIZE = 4096;

  /** A way to write data and flag. */
  enum Writer {
    RIGHT {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.fence();
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
      }
    },
    NO_FLUSH_OF_DATA {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.fence();
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
      }
    },
    NO_FLUSH_OF_FLAG {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.fence();
        medium.putLong(FLAG, 1);
        medium.fence();
      }
    },
    NO_FENCE_BETWEEN {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
      }
    },
    NO_FENCE_AT_THE_END {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.fence();
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
      }
    },
    FLUSH_BEFORE_STORE {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.putLong(TAIL, 2);
        medium.fence();
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
      }
    },
    FENCE_BEFORE_FLUSH {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.fence();
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
      }
    },
    FLAG_FIRST {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.flush(DATA, TAIL + 8 - DATA);
        medium.fence();
      }
    },
    TAIL_LINE_NOT_FLUSHED {
      @Override
      void write(SimulatedMedium medium) {
        medium.putLong(DATA, 1);
        medium.putLong(TAIL, 2);
        medium.flush(DATA, TAIL - DATA);
        medium.fence();
        medium.putLong(FLAG, 1);
        medium.flush(FLAG, 8);
        medium.fence();
      }
    };

    abstract void write(SimulatedMedium medium);
  }

  /** Without the sanitizer, which would find most of the mistakes before the explorer does. */
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(SIZE).withSanitizer(Sanitizer.off());

  private static ExplorationReport explore(Writer writer) {
    return EXPLORER.explore(workload(writer), FlagProtocolTest::check);
  }

  private static Workload workload(Writer writer) {
    return (medium, recorder) -> {
      recorder.start();
      writer.write(medium);
      recorder.acknowledge("written");
    };
  }

  private static void check(SimulatedMedium medium, Progress progress) {
    if (medium.getLong(FLAG) == 1) {
      assertEquals(1, medium.getLong(DATA), "data");
      assertEquals(2, medium.getLong(TAIL), "tail");
    } else {
      assertEquals(0, progress.count(), "acknowledged and lost");
    }
  }

  @Test
  void theRightOrderSurvives() {
    ExplorationReport report = explore(Writer.RIGHT);

    // Flush and fence of the data: 2 x 2 images, none of them new at the fence. Flush and fence of
    // the flag: data alone (known) and with the flag. At the end: the same, now acknowledged.
    assertEquals(5, report.events());
    assertEquals(4 + 2 + 1, report.imagesBuilt());
    assertEquals(4 + 1 + 1, report.imagesDistinct());
    assertEquals(0, report.sampledEvents());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RIGHT")
  void everyOtherOrderIsCaught(Writer writer) {
    CrashTestFailure failure = assertThrows(CrashTestFailure.class, () -> explore(writer));
    CrashTestFailure again =
        assertThrows(
            CrashTestFailure.class,
            () -> EXPLORER.replay(failure.replay(), workload(writer), FlagProtocolTest::check));

    assertEquals(failure.image(), again.image());
    assertEquals(failure.progress(), again.progress());
    assertEquals(failure.getMessage(), again.getMessage());
  }
}
