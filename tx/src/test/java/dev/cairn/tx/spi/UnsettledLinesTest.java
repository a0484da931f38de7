package dev.cairn.tx.spi;

import static dev.cairn.tx.spi.TestHeap.word;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.heap.spi.MemoryMedium;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One lane's thread copies what another lane has stored, while that lane goes on, or is retired: it
 * gets all lines of the publication it asked for, or none because they are durable.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnsettledLinesTest {
  private static final long SEED = Long.getLong("cairn.test.seed", System.nanoTime());
  private static final int PUBLICATIONS = 60_000;
  private static final int FIRST_WORD = 100;
  private static final int MOST_LINES = 60;

  private TestHeap heap;

  /** What was flushed through {@link #recorder}: {offset, length} pairs. */
  private final List<Long> flushed = new ArrayList<>();

  private MediumAccessor recorder;
  private Publisher publisher;

  /** The last publication, as who takes the stripe's lock after it would know it. */
  private volatile long last;

  /** A medium that notes the flushes of one thread. */
  private static final class Recording extends ForwardingMedium {
    private final List<Long> flushed;

    Recording(List<Long> flushed) throws IOException {
      super(MemoryMedium.anonymous(TestHeap.SIZE, TestHeap.SIZE));
      this.flushed = flushed;
    }

    @Override
    public void flush(long offset, long length) {
      flushed.add(offset);
      flushed.add(length);
    }
  }

  @BeforeEach
  void create() throws IOException {
    heap = TestHeap.create(MemoryMedium.anonymous(TestHeap.SIZE, TestHeap.SIZE));
    recorder = TestHeap.create(new Recording(flushed)).file.protocolAccessor();
    publisher = new Publisher(heap.file.protocolAccessor(), heap.space, 7);
  }

  /** Every other line, from a place that the number says on: no two publications are alike. */
  private static int firstWord(long publication) {
    return FIRST_WORD + (int) (publication % 1000);
  }

  private static int lineCount(long publication) {
    return 1 + (int) (publication * 31 % MOST_LINES);
  }

  private void publish(long publication) {
    publisher.begin(0);
    publisher.add(LogFormat.WORD, word(0), publication);
    publisher.write();
    publisher.fence();
    LineSet target = publisher.startStoring();
    for (int i = 0; i < lineCount(publication); i++) {
      target.add(word(firstWord(publication) + 2 * i), Long.BYTES);
    }
    publisher.endStoring();
    last = publisher.published();
  }

  private void retire() {
    publisher.flushUnsettled();
    heap.file.protocolAccessor().fence();
    publisher.fenced();
    publisher.voidRecords();
    publisher.releaseAllFreed();
  }

  /** Copies the last publication's lines once; says whether it got them. */
  private boolean copy() {
    long publication = last;
    LineSet target = new LineSet();
    target.add(word(1), Long.BYTES); // what the own transaction flushes
    publisher.copyUnsettled(publication, target);
    flushed.clear();
    target.flush(recorder);
    List<Long> expected = new ArrayList<>(List.of(word(1), 64L));
    if (flushed.equals(expected)) {
      return false;
    }
    for (int i = 0; i < lineCount(publication); i++) {
      expected.add(word(firstWord(publication) + 2 * i));
      expected.add(64L);
    }
    assertEquals(expected, flushed, () -> "lines of publication " + publication);
    return true;
  }

  @Test
  void allLinesOrNoneWhileTheLaneGoesOnAndIsRetired() throws Exception {
    System.out.println("seed " + SEED + " (-Dcairn.test.seed)");
    publish(1);
    assertTrue(copy(), "not durable yet");
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Integer> copies =
          executor.submit(
              () -> {
                int complete = 0;
                while (!done.get()) {
                  complete += copy() ? 1 : 0;
                }
                return complete;
              });
      SplittableRandom random = new SplittableRandom(SEED);
      try {
        for (long publication = 2; publication <= PUBLICATIONS && !copies.isDone(); publication++) {
          publish(publication);
          if (random.nextInt(4) == 0) {
            retire();
          }
        }
      } finally {
        done.set(true);
      }
      System.out.println(copies.get() + " complete copies");
    }
  }

  @Test
  void nothingIsCopiedOfWhatIsDurable() {
    publish(1);
    retire();
    assertEquals(false, copy(), "retired");
    publish(2);
    assertEquals(true, copy());
    publish(3);
    LineSet target = new LineSet();
    publisher.copyUnsettled(2, target);
    assertEquals(0, target.size(), "durable since the fence of the next one");
  }
}
