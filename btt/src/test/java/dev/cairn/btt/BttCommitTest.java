package dev.cairn.btt;

import static dev.cairn.btt.SmallTable.ARENA_SIZE;
import static dev.cairn.btt.SmallTable.SIZES;
import static dev.cairn.btt.SmallTable.content;
import static dev.cairn.btt.SmallTable.contents;
import static dev.cairn.btt.SmallTable.formatWithLog;
import static dev.cairn.btt.SmallTable.open;
import static dev.cairn.btt.SmallTable.read;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.spi.MediumAccessor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Several blocks that are written together; crashes are in {@link BttCrashTest}. */
class BttCommitTest {
  private final SimulatedMedium medium = SmallTable.medium(1);
  private final BttStore store = formatWithLog(medium);

  private void assertHolds(BttStore of, int value, long... blocks) {
    for (long block : blocks) {
      assertArrayEquals(content(of, value), read(of, block), "block " + block);
    }
  }

  @Test
  void theLogTakesTheLastBlocks() {
    assertEquals(3, store.largestCommit());
    assertEquals(27 - 4, store.blockCount());
    assertThrows(IndexOutOfBoundsException.class, () -> read(store, 23));
    assertThrows(IndexOutOfBoundsException.class, () -> store.write(contents(store, 1, 0, 23)));
    assertHolds(store, 0, 0);
    store.write(contents(store, 1, 0, 22));
    BttStore again = open(medium);
    assertEquals(3, again.largestCommit());
    assertEquals(23, again.blockCount());
    assertHolds(again, 1, 0, 22);
    assertTrue(again.damage().isEmpty());
  }

  @Test
  void aTableWithoutALogWritesOneBlockAtATime() {
    BttStore plain = SmallTable.format(medium);
    assertEquals(0, plain.largestCommit());
    plain.write(contents(plain, 1, 5));
    assertHolds(plain, 1, 5);
    assertThrows(IllegalArgumentException.class, () -> plain.write(contents(plain, 2, 5, 6)));
    assertHolds(plain, 1, 5);
    plain.write(Map.of());
  }

  @Test
  void whatCannotBeCommittedIsRefusedWhole() {
    assertThrows(IllegalArgumentException.class, () -> store.write(contents(store, 1, 0, 1, 2, 3)));
    assertThrows(
        IllegalArgumentException.class,
        () -> store.write(Map.of(0L, content(store, 1), 1L, new byte[127])));
    assertHolds(store, 0, 0, 1, 2, 3);
    BttOptions usual = BttOptions.of(BttPlacement.START, 4096);
    assertEquals(253, usual.withLargestCommit(253).largestCommit());
    assertThrows(IllegalArgumentException.class, () -> usual.withLargestCommit(254));
    assertThrows(IllegalArgumentException.class, () -> usual.withLargestCommit(-1));
    BttOptions tooMany =
        new BttOptions(BttPlacement.START, 1024, 1, SmallTable.OWN, SmallTable.PARENT, 5);
    assertThrows(
        IllegalArgumentException.class,
        () -> BttStore.format(SmallTable.medium(1), tooMany, SIZES));
  }

  @Test
  void costsAreThese() {
    Counts before = medium.counts();
    store.write(contents(store, 1, 0, 1, 20));
    Counts cost = medium.counts().minus(before);
    assertEquals(4 * 3, cost.fences(), cost::toString);
    // Log: three blocks, notes in two steps, one line of the map. Their own places: one more line.
    // The intent, twice: a block and three lines.
    assertEquals((6 + 6 + 1) + (6 + 6 + 2) + 2 * (2 + 3), cost.flushedLines(), cost::toString);
    assertEquals(0, cost.idleLines() + cost.idleFences(), cost::toString);
  }

  /** The blocks lie in two arenas, and the log in the last one. */
  @Test
  void blocksOfSeveralArenasChangeTogether() {
    CrashExplorer.onMedium(2 * ARENA_SIZE)
        .withSamples(32)
        .withShrinking(0)
        .explore(
            (two, recorder) -> {
              BttStore table = formatWithLog(two);
              table.write(contents(table, 1, 1, 30, 40));
              recorder.start();
              table.write(contents(table, 2, 1, 30, 40));
              recorder.acknowledge("committed");
            },
            (two, progress) -> {
              BttStore table = open(two);
              assertFalse(table.isReadOnly(), () -> table.damage().toString());
              int value = read(table, 1)[0];
              assertTrue(value == 2 || (value == 1 && progress.count() == 0), "value " + value);
              assertHolds(table, value, 1, 30, 40);
            });
  }

  /** What is committed cannot be brought to its place, since all that is free is pinned. */
  @Test
  void aCommitThatCannotBeEndedIsReadAllTheSame() {
    store.write(contents(store, 1, 1, 2));
    List<BttPin> pins = new ArrayList<>(List.of(store.pin(1), store.pin(2)));
    store.write(5, content(store, 1));
    for (int i = 0; i < SmallTable.FREE_BLOCKS - 1; i++) {
      pins.add(store.pin(5));
      store.write(5, content(store, 2 + i));
    }
    store.write(contents(store, 9, 1, 2));
    assertHolds(store, 9, 1, 2);
    try (BttPin pin = store.pin(2)) {
      assertArrayEquals(content(store, 9), pin.content().toArray(JAVA_BYTE));
    }
    assertThrows(BttPinnedException.class, () -> store.write(3, content(store, 3)));
    assertArrayEquals(content(store, 1), pins.getFirst().content().toArray(JAVA_BYTE));
    // What a crash leaves now is ended by the next opening.
    SimulatedMedium copy = SmallTable.medium(1);
    copy.segment().copyFrom(medium.segment().asSlice(0, ARENA_SIZE));
    assertHolds(open(copy), 9, 1, 2);
    pins.forEach(BttPin::close);
    store.write(1, content(store, 10));
    BttStore again = open(medium);
    assertHolds(again, 10, 1);
    assertHolds(again, 9, 2);
  }

  private static ArenaSet table(SimulatedMedium of) {
    return ArenaSet.open(of, BttPlacement.START, null, SIZES);
  }

  @Test
  void aBrokenIntentMakesTheTableReadOnly() {
    store.write(contents(store, 1, 1, 2));
    ArenaSet table = table(medium);
    byte[] intent = new byte[128];
    table.read(26, intent);
    intent[28] = 1;
    table.write(26, intent);
    assertReadOnly("intent in the last block");
  }

  @Test
  void aBrokenLogMakesTheTableReadOnly() {
    store.write(contents(store, 1, 1, 2));
    ArenaSet table = table(medium);
    List<IntentBlock.Entry> entries = List.of(new IntentBlock.Entry(1, 77));
    table.write(26, new IntentBlock(SmallTable.OWN, 3, 9, entries).encode(128));
    assertReadOnly("block 25 of the redo log");
  }

  /** An arena takes no writes, so the commit that a crash broke off cannot be ended; but read. */
  @Test
  void aPendingCommitOfAReadOnlyTableIsReadAsIfItWereEnded() {
    store.write(contents(store, 1, 1, 2));
    ArenaSet table = table(medium);
    List<IntentBlock.Entry> entries = new ArrayList<>();
    for (int block = 1; block <= 2; block++) {
      table.write(26 - block, content(store, 9));
      entries.add(new IntentBlock.Entry(block, IntentBlock.checksum(content(store, 9))));
    }
    table.write(26, new IntentBlock(SmallTable.OWN, 3, 9, entries).encode(128));
    InfoBlocks blocks = new InfoBlocks(MediumAccessor.forProtocol(medium));
    blocks.write(0, Objects.requireNonNull(blocks.read(0)).withErrorFlag());
    BttStore marked = open(medium);
    assertHolds(marked, 9, 1, 2);
    try (BttPin pin = marked.pin(2)) {
      assertArrayEquals(content(store, 9), pin.content().toArray(JAVA_BYTE));
    }
    assertThrows(BttReadOnlyException.class, () -> marked.write(5, content(store, 2)));
    assertThrows(BttReadOnlyException.class, () -> marked.write(contents(store, 2, 1, 2)));
    assertHolds(marked, 9, 1, 2);
  }

  private void assertReadOnly(String structure) {
    byte[] before = medium.segment().toArray(JAVA_BYTE);
    BttStore broken = open(medium);
    assertTrue(broken.isReadOnly());
    HeapCorruptedException damage = broken.damage().getFirst();
    assertTrue(damage.structure().contains(structure), damage::toString);
    assertHolds(broken, 1, 1, 2);
    assertThrows(BttReadOnlyException.class, () -> broken.write(1, content(broken, 2)));
    assertThrows(BttReadOnlyException.class, () -> broken.setZero(1));
    assertThrows(BttReadOnlyException.class, () -> broken.write(contents(broken, 2, 1, 2)));
    assertArrayEquals(before, medium.segment().toArray(JAVA_BYTE));
  }

  /** What others wrote over the last block is theirs, and so are all blocks then. */
  @Test
  void anIntentOfAnotherTableIsABlockLikeOthers() {
    table(medium).write(26, IntentBlock.empty(SmallTable.PARENT, 3, 0).encode(128));
    BttStore again = open(medium);
    assertEquals(0, again.largestCommit());
    assertEquals(27, again.blockCount());
    again.setError(26);
    assertEquals(27, open(medium).blockCount());
  }

  @Test
  void whoReadsOneBlockNewReadsAllNew() throws Exception {
    store.write(contents(store, 0, 1, 2, 20));
    AtomicBoolean isDone = new AtomicBoolean();
    List<Callable<Void>> tasks = new ArrayList<>();
    tasks.add(
        () -> {
          try {
            for (int i = 1; i < 100; i++) {
              store.write(contents(store, i, 1, 2, 20));
              store.write(7, content(store, i));
            }
          } finally {
            isDone.set(true);
          }
          return null;
        });
    for (int reader = 0; reader < 2; reader++) {
      tasks.add(
          () -> {
            while (!isDone.get()) {
              int first = read(store, 20)[0];
              int second = read(store, 1)[0];
              try (BttPin third = store.pin(2)) {
                int value = third.content().get(JAVA_BYTE, 0);
                assertTrue(
                    first <= second && second <= value, first + ", " + second + ", " + value);
              }
            }
            return null;
          });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
    assertHolds(open(medium), 99, 1, 2, 20);
  }
}
