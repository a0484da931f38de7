package dev.cairn.btt;

import static dev.cairn.btt.SmallTable.ARENA_SIZE;
import static dev.cairn.btt.SmallTable.SIZES;
import static dev.cairn.btt.SmallTable.block;
import static dev.cairn.btt.SmallTable.content;
import static dev.cairn.btt.SmallTable.contents;
import static dev.cairn.btt.SmallTable.format;
import static dev.cairn.btt.SmallTable.formatWithLog;
import static dev.cairn.btt.SmallTable.open;
import static dev.cairn.btt.SmallTable.read;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashModel;
import dev.cairn.crashtest.CrashTestFailure;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.Recorder;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Crashes everything that stores, at each flush and fence; then leaves out each of these in turn,
 * which must be found.
 */
class BttCrashTest {
  private static final long MAP = ARENA_SIZE - 3 * 4096;
  private static final long FLOG = ARENA_SIZE - 2 * 4096;
  private static final long BACKUP = ARENA_SIZE - 4096;

  /** Its map entry is not in the line of the first ones. */
  private static final int FAR = 20;

  /** Written together. Their map entries are not in the line of those of the log. */
  private static final long[] COMMITTED = {1, 2, 3};

  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(ARENA_SIZE).withSamples(48).withShrinking(0);

  /** What is crashed. */
  enum Case {
    /** Over bytes that mean nothing. */
    FORMAT {
      @Override
      void prepare(SimulatedMedium medium) {
        MediumAccessor bytes = MediumAccessor.forProtocol(medium);
        bytes.fill(0, bytes.size(), (byte) 0x5a);
        bytes.persist(0, bytes.size());
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        format(medium);
        recorder.acknowledge("formatted");
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        checkFormat(medium, progress);
      }
    },
    /** Over a table with blocks of another size, so that all areas lie elsewhere. */
    FORMAT_AGAIN {
      @Override
      void prepare(SimulatedMedium medium) {
        BttOptions options =
            new BttOptions(BttPlacement.START, 128, 4, new UUID(5, 6), SmallTable.PARENT, 0);
        BttStore old = BttStore.format(medium, options, SIZES);
        for (int i = 0; i < 8; i++) {
          old.write(i, new byte[128]);
        }
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        FORMAT.run(medium, recorder);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        checkFormat(medium, progress);
      }
    },
    /**
     * Writes by several threads, all on one lane: the second one fills the block that the first one
     * freed, so that the first one's map entry must be durable by then.
     */
    WRITE {
      @Override
      void prepare(SimulatedMedium medium) {
        BttStore store = format(medium);
        store.write(1, block(1));
        // Or the lane's last note would be of the same block, and recovery by it happen to be
        // right.
        store.write(0, block(1));
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        BttStore store = open(medium);
        store.write(1, block(2));
        recorder.acknowledge(1);
        onAnotherThread(() -> store.write(2, block(3)));
        recorder.acknowledge(2);
        onAnotherThread(() -> store.write(1, block(4)));
        recorder.acknowledge(3);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        BttStore store = soundTable(medium);
        int done = progress.count();
        assertOneOf(store, 1, done == 0 ? 1 : done < 3 ? 2 : 4, done == 2 ? 4 : done == 0 ? 2 : -1);
        assertOneOf(store, 2, done < 2 ? 0 : 3, done == 1 ? 3 : -1);
        assertUsable(medium, store);
      }
    },
    /**
     * Writes while what they write over is pinned, so that a lane is exchanged for another one; the
     * second lane is used twice, and the block that the first lane wrote is written again.
     */
    WRITE_WHILE_PINNED {
      @Override
      void prepare(SimulatedMedium medium) {
        WRITE.prepare(medium);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        BttStore store = open(medium);
        try (BttPin pin = store.pin(1)) {
          store.write(1, block(2));
          recorder.acknowledge(1);
          onAnotherThread(() -> store.write(FAR, block(3)));
          recorder.acknowledge(2);
          onAnotherThread(() -> store.write(1, block(4)));
          recorder.acknowledge(3);
          assertArrayEquals(block(1), pin.content().toArray(JAVA_BYTE));
        }
        onAnotherThread(() -> store.write(FAR, block(5)));
        recorder.acknowledge(4);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        BttStore store = soundTable(medium);
        int done = progress.count();
        assertOneOf(store, 1, done == 0 ? 1 : done < 3 ? 2 : 4, done == 2 ? 4 : done == 0 ? 2 : -1);
        assertOneOf(
            store, FAR, done < 2 ? 0 : done < 4 ? 3 : 5, done == 1 ? 3 : done == 3 ? 5 : -1);
        assertUsable(medium, store);
      }
    },
    /** Marks, which change the map alone. */
    MARK {
      @Override
      void prepare(SimulatedMedium medium) {
        format(medium).write(1, block(1));
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        BttStore store = open(medium);
        store.setZero(1);
        recorder.acknowledge("zero");
        store.setError(2);
        recorder.acknowledge("error");
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        BttStore store = soundTable(medium);
        byte[] content = read(store, 1);
        assertArrayEquals(block(content[0]), content);
        if (progress.count() > 0) {
          assertEquals(0, content[0]);
        }
        if (progress.count() > 1) {
          assertThrows(BttBlockErrorException.class, () -> read(store, 2));
        }
        assertUsable(medium, store);
      }
    },
    /**
     * Several blocks together, between writes of single ones; the last ones use each lane again
     * that was used before.
     */
    COMMIT {
      @Override
      void prepare(SimulatedMedium medium) {
        BttStore store = formatWithLog(medium);
        store.writeEach(COMMITTED, sources(store, 1, 3));
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        BttStore store = open(medium);
        store.write(contents(store, 2, COMMITTED));
        recorder.acknowledge(1);
        onAnotherThread(() -> store.write(1, content(store, 3)));
        recorder.acknowledge(2);
        onAnotherThread(() -> store.write(contents(store, 4, 1, 3)));
        recorder.acknowledge(3);
        onAnotherThread(() -> store.writeEach(new long[] {4, 5, 6}, sources(store, 5, 3)));
        recorder.acknowledge(4);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        BttStore store = soundTable(medium);
        List<Integer> found = contentsOf(store, COMMITTED);
        List<List<Integer>> states =
            List.of(
                List.of(1, 1, 1),
                List.of(2, 2, 2),
                List.of(3, 2, 2),
                List.of(4, 2, 4),
                List.of(4, 2, 4));
        int done = progress.count();
        assertTrue(
            found.equals(states.get(done)) || found.equals(states.get(Math.min(done + 1, 4))),
            () -> "after " + done + ": " + found);
        if (done == 4) {
          assertEquals(List.of(5, 5, 5), contentsOf(store, 4, 5, 6));
        }
        assertUsable(medium, store);
      }
    },
    /** Several blocks that were committed, and whose content has not left the log. */
    RECOVER_A_COMMIT {
      @Override
      void prepare(SimulatedMedium medium) {
        COMMIT.prepare(medium);
        ArenaSet table = ArenaSet.open(medium, BttPlacement.START, null, SIZES);
        byte[] content = new byte[table.blockSize()];
        Arrays.fill(content, (byte) 2);
        List<IntentBlock.Entry> entries = new ArrayList<>();
        for (int i = 0; i < COMMITTED.length; i++) {
          table.write(table.blockCount() - 2 - i, content);
          entries.add(new IntentBlock.Entry(COMMITTED[i], IntentBlock.checksum(content)));
        }
        IntentBlock intent = new IntentBlock(table.uuid(), 3, 1, entries);
        table.write(table.blockCount() - 1, intent.encode(table.blockSize()));
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        BttStore store = open(medium);
        recorder.acknowledge(1);
        onAnotherThread(() -> store.writeEach(new long[] {4, 5, 6}, sources(store, 5, 3)));
        recorder.acknowledge(2);
        onAnotherThread(() -> store.write(1, content(store, 6)));
        recorder.acknowledge(3);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        BttStore store = soundTable(medium);
        int done = progress.count();
        assertOneOf(store, 1, done < 3 ? 2 : 6, done == 2 ? 6 : -1);
        assertEquals(List.of(2, 2), contentsOf(store, 2, 3));
        if (done >= 2) {
          assertEquals(List.of(5, 5, 5), contentsOf(store, 4, 5, 6));
        }
        assertUsable(medium, store);
      }
    },
    /** A write that passed its commit point and nothing more, then another one of its lane. */
    RECOVER_A_WRITE {
      @Override
      void prepare(SimulatedMedium medium) {
        BttStore store = format(medium);
        store.write(1, block(1));
        MediumAccessor bytes = MediumAccessor.forProtocol(medium);
        int entry = bytes.getInt(MAP + 4);
        store.write(1, block(2));
        bytes.putInt(MAP + 4, entry);
        bytes.persist(MAP + 4, 4);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        BttStore store = open(medium);
        recorder.acknowledge(2);
        onAnotherThread(() -> store.write(2, block(3)));
        recorder.acknowledge(3);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        BttStore store = soundTable(medium);
        assertOneOf(store, 1, 2, -1);
        assertOneOf(store, 2, progress.count() < 2 ? 0 : 3, progress.count() == 1 ? 3 : -1);
        assertUsable(medium, store);
      }
    },
    /** The first half of a lane's first write: legal, but pmempool wants it gone. */
    RECOVER_HALF_A_NOTE {
      @Override
      void prepare(SimulatedMedium medium) {
        format(medium);
        MediumAccessor bytes = MediumAccessor.forProtocol(medium);
        bytes.putWord(FLOG + 64 + 16, FlogLayout.word(7, 7));
        bytes.persist(FLOG + 64 + 16, 8);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        open(medium);
        recorder.acknowledge("recovered");
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        if (progress.count() > 0) {
          assertEquals(0, medium.getLong(FLOG + 64 + 16));
        }
        assertUsable(medium, soundTable(medium));
      }
    },
    /** An arena in which a block has two owners is marked as damaged. */
    MARK_THE_DAMAGED {
      @Override
      void prepare(SimulatedMedium medium) {
        format(medium).write(1, block(1));
        MediumAccessor bytes = MediumAccessor.forProtocol(medium);
        bytes.putInt(MAP + 8, MapEntry.NORMAL | 56);
        bytes.persist(MAP + 8, 4);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        open(medium);
        recorder.acknowledge("marked");
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        InfoBlocks blocks = new InfoBlocks(MediumAccessor.forProtocol(medium));
        if (progress.count() > 0) {
          assertTrue(isMarked(blocks, 0) && isMarked(blocks, BACKUP), "acknowledged and lost");
        }
        BttStore store = open(medium);
        assertTrue(store.isReadOnly());
        assertArrayEquals(block(1), read(store, 1));
        assertTrue(isMarked(blocks, 0) && isMarked(blocks, BACKUP), "not marked again");
      }
    },
    /** The same, where the primary info block is broken too: the good one must not go first. */
    MARK_THE_DAMAGED_BY_THE_BACKUP {
      @Override
      void prepare(SimulatedMedium medium) {
        MARK_THE_DAMAGED.prepare(medium);
        breakInfo(medium, 0);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        MARK_THE_DAMAGED.run(medium, recorder);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        InfoBlocks blocks = new InfoBlocks(MediumAccessor.forProtocol(medium));
        if (progress.count() > 0) {
          assertTrue(isMarked(blocks, 0) && isMarked(blocks, BACKUP), "acknowledged and lost");
        }
        assertTrue(open(medium).isReadOnly());
        assertTrue(isMarked(blocks, 0) && isMarked(blocks, BACKUP), "not marked again");
      }
    },
    /** A primary info block that is broken. */
    MEND_THE_PRIMARY {
      @Override
      void prepare(SimulatedMedium medium) {
        format(medium).write(1, block(1));
        breakInfo(medium, 0);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        open(medium);
        recorder.acknowledge("mended");
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        checkMended(medium, progress);
      }
    },
    /** A backup that is gone. */
    MEND_THE_BACKUP {
      @Override
      void prepare(SimulatedMedium medium) {
        format(medium).write(1, block(1));
        breakInfo(medium, BACKUP);
      }

      @Override
      void run(Medium medium, Recorder recorder) {
        MEND_THE_PRIMARY.run(medium, recorder);
      }

      @Override
      void check(SimulatedMedium medium, Progress progress) {
        checkMended(medium, progress);
      }
    };

    /**
     * Says whether the last flush and fence are for what comes after the case. That of the last
     * write's map entry is: until its lane is used again, recovery finds the entry in the flog.
     */
    boolean endsWithMapEntry() {
      return this == WRITE
          || this == WRITE_WHILE_PINNED
          || this == COMMIT
          || this == RECOVER_A_COMMIT
          || this == RECOVER_A_WRITE;
    }

    /**
     * Returns the fences that the same thread's next one would make up for: those that end the
     * steps of a commit but the last one. They are there for commits that are not carried on.
     */
    Set<Integer> fencesMadeUpFor() {
      return switch (this) {
        case COMMIT -> Set.of(2, 5, 8, 17, 20, 23);
        case RECOVER_A_COMMIT -> Set.of(2);
        default -> Set.of();
      };
    }

    abstract void prepare(SimulatedMedium medium);

    abstract void run(Medium medium, Recorder recorder);

    abstract void check(SimulatedMedium medium, Progress progress);
  }

  private static void assertOneOf(BttStore store, int index, int value, int otherValue) {
    byte[] content = read(store, index);
    assertArrayEquals(content(store, content[0]), content);
    assertTrue(content[0] == value || content[0] == otherValue, index + ": " + content[0]);
  }

  private static List<Integer> contentsOf(BttStore store, long... blocks) {
    List<Integer> values = new ArrayList<>();
    for (long block : blocks) {
      byte[] content = read(store, block);
      assertArrayEquals(content(store, content[0]), content);
      values.add((int) content[0]);
    }
    return values;
  }

  private static byte[][] sources(BttStore store, int value, int count) {
    byte[][] sources = new byte[count][];
    Arrays.fill(sources, content(store, value));
    return sources;
  }

  private static void checkFormat(SimulatedMedium medium, Progress progress) {
    InfoBlocks blocks = new InfoBlocks(MediumAccessor.forProtocol(medium));
    // Never a broken one; and both at the end.
    boolean primary = blocks.read(0) != null;
    boolean backup = blocks.read(BACKUP) != null;
    assertTrue((primary && backup) || progress.count() == 0, "acknowledged and lost");
    BttStore store;
    try {
      store = soundTable(medium);
    } catch (HeapFormatException e) {
      assertFalse(primary || backup);
      return;
    }
    assertTrue(store.blockSize() == 64 || progress.count() == 0, "the old one");
    for (int i = 0; i < store.blockCount(); i++) {
      assertArrayEquals(new byte[store.blockSize()], read(store, i));
    }
    assertUsable(medium, store);
  }

  private static boolean isMarked(InfoBlocks blocks, long offset) {
    ArenaInfo info = blocks.read(offset);
    return info != null && info.hasErrorFlag();
  }

  private static void breakInfo(SimulatedMedium medium, long offset) {
    MediumAccessor bytes = MediumAccessor.forProtocol(medium);
    bytes.putWord(offset, 0);
    bytes.putWord(offset + 16, 0x55);
    bytes.persist(offset, 64);
  }

  private static void checkMended(SimulatedMedium medium, Progress progress) {
    InfoBlocks blocks = new InfoBlocks(MediumAccessor.forProtocol(medium));
    // Where none was, never a broken one.
    boolean primary = blocks.read(0) != null;
    boolean backup = blocks.read(BACKUP) != null;
    assertTrue((primary && backup) || progress.count() == 0, "acknowledged and lost");
    BttStore store = soundTable(medium);
    assertArrayEquals(block(1), read(store, 1));
    assertUsable(medium, store);
  }

  private static BttStore soundTable(SimulatedMedium medium) {
    BttStore store = open(medium);
    assertFalse(store.isReadOnly(), () -> store.damage().toString());
    return store;
  }

  /** Each lane writes, and each block is still owned once. */
  private static void assertUsable(SimulatedMedium medium, BttStore store) {
    medium.onEvent(EventHook.NONE);
    byte[] content = new byte[store.blockSize()];
    for (int i = 0; i < 12; i++) {
      content[0] = (byte) i;
      store.write(i % 3, content);
    }
    assertEquals(11, read(soundTable(medium), 2)[0]);
  }

  /** A fence answers for one thread's flushes only: what it left undone, no other does. */
  private static void onAnotherThread(Runnable body) {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread = new Thread(body);
    thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (failure.get() instanceof Error e) {
      throw e;
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
  }

  /** Leaves out one flush or one fence, counted from 0. */
  private static final class Forgetful extends ForwardingMedium {
    private final int leftOutFlush;
    private final int leftOutFence;
    private int flushes;
    private int fences;

    Forgetful(Medium inner, int leftOutFlush, int leftOutFence) {
      super(inner);
      this.leftOutFlush = leftOutFlush;
      this.leftOutFence = leftOutFence;
    }

    @Override
    public void flush(long offset, long length) {
      if (flushes++ != leftOutFlush) {
        super.flush(offset, length);
      }
    }

    @Override
    public void fence() {
      if (fences++ != leftOutFence) {
        super.fence();
      }
    }
  }

  private static ExplorationReport explore(
      CrashExplorer explorer, Case tested, int leftOutFlush, int leftOutFence) {
    return explorer.explore(
        (medium, recorder) -> {
          tested.prepare(medium);
          recorder.start();
          tested.run(new Forgetful(medium, leftOutFlush, leftOutFence), recorder);
        },
        tested::check);
  }

  @ParameterizedTest
  @EnumSource
  void aCrashLeavesTheOldOrTheNew(Case tested) {
    ExplorationReport report = explore(EXPLORER, tested, -1, -1);
    assertTrue(report.imagesDistinct() > 2, report::toString);
  }

  /** Images for every single store; and, where those are few, all that a line could hold. */
  @ParameterizedTest
  @EnumSource
  void aCrashAtEachStoreLeavesTheOldOrTheNew(Case tested) {
    for (CrashModel model : List.of(CrashModel.EADR, CrashModel.SECTORS)) {
      explore(EXPLORER.withCrashModel(model).withExhaustiveLimit(4096), tested, -1, -1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachFlushAndFenceIsNeeded(Case tested) {
    SimulatedMedium medium = SmallTable.medium(1);
    tested.prepare(medium);
    Forgetful counting = new Forgetful(medium, -1, -1);
    tested.run(counting, new NoRecorder());
    assertTrue(counting.flushes > 0 && counting.fences > 0);
    CrashExplorer explorer = EXPLORER.withSanitizer(Sanitizer.off()).withNestedDepth(0);
    int last = tested.endsWithMapEntry() ? 1 : 0;
    for (int i = 0; i < counting.flushes - last; i++) {
      int flush = i;
      assertThrows(
          CrashTestFailure.class, () -> explore(explorer, tested, flush, -1), "flush " + i);
    }
    for (int i = 0; i < counting.fences - last; i++) {
      int fence = i;
      if (tested.fencesMadeUpFor().contains(fence)) {
        continue;
      }
      assertThrows(
          CrashTestFailure.class, () -> explore(explorer, tested, -1, fence), "fence " + i);
    }
  }

  private static final class NoRecorder implements Recorder {
    @Override
    public void start() {}

    @Override
    public void acknowledge(Object label) {}
  }

  @Test
  void tablesOfThreeArenasAreFormattedWholeOrNotAtAll() {
    CrashExplorer explorer =
        CrashExplorer.onMedium(3 * ARENA_SIZE).withSamples(24).withShrinking(0).withNestedDepth(0);
    explorer.explore(
        (medium, recorder) -> {
          BttStore old = format(medium);
          for (int arena = 0; arena < 3; arena++) {
            old.write(arena * 56L, block(1));
          }
          recorder.start();
          format(medium);
          recorder.acknowledge("formatted");
        },
        (medium, progress) -> {
          BttStore store;
          try {
            store = soundTable(medium);
          } catch (HeapFormatException e) {
            assertEquals(0, progress.count());
            return;
          }
          int value = read(store, 0)[0];
          assertTrue(value == 0 || progress.count() == 0, "the old one");
          for (int arena = 0; arena < 3; arena++) {
            assertArrayEquals(block(value), read(store, arena * 56L));
          }
        });
  }
}
