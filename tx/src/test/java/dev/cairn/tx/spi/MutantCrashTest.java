package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.set;
import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashTestFailure;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.crashtest.Workload;
import dev.cairn.heap.Medium;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Leaves out each flush and each fence of a transaction in turn: the explorer must notice every
 * one, or it was not needed. The sanitizer would notice it first, and is off.
 */
class MutantCrashTest {
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(TestHeap.SIZE).withNestedDepth(0).withSanitizer(Sanitizer.off());

  /** Far apart, so that each has a flush of its own. */
  private static final int[] WORDS = {0, 10, 20};

  /** Swallows one flush or fence of those that come after it was armed. */
  private static final class DroppingMedium extends ForwardingMedium {
    private int left = -1;
    private int events;

    DroppingMedium(Medium inner) {
      super(inner);
    }

    void arm(int event) {
      left = event;
      events = 0;
    }

    private synchronized boolean drops() {
      events++;
      return left-- == 0;
    }

    @Override
    public void flush(long offset, long length) {
      if (!drops()) {
        super.flush(offset, length);
      }
    }

    @Override
    public void fence() {
      if (!drops()) {
        super.fence();
      }
    }
  }

  /** The words are 1 and become 2, 3, ... together, one number for each acknowledgement. */
  private static void eachEventIsNeeded(int expectedEvents, List<Consumer<TestHeap>> steps) {
    int[] events = new int[1];
    EXPLORER.explore(workload(Integer.MAX_VALUE, steps, events), MutantCrashTest::check);
    assertEquals(expectedEvents, events[0], "flushes and fences");
    List<Integer> missed = new ArrayList<>();
    for (int event = 0; event < events[0]; event++) {
      try {
        EXPLORER.explore(workload(event, steps, new int[1]), MutantCrashTest::check);
        missed.add(event);
      } catch (CrashTestFailure caught) {
        assertTrue(caught.replay().contains("@"), caught::getMessage);
      }
    }
    assertEquals(List.of(), missed, "left out, and nobody noticed");
  }

  private static Workload workload(int dropped, List<Consumer<TestHeap>> steps, int[] events) {
    return (medium, recorder) -> {
      DroppingMedium dropping = new DroppingMedium(medium);
      TestHeap heap = TestHeap.create(dropping);
      for (int index : WORDS) {
        heap.preset(index, 1);
      }
      recorder.start();
      dropping.arm(dropped);
      for (Consumer<TestHeap> step : steps) {
        step.accept(heap);
        recorder.acknowledge(step);
      }
      events[0] = dropping.events;
    };
  }

  private static void check(SimulatedMedium medium, Progress progress) {
    TestHeap heap = TestHeap.open(medium);
    long value = heap.get(0);
    for (int index : WORDS) {
      assertEquals(value, heap.get(index), "words of one step differ");
    }
    assertTrue(
        value == progress.count() + 1 || value == progress.count() + 2,
        () -> "step " + progress.count() + " left " + value);
  }

  private static Consumer<TestHeap> setting(long value) {
    return heap -> {
      set(heap.transactions.enter(), value, WORDS);
      heap.current().exit();
    };
  }

  @Test
  void ofOneGroup() {
    // Log, fence; three words, fence; generation, fence.
    eachEventIsNeeded(2 + 4 + 2, List.of(setting(2)));
  }

  @Test
  void ofTwoTransactions() {
    eachEventIsNeeded(16, List.of(setting(2), setting(3)));
  }

  @Test
  void ofSeveralGroups() {
    eachEventIsNeeded(
        3 * 2 + 4 + 2,
        List.of(
            heap -> {
              for (int i = 0; i < 3; i++) {
                heap.transactions.enter();
                set(heap.current(), 2, WORDS[i]);
              }
              for (int i = 0; i < 3; i++) {
                heap.current().exit();
              }
            }));
  }

  /** A put: fresh memory, an allocation bit, the word that leads there, and the old block's bit. */
  @Test
  void ofAPut() {
    CrashExplorer explorer = EXPLORER;
    for (int dropped = -1; dropped < 8; dropped++) {
      int event = dropped < 0 ? Integer.MAX_VALUE : dropped;
      int[] events = new int[1];
      Workload put =
          (medium, recorder) -> {
            DroppingMedium dropping = new DroppingMedium(medium);
            TestHeap heap = TestHeap.create(dropping);
            heap.preset(0, word(50));
            heap.preset(10, 0x10);
            heap.preset(50, 5);
            recorder.start();
            dropping.arm(event);
            Transaction transaction = heap.transactions.enter();
            transaction.declareAllocated(word(10), 0x1, word(60));
            transaction.declareFreed(word(10), 0x10, word(50));
            transaction.fresh(word(60), 8);
            heap.file.accessor().putWord(word(60), 6);
            set(transaction, word(60), 0);
            transaction.exit();
            recorder.acknowledge("put");
            events[0] = dropping.events;
          };
      if (dropped < 0) {
        explorer.explore(put, MutantCrashTest::checkPut);
        assertEquals(8, events[0]);
      } else {
        assertThrows(
            CrashTestFailure.class,
            () -> explorer.explore(put, MutantCrashTest::checkPut),
            "event " + dropped);
      }
    }
  }

  private static void checkPut(SimulatedMedium medium, Progress progress) {
    TestHeap heap = TestHeap.open(medium);
    long at = heap.get(0);
    assertTrue(at == word(60) || (at == word(50) && progress.count() == 0));
    assertEquals(at == word(60) ? 0x1 : 0x10, heap.get(10));
    assertEquals(at == word(60) ? 6 : 5, heap.file.accessor().getWord(at));
  }

  /**
   * An abort, after which another thread changes the words on another lane. The old values are
   * durable before the log is void, and the log is void before the locks are free.
   */
  @Test
  void ofAnAbort() {
    Consumer<TestHeap> abortThenCommitElsewhere =
        heap -> {
          set(heap.transactions.enter(), 9, WORDS);
          assertThrows(
              IllegalArgumentException.class,
              () -> {
                throw heap.current().exitFailed(new IllegalArgumentException());
              });
          Transaction keepsTheLane = heap.transactions.enter();
          Thread other = new Thread(() -> setting(2).accept(heap));
          other.setUncaughtExceptionHandler((thread, e) -> {}); // the explorer knows, and says so
          other.start();
          try {
            other.join();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          keepsTheLane.exit();
        };
    eachEventIsNeeded(2 + 4 + 2 + 8, List.of(abortThenCommitElsewhere));
  }
}
