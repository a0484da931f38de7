package dev.cairn.btt;

import static dev.cairn.btt.SmallTable.content;
import static dev.cairn.btt.SmallTable.contents;
import static dev.cairn.btt.SmallTable.formatWithLog;
import static dev.cairn.btt.SmallTable.open;
import static dev.cairn.btt.SmallTable.read;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashScenario;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Writes of one block and of several by two threads, in many interleavings, each cut short at every
 * flush and fence: what had returned is there, and what is done again after a crash undoes nothing.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class BttInterleavingTest {
  private static final int BLOCKS = 4;

  /** Blocks of a store, or of an array. */
  private record Subject(@Nullable BttStore store, List<Integer> model) {
    static Subject of(BttStore store) {
      return new Subject(store, List.of());
    }

    Object state() {
      List<Integer> values = new ArrayList<>();
      for (int block = 0; block < BLOCKS; block++) {
        values.add(value(block));
      }
      return values;
    }

    int value(int block) {
      if (store == null) {
        return model.get(block);
      }
      byte[] found = read(store, block);
      assertArrayEquals(content(store, found[0]), found);
      return found[0];
    }

    void write(int value, long... blocks) {
      if (store != null) {
        store.write(contents(store, value, blocks));
      } else {
        Arrays.stream(blocks).forEach(block -> model.set((int) block, value));
      }
    }

    void verify() {
      if (store != null) {
        assertTrue(store.damage().isEmpty(), store.damage()::toString);
      }
    }
  }

  private static Operation<Subject> write(int value, long... blocks) {
    return Operation.run(
        "write %d to %s".formatted(value, Arrays.toString(blocks)),
        subject -> subject.write(value, blocks));
  }

  private static Operation<Subject> readFirst() {
    return Operation.call("read 0", subject -> subject.value(0));
  }

  private static void explore(CrashScenario<Subject> scenario) {
    ExplorationReport report =
        CrashExplorer.onMedium(SmallTable.ARENA_SIZE)
            .withExhaustiveLimit(16)
            .withSamples(8)
            .withNestedDepth(0)
            .withNestedLimits(0, 0)
            .withSchedules(60)
            .explore(scenario);
    assertTrue(report.schedules() > 20, report::toString);
  }

  private static CrashScenario<Subject> scenario() {
    return CrashScenario.of(
            medium -> Subject.of(formatWithLog(medium)), medium -> Subject.of(open(medium)))
        .withModel(() -> new Subject(null, new ArrayList<>(Collections.nCopies(BLOCKS, 0))))
        .withState(Subject::state)
        .withVerify(Subject::verify);
  }

  /** Who has read what was committed writes after it, though the commit has not returned. */
  @Test
  void aCommitIsNotDoneAgainOverALaterWrite() {
    explore(
        scenario()
            .prepare(write(1, 0, 1))
            .thread(write(2, 0, 1, 2))
            .thread(readFirst(), write(3, 1)));
  }

  @Test
  void commitsFollowOneAnother() {
    explore(scenario().thread(write(2, 0, 1), write(4, 3)).thread(write(3, 1, 2)));
  }

  @Test
  void singleWritesOfTheSameBlockFollowOneAnother() {
    explore(scenario().thread(write(1, 0), write(2, 0)).thread(write(3, 0), write(4, 1)));
  }
}
