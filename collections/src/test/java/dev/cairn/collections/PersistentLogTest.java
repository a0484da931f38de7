package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.TransactionAbortedException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PersistentLogTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentLog<String> log = heap.log("log", Types.STRING);

  /** What logs and their models have. */
  private interface Journal {
    long append(String value);

    long appendAll(List<String> values);

    long truncate(long index);

    List<String> content();

    static Journal of(PersistentLog<String> log) {
      return new Journal() {
        @Override
        public long append(String value) {
          return log.append(value);
        }

        @Override
        public long appendAll(List<String> values) {
          return log.appendAll(values);
        }

        @Override
        public long truncate(long index) {
          return log.truncate(index);
        }

        @Override
        public List<String> content() {
          List<String> content = new ArrayList<>();
          content.add("%d to %d".formatted(log.firstIndex(), log.nextIndex()));
          log.forEach(entry -> content.add(entry.index() + " " + entry.value()));
          return content;
        }
      };
    }

    static Journal model() {
      List<String> all = new ArrayList<>();
      long[] first = new long[1];
      return new Journal() {
        @Override
        public long append(String value) {
          all.add(value);
          return all.size() - 1L;
        }

        @Override
        public long appendAll(List<String> values) {
          all.addAll(values);
          return all.size() - (long) values.size();
        }

        @Override
        public long truncate(long index) {
          long before = first[0];
          first[0] = Math.clamp(index, before, all.size());
          return first[0] - before;
        }

        @Override
        public List<String> content() {
          List<String> content = new ArrayList<>();
          content.add("%d to %d".formatted(first[0], all.size()));
          for (int i = (int) first[0]; i < all.size(); i++) {
            content.add(i + " " + all.get(i));
          }
          return content;
        }
      };
    }
  }

  private static List<String> values(int count, int length) {
    return IntStream.range(0, count).mapToObj(i -> i + "x".repeat(length)).toList();
  }

  private static void step(Journal journal, Journal model, Random random) {
    int length = random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(60);
    switch (random.nextInt(6)) {
      case 0, 1, 2 -> {
        String value = "v".repeat(length);
        assertEquals(model.append(value), journal.append(value));
      }
      case 3 -> {
        List<String> values = values(random.nextInt(40), random.nextInt(100));
        assertEquals(model.appendAll(values), journal.appendAll(values));
      }
      default -> {
        String counts = model.content().getFirst();
        long first = Long.parseLong(counts.split(" ", -1)[0]);
        long index = first + random.nextInt(-2, 30);
        assertEquals(model.truncate(index), journal.truncate(index));
      }
    }
  }

  @Test
  void keepsWhatAListWouldKeep() {
    Random random = new Random(TestHeaps.seed("keepsWhatAListWouldKeep"));
    Journal journal = Journal.of(log);
    Journal model = Journal.model();
    for (int i = 0; i < 1500; i++) {
      if (random.nextInt(5) > 0) {
        heap.transact(() -> step(journal, model, random));
      } else {
        List<String> before = model.content();
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transact(
                    () -> {
                      log.append("lost");
                      log.truncate(log.nextIndex() - random.nextInt(4));
                      log.appendAll(values(random.nextInt(40), 50));
                      journal.content();
                      throw new World.Undo();
                    }));
        assertEquals(before, journal.content());
      }
      if (i % 30 == 0) {
        assertEquals(model.content(), journal.content());
        log.verify();
      }
      if (i % 300 == 0) {
        heap.verify();
        PersistentHeap again = TestHeaps.reopened(medium);
        assertEquals(model.content(), Journal.of(again.log("log", Types.STRING)).content());
      }
    }
  }

  @Test
  void anEmptyLogSaysSo() {
    assertTrue(log.isEmpty());
    assertEquals(0, log.firstIndex());
    assertEquals(0, log.nextIndex());
    assertFalse(log.iterator().hasNext());
    assertThrows(NoSuchElementException.class, () -> log.iterator().next());
    assertThrows(IndexOutOfBoundsException.class, () -> log.get(0));
    assertEquals(0, log.truncate(5));
    assertEquals(0, log.append("first"), "truncating what is not there uses no index up");
    assertEquals(1, log.appendAll(List.of()));
    assertEquals(1, log.truncate(1));
    assertEquals(1, log.firstIndex());
    assertEquals("no records", log.toString());
    assertEquals(1, log.append("second"));
    assertEquals("records 1 to 1", log.toString());
    heap.verify();
  }

  @Test
  void recordsAreFoundByTheirIndex() {
    log.appendAll(values(1000, 20));
    log.truncate(300);
    assertEquals("300" + "x".repeat(20), log.get(300));
    assertEquals("999" + "x".repeat(20), log.get(999));
    for (long index : new long[] {-1, 0, 299, 1000, Long.MAX_VALUE, Long.MIN_VALUE}) {
      IndexOutOfBoundsException refused =
          assertThrows(IndexOutOfBoundsException.class, () -> log.get(index));
      assertTrue(
          TestHeaps.message(refused).endsWith("the log has records 300 to 999"), refused::toString);
    }
    assertEquals(300, log.iterator(17).next().index());
    assertEquals(new LogEntry<>(700, "700" + "x".repeat(20)), log.iterator(700).next());
    assertEquals(100, log.stream(900).count());
    assertThrows(IndexOutOfBoundsException.class, () -> log.get(-5));
    assertThrows(NullPointerException.class, () -> log.append(TestHeaps.nothing()));
    assertSame(log, heap.log("log", Types.STRING));
    assertThrows(IllegalArgumentException.class, () -> heap.log("log", Types.LONG));
    assertThrows(IllegalArgumentException.class, () -> heap.list("log", Types.STRING));
  }

  @Test
  void memoryComesBack() {
    long used = heap.stats().usedBytes();
    for (int round = 0; round < 3; round++) {
      log.appendAll(values(2000, 100));
      assertTrue(heap.stats().usedBytes() > used + 200_000);
      log.truncate(log.nextIndex() - 1);
      assertTrue(heap.stats().usedBytes() < used + LogLayout.LARGEST_SEGMENT + 20_000);
      log.truncate(Long.MAX_VALUE);
      assertEquals(used, heap.stats().usedBytes());
    }
    assertEquals(6000, log.firstIndex());
    heap.verify();
  }

  @Test
  void recordsMayBeLong() {
    PersistentLog<byte[]> bytes = heap.log("bytes", Types.BYTES);
    for (int size : new int[] {0, 1, 7, 8, 9, 1000, 5000, 300_000, 3}) {
      bytes.append(new byte[size]);
    }
    PersistentHeap again = TestHeaps.reopened(medium);
    List<Integer> sizes =
        again.log("bytes", Types.BYTES).stream(0).map(entry -> entry.value().length).toList();
    assertEquals(List.of(0, 1, 7, 8, 9, 1000, 5000, 300_000, 3), sizes);
    again.verify();
    assertThrows(
        dev.cairn.allocator.OutOfPersistentMemoryException.class,
        () -> bytes.append(new byte[9 << 20]));
    assertEquals(9, bytes.size());
    bytes.truncate(8);
    assertEquals(3, bytes.get(8).length);
    heap.verify();
  }

  @Test
  void iteratorsGoOnWhateverIsRemovedOrAdded() {
    log.appendAll(values(500, 30));
    Iterator<LogEntry<String>> walk = log.iterator();
    for (int i = 0; i < 10; i++) {
      assertEquals(i, walk.next().index());
    }
    log.truncate(300);
    for (int i = 10; i < 64; i++) { // was read before
      assertEquals(i, walk.next().index());
    }
    assertEquals(300, walk.next().index());
    log.append("new");
    log.truncate(364);
    long last = 0;
    while (walk.hasNext()) {
      last = walk.next().index();
    }
    assertEquals(500, last);
    assertThrows(NoSuchElementException.class, walk::next);
    Iterator<LogEntry<String>> other = log.iterator(499);
    assertEquals(499, other.next().index());
    heap.close();
    assertThrows(IllegalStateException.class, other::hasNext);
  }

  /** What a walk has seen of a transaction that is undone leads it nowhere. */
  @Test
  void iteratorsSurviveAnUndoneTransaction() {
    log.append("kept");
    Iterator<LogEntry<String>> walk = log.iterator();
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  log.appendAll(values(70, 100));
                  for (int i = 0; i < 65; i++) {
                    walk.next();
                  }
                  throw new World.Undo();
                }));
    log.appendAll(values(200, 5));
    long index = 65;
    while (walk.hasNext()) {
      LogEntry<String> entry = walk.next();
      assertEquals(index++, entry.index());
      int length = entry.index() < 71 ? 100 : 5; // what was read ahead, then what is there
      assertEquals(entry.index() - 1 + "x".repeat(length), entry.value());
    }
    assertEquals(201, index);
  }

  /** The same after a seal, which has put the log's words in place, though nothing is committed. */
  @Test
  void iteratorsSurviveATransactionThatWasSealedAndUndone() throws Exception {
    PersistentLog<Long> numbers = heap.log("numbers", Types.LONG);
    PersistentDeque<Long> deque = heap.deque("deque", Types.LONG);
    deque.add(1L);
    List<Iterator<LogEntry<Long>>> walks = new ArrayList<>();
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  for (long i = 0; i < 300; i++) {
                    numbers.append(1_000_000 + i);
                  }
                  deque.clear();
                  Iterator<LogEntry<Long>> walk = numbers.iterator();
                  for (int i = 0; i < 64; i++) {
                    walk.next();
                  }
                  walks.add(walk);
                  throw new World.Undo();
                }));
    TestHeaps.inOtherThread(
        () -> {
          for (long i = 0; i < 200; i++) {
            numbers.append(i);
          }
          return true;
        });
    long index = 64;
    for (Iterator<LogEntry<Long>> walk = walks.getFirst(); walk.hasNext(); index++) {
      assertEquals(new LogEntry<>(index, index), walk.next());
    }
    assertEquals(200, index);
  }

  /** What it had written behind the end was never flushed, and need not be. */
  @Test
  void anAppendThatFailsInsideATransactionLeavesNothing() {
    PersistentLong number = heap.longValue("number");
    heap.transact(
        () -> {
          log.append("a");
          assertThrows(
              World.Undo.class,
              () ->
                  number.updateAndGet(
                      old -> {
                        log.append("longer than what comes next".repeat(20));
                        throw new World.Undo();
                      }));
          log.append("b");
        });
    assertEquals(List.of("a", "b"), log.stream(0).map(LogEntry::value).toList());
    assertEquals(2, TestHeaps.reopened(medium).log("log", Types.STRING).size());
  }

  @Test
  void readersSeeCommittedRecordsInOrder() throws Exception {
    PersistentLog<Long> numbers = heap.log("numbers", Types.LONG);
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        4,
        thread -> {
          if (thread == 0) {
            for (long i = 0; i < 3000; i++) {
              if (i % 7 == 3) {
                assertThrows(
                    TransactionAbortedException.class,
                    () ->
                        heap.transact(
                            () -> {
                              numbers.append(-1L);
                              throw new World.Undo();
                            }));
              }
              long index = i;
              heap.transact(() -> assertEquals(index, numbers.append(index * 3)));
              if (i % 500 == 499) {
                numbers.truncate(i - 600);
              }
            }
            done.set(true);
            return;
          }
          boolean isLast;
          do {
            isLast = done.get();
            long next = -1;
            for (LogEntry<Long> entry : numbers) {
              assertTrue(entry.index() >= next);
              assertEquals(entry.index() * 3, entry.value());
              next = entry.index() + 1;
            }
          } while (!isLast);
        });
    heap.verify();
  }

  private static final CrashStory<Journal> STORY =
      new CrashStory<>(
          opened -> Journal.of(opened.log("log", Types.STRING)), Journal::model, Journal::content);

  @Test
  void everyCrashLeavesRecordsThereOrNot() {
    STORY.explore(
        "log of one segment",
        journal -> {},
        List.of(
            journal -> journal.append("first"),
            journal -> journal.append("second"),
            journal -> journal.appendAll(List.of("third", "fourth")),
            journal -> journal.truncate(1),
            journal -> journal.truncate(4),
            journal -> journal.append("fifth"),
            journal -> {
              journal.append("sixth");
              journal.truncate(5);
              journal.append("seventh");
              journal.truncate(Long.MAX_VALUE);
              journal.append("eighth");
            }));
    STORY.explore(
        "log that gains and loses segments",
        journal -> journal.appendAll(values(14, 40)),
        List.of(
            journal -> journal.append("one that has no room".repeat(10)),
            journal -> journal.appendAll(values(60, 40)),
            journal -> journal.truncate(10),
            journal -> journal.truncate(40),
            journal -> journal.truncate(75)));
    STORY.explore(
        "log of long records",
        journal -> journal.append("short"),
        List.of(
            journal -> journal.append("x".repeat(3000)),
            journal -> journal.append("y".repeat(6000)),
            journal -> journal.truncate(2)));
  }

  private Counts cost(Runnable operation) {
    Counts before = medium.counts();
    operation.run();
    Counts cost = medium.counts().minus(before);
    assertEquals(0, cost.idleFences() + cost.idleLines(), cost::toString);
    return cost;
  }

  private void assertCost(int fences, int lines, Runnable operation) {
    Counts cost = cost(operation);
    assertEquals(fences, cost.fences(), cost::toString);
    assertTrue(cost.flushedLines() <= lines, cost::toString);
  }

  /** Content and a record; the log's line, of the last one, in place. */
  @Test
  void costsOneFence() {
    log.appendAll(values(500, 20));
    log.append("settled");
    log.append("settled");
    assertCost(1, 5, () -> log.append("one"));
    assertCost(1, 5, () -> log.append("one more"));
    assertCost(1, 6, () -> log.appendAll(List.of("a", "b", "c")));
    assertCost(2, 83, () -> log.append("x".repeat(5000)));
    assertCost(1, 5, () -> log.truncate(100));
    assertCost(1, 7, () -> log.append("flushes the bits of what was freed"));
    assertCost(1, 5, () -> heap.transact(() -> log.append("one more")));
    for (Runnable free :
        List.<Runnable>of(
            () -> log.get(200),
            log::size,
            () -> log.forEach(entry -> {}),
            () -> log.truncate(50),
            () -> log.appendAll(List.of()),
            log::verify)) {
      Counts cost = cost(free);
      assertEquals(0, cost.fences() + cost.stores(), cost::toString);
    }
    long fences = 0;
    for (int i = 0; i < 1000; i++) {
      fences += cost(() -> log.append("a record of some 40 characters, as usual")).fences();
    }
    assertTrue(fences <= 1010, fences + " fences for 1,000 records");
  }

  // Damage.

  private long named(String name) {
    for (long offset = TestHeaps.MIB; offset < medium.size(); offset += Long.BYTES) {
      if (heap.describe(offset).equals(name)) {
        return offset;
      }
    }
    throw new AssertionError("nothing is called " + name);
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  private void assertFound(String words) {
    for (Runnable check : List.<Runnable>of(log::verify, heap::verify)) {
      HeapCorruptedException found = assertThrows(HeapCorruptedException.class, check::run);
      assertTrue(found.structure().contains("log"), found::toString);
      assertTrue(TestHeaps.message(found).contains(words), found::toString);
    }
  }

  /** Three segments, of which the first has lost records. */
  private void fill() {
    log.appendAll(values(70, 30));
    log.truncate(5);
    PersistentLong other = heap.longValue("other");
    for (int i = 0; i < 3; i++) {
      other.incrementAndGet(); // overwrites the records, which would repair what is damaged
    }
    heap.verify();
  }

  @Test
  void eachPlaceHasAName() {
    fill();
    for (String name :
        List.of(
            "log \"log\", header",
            "log \"log\", first segment",
            "log \"log\", last segment",
            "log \"log\", index of the first record",
            "log \"log\", index of the next record",
            "log \"log\", end of the records",
            "log \"log\", start of the records",
            "log \"log\", mark",
            "log \"log\", segment, header",
            "log \"log\", segment, its log",
            "log \"log\", segment, index of its first record",
            "log \"log\", segment, segment behind",
            "log \"log\", segment, size",
            "log \"log\", segment, reserved",
            "log \"log\", segment, before the first record",
            "log \"log\", segment, record 5, header",
            "log \"log\", segment, record 5, checksum",
            "log \"log\", segment, record 69, value",
            "log \"log\", segment, behind the last record")) {
      assertTrue(named(name) > 0);
    }
  }

  /** Each bit of a record is covered: its header, its checksum, its value. */
  @Test
  void eachBitOfARecordIsCovered() {
    fill();
    long record = named("log \"log\", segment, record 7, header");
    long size = named("log \"log\", segment, record 8, header") - record;
    for (long at = record; at < record + size; at += Long.BYTES) {
      long right = medium.getLong(at);
      for (int bit = 0; bit < Long.SIZE; bit++) {
        patch(at, right ^ 1L << bit);
        assertThrows(HeapCorruptedException.class, () -> log.get(7));
        assertThrows(HeapCorruptedException.class, () -> log.forEach(entry -> {}));
        assertThrows(HeapCorruptedException.class, log::verify);
      }
      patch(at, right);
    }
    heap.verify();
    assertEquals(65, log.stream(0).count());
  }

  @Test
  void aRecordInAnothersPlaceIsFound() {
    fill();
    long seventh = named("log \"log\", segment, record 17, header");
    long eighth = named("log \"log\", segment, record 18, header");
    for (long at = 0; at < eighth - seventh; at += Long.BYTES) {
      patch(eighth + at, medium.getLong(seventh + at));
    }
    assertThrows(HeapCorruptedException.class, () -> log.get(18));
    assertFound("of record 18");
  }

  @Test
  void whatLeadsAstrayIsRefused() {
    fill();
    for (String field :
        List.of(
            "header",
            "first segment",
            "last segment",
            "index of the first record",
            "index of the next record",
            "end of the records",
            "start of the records")) {
      long at = named("log \"log\", " + field);
      long right = medium.getLong(at);
      for (int bit = 0; bit < Long.SIZE; bit++) {
        patch(at, right ^ 1L << bit);
        assertThrows(HeapCorruptedException.class, log::verify, field + ", bit " + bit);
        useAll();
      }
      patch(at, right);
      heap.verify();
    }
  }

  /** May be refused; must end, and say so. */
  private void useAll() {
    for (Runnable use :
        List.<Runnable>of(
            () -> log.forEach(entry -> {}), () -> log.get(40), () -> log.get(6), log::size)) {
      try {
        use.run();
      } catch (HeapCorruptedException | IndexOutOfBoundsException e) {
        // Both are documented.
      }
    }
  }

  @Test
  void changesOfADamagedLogAreRefused() {
    fill();
    long end = named("log \"log\", end of the records");
    long right = medium.getLong(end);
    patch(end, right + (1 << 20));
    assertThrows(HeapCorruptedException.class, () -> log.append("new"));
    patch(end, right);
    long last = named("log \"log\", last segment");
    right = medium.getLong(last);
    patch(last, medium.getLong(named("log \"log\", first segment")));
    assertThrows(HeapCorruptedException.class, () -> log.append("new"));
    patch(last, 0);
    assertThrows(HeapCorruptedException.class, () -> log.append("new"));
    patch(last, right);
    long behind = named("log \"log\", segment, segment behind");
    right = medium.getLong(behind);
    patch(behind, named("log \"log\", segment, header")); // a ring
    assertThrows(HeapCorruptedException.class, () -> log.forEach(entry -> {}));
    assertThrows(HeapCorruptedException.class, () -> log.truncate(60));
    assertThrows(HeapCorruptedException.class, () -> log.truncate(Long.MAX_VALUE));
    assertThrows(HeapCorruptedException.class, log::verify);
    patch(behind, right);
    heap.verify();
  }
}
