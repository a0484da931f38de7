package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionAbortedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PersistentDequeTest {
  /** As many as a segment holds. */
  private static final int SEGMENT = DequeLayout.CAPACITY;

  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentDeque<Long> deque = heap.deque("deque", Types.LONG);

  @AfterEach
  void verify() {
    heap.verify();
  }

  private static <E> void assertSameElements(Collection<E> expected, Collection<E> actual) {
    assertEquals(new ArrayList<>(expected), new ArrayList<>(actual));
  }

  /** Does the same to both, which must answer the same. */
  private static <E> void step(
      Deque<E> deque, Deque<E> model, Random random, IntFunction<E> elements) {
    E element = elements.apply(random.nextInt(40));
    switch (random.nextInt(16)) {
      case 0, 1 -> assertEquals(model.offerFirst(element), deque.offerFirst(element));
      case 2, 3 -> assertEquals(model.offerLast(element), deque.offerLast(element));
      case 4 -> assertEquals(model.pollFirst(), deque.pollFirst());
      case 5 -> assertEquals(model.pollLast(), deque.pollLast());
      case 6 -> {
        assertEquals(model.removeFirstOccurrence(element), deque.removeFirstOccurrence(element));
        assertEquals(model.contains(element), deque.contains(element));
      }
      case 7 ->
          assertEquals(model.removeLastOccurrence(element), deque.removeLastOccurrence(element));
      case 8 -> {
        List<E> many = IntStream.range(0, random.nextInt(3 * SEGMENT)).mapToObj(elements).toList();
        assertEquals(model.addAll(many), deque.addAll(many));
      }
      case 9 -> {
        for (int i = random.nextInt(3 * SEGMENT); i > 0; i--) {
          deque.addFirst(element);
          model.addFirst(element);
        }
      }
      case 10 -> {
        for (int i = random.nextInt(5 * SEGMENT); i > 0; i--) {
          assertEquals(model.pollFirst(), deque.pollFirst());
        }
      }
      case 11 -> {
        for (int i = random.nextInt(5 * SEGMENT); i > 0; i--) {
          assertEquals(model.pollLast(), deque.pollLast());
        }
      }
      case 12 -> removeByIterator(deque.iterator(), model.iterator(), random);
      case 13 -> removeByIterator(deque.descendingIterator(), model.descendingIterator(), random);
      case 14 -> {
        assertEquals(model.peekFirst(), deque.peekFirst());
        assertEquals(model.peekLast(), deque.peekLast());
        assertEquals(model.removeIf(element::equals), deque.removeIf(element::equals));
      }
      default -> {
        if (random.nextInt(4) == 0) {
          deque.clear();
          model.clear();
        }
      }
    }
    assertEquals(model.size(), deque.size());
  }

  private static <E> void removeByIterator(Iterator<E> deque, Iterator<E> model, Random random) {
    int chance = random.nextInt(1, 6);
    while (model.hasNext()) {
      assertTrue(deque.hasNext());
      assertEquals(model.next(), deque.next());
      if (random.nextInt(chance) == 0) {
        deque.remove();
        model.remove();
      }
    }
    assertFalse(deque.hasNext());
  }

  private <E> void behavesAsADeque(String name, Type<E> type, IntFunction<E> elements) {
    Random random = new Random(TestHeaps.seed("behavesAsADeque of " + name));
    PersistentDeque<E> tested = heap.deque(name, type);
    Deque<E> model = new ArrayDeque<>();
    for (int i = 0; i < 1200; i++) {
      if (random.nextInt(6) > 0) {
        heap.transact(() -> step(tested, model, random, elements));
      } else if (random.nextInt(2) == 0) {
        step(tested, model, random, elements);
      } else {
        Deque<E> undone = new ArrayDeque<>(model);
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transact(
                    () -> {
                      step(tested, undone, random, elements);
                      step(tested, undone, random, elements);
                      throw new World.Undo();
                    }));
      }
      assertEquals(model.size(), tested.elementCount());
      if (i % 40 == 0) {
        assertSameElements(model, tested);
        assertSameElements(model.reversed(), tested.reversed());
        tested.verify();
      }
      if (i % 300 == 0) {
        heap.verify();
        assertSameElements(model, TestHeaps.reopened(medium).deque(name, type));
      }
    }
  }

  @Test
  void behavesAsADequeOfLongs() {
    behavesAsADeque("longs", Types.LONG, Long::valueOf);
  }

  @Test
  void behavesAsADequeOfSmallValues() {
    behavesAsADeque("booleans", Types.BOOLEAN, i -> i % 2 == 0);
    behavesAsADeque("bytes", Types.BYTE, i -> (byte) (i - 20));
    behavesAsADeque("floats", Types.FLOAT, i -> i / 4F);
  }

  @Test
  void behavesAsADequeOfStrings() {
    behavesAsADeque("strings", Types.STRING, i -> "x".repeat(i) + i);
  }

  /** Of one size, but of more than a word. */
  record Job(long number, int priority) {}

  @Test
  void behavesAsADequeOfRecords() {
    behavesAsADeque("jobs", Types.record(Job.class), i -> new Job(i, -i));
  }

  @Test
  void anEmptyDequeSaysSo() {
    assertNull(deque.poll());
    assertNull(deque.peekLast());
    assertThrows(NoSuchElementException.class, deque::removeFirst);
    assertThrows(NoSuchElementException.class, deque::removeLast);
    assertThrows(NoSuchElementException.class, deque::getFirst);
    assertThrows(NoSuchElementException.class, deque::getLast);
    assertThrows(NoSuchElementException.class, deque::element);
    assertThrows(NoSuchElementException.class, deque::pop);
    assertThrows(NoSuchElementException.class, () -> deque.iterator().next());
    assertThrows(IllegalStateException.class, () -> deque.iterator().remove());
    deque.add(1L);
    assertEquals(1L, deque.remove());
    assertTrue(deque.isEmpty());
  }

  @Test
  void refusesWhatItCannotHold() {
    assertThrows(NullPointerException.class, () -> deque.addLast(TestHeaps.nothing()));
    assertThrows(NullPointerException.class, () -> deque.push(TestHeaps.nothing()));
    List<Long> withNull = new ArrayList<>(List.of(1L));
    withNull.add(TestHeaps.nothing());
    assertThrows(NullPointerException.class, () -> deque.addAll(withNull));
    Collection<Long> itself = deque;
    assertThrows(IllegalArgumentException.class, () -> deque.addAll(itself));
    Deque<Object> wrong = unchecked(deque);
    Object text = "text";
    assertThrows(ClassCastException.class, () -> wrong.add(text));
    assertFalse(wrong.contains(text));
    assertFalse(wrong.remove(text));
    assertFalse(deque.contains(TestHeaps.nothing()));
    assertTrue(deque.isEmpty());
  }

  @SuppressWarnings("unchecked")
  private static Deque<Object> unchecked(Deque<?> deque) {
    return (Deque<Object>) deque;
  }

  @Test
  void theSameNameIsTheSameDeque() {
    assertSame(deque, heap.deque("deque", Types.LONG));
    assertThrows(IllegalArgumentException.class, () -> heap.deque("deque", Types.INT));
    assertThrows(IllegalArgumentException.class, () -> heap.list("deque", Types.LONG));
    heap.transact(
        () -> {
          assertThrows(IllegalStateException.class, () -> heap.deque("new", Types.LONG));
        });
  }

  /** A job that is taken and done in one transaction is done once. */
  @Test
  void whatIsTakenInATransactionThatIsUndoneIsBack() {
    PersistentHashMap<Long, String> results = heap.map("results", Types.LONG, Types.STRING);
    deque.addAll(LongStream.range(0, 2L * SEGMENT).boxed().toList());
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  for (int i = 0; i < SEGMENT + 1; i++) {
                    results.put(deque.removeFirst(), "done");
                  }
                  assertEquals(SEGMENT + 1L, deque.peekFirst());
                  assertEquals(SEGMENT - 1, deque.size());
                  throw new World.Undo();
                }));
    assertEquals(0L, deque.peekFirst());
    assertEquals(2 * SEGMENT, deque.size());
    assertTrue(results.isEmpty());
    heap.transact(() -> results.put(deque.removeFirst(), "done"));
    assertEquals(1L, deque.peekFirst());
    assertEquals("done", results.get(0L));
  }

  /** Far more than fits into a record, or into the log of a lane. */
  @Test
  void manyElementsAreAddedAndClearedAtOnce() {
    List<Long> many = LongStream.range(0, 20_000).boxed().toList();
    deque.addAll(many);
    assertSameElements(many, TestHeaps.reopened(medium).deque("deque", Types.LONG));
    heap.transact(
        () -> {
          deque.clear();
          deque.addLast(7L);
          deque.addFirst(6L);
        });
    assertSameElements(List.of(6L, 7L), TestHeaps.reopened(medium).deque("deque", Types.LONG));
  }

  @Test
  void memoryComesBack() {
    PersistentDeque<String> strings = heap.deque("strings", Types.STRING);
    strings.add("first");
    long used = heap.stats().usedBytes();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 5 * SEGMENT; i++) {
        strings.addLast("element " + i);
        strings.addFirst("element " + -i);
      }
      assertTrue(strings.removeIf(element -> !element.equals("first")));
      assertEquals(used, heap.stats().usedBytes());
      strings.addAll(List.of("a", "b"));
      strings.clear();
      strings.add("first");
      assertEquals(used, heap.stats().usedBytes());
    }
  }

  @Test
  void iteratorsGoOnWhereTheyAreWhateverIsRemoved() {
    deque.addAll(LongStream.range(0, 4L * SEGMENT).boxed().toList());
    Iterator<Long> up = deque.iterator();
    Iterator<Long> down = deque.descendingIterator();
    for (long i = 0; i < SEGMENT; i++) {
      assertEquals(i, up.next());
      assertEquals(4L * SEGMENT - 1 - i, down.next());
    }
    // Both segments that were read, and the one behind the first, are no more.
    deque.removeIf(element -> element < 2L * SEGMENT || element >= 3L * SEGMENT);
    assertEquals(2L * SEGMENT, up.next());
    assertEquals(3L * SEGMENT - 1, down.next());
    deque.clear();
    deque.add(-1L);
    for (long i = 1; i < SEGMENT; i++) { // was read before
      assertEquals(2L * SEGMENT + i, up.next());
    }
    up.remove(); // is gone already
    assertFalse(up.hasNext() && up.next() >= 0, "what is behind is gone");
    assertSameElements(List.of(-1L), deque);
  }

  /** Its segments still look like ones of the deque, in blocks that are free by now. */
  @Test
  void iteratorsOfATransactionThatWasUndoneRemoveNothing() {
    List<Long> all = LongStream.range(0, SEGMENT).boxed().toList();
    deque.addAll(all);
    for (boolean clearsFirst : new boolean[] {true, false}) {
      List<Iterator<Long>> walks = new ArrayList<>();
      assertThrows(
          TransactionAbortedException.class,
          () ->
              heap.transact(
                  () -> {
                    if (clearsFirst) {
                      deque.clear();
                    }
                    deque.add(100L);
                    Iterator<Long> walk = deque.iterator();
                    while (walk.next() != 100) {}
                    walks.add(walk);
                    throw new World.Undo();
                  }));
      Iterator<Long> walk = walks.getFirst();
      walk.remove();
      assertSameElements(all, deque);
      assertFalse(walk.hasNext());
      heap.verify();
    }
  }

  @Test
  void iteratorsOfAClosedHeapSaySo() {
    PersistentHeap other = TestHeaps.inMemory(4 * TestHeaps.MIB);
    PersistentDeque<Long> closed = other.deque("deque", Types.LONG);
    closed.addAll(List.of(1L, 2L));
    Iterator<Long> iterator = closed.iterator();
    assertEquals(1L, iterator.next());
    other.close();
    assertThrows(IllegalStateException.class, iterator::hasNext);
    assertThrows(IllegalStateException.class, iterator::remove);
    assertThrows(IllegalStateException.class, closed::size);
    assertThrows(IllegalStateException.class, () -> closed.awaitElement(Duration.ofSeconds(9)));
  }

  @Test
  void iteratorsRemoveOnlyWhatTheyHaveShown() {
    deque.addAll(List.of(1L, 2L, 3L));
    Iterator<Long> iterator = deque.iterator();
    assertEquals(1L, iterator.next());
    deque.removeFirst();
    deque.addFirst(9L); // where 1 was
    iterator.remove();
    assertThrows(IllegalStateException.class, iterator::remove);
    assertSameElements(List.of(9L, 2L, 3L), deque);
    assertEquals(2L, iterator.next());
    iterator.remove();
    assertSameElements(List.of(9L, 3L), deque);
  }

  /** What a record's constructor does when it is called next, once. */
  private static Runnable whenCalled = () -> {};

  private static void call() {
    Runnable action = whenCalled;
    whenCalled = () -> {};
    action.run();
  }

  /** Its constructor is a program's code, and may do anything. */
  record Called(long number, long other) {
    Called {
      call();
    }
  }

  @Test
  void constructorThatChangesTheDequeIsRefused() {
    PersistentDeque<Called> called = heap.deque("called", Types.record(Called.class));
    called.addAll(List.of(new Called(1, 1), new Called(2, 2)));
    whenCalled = called::clear;
    assertThrows(ConcurrentModificationException.class, called::pollFirst);
    whenCalled = () -> called.addFirst(new Called(3, 3));
    assertThrows(ConcurrentModificationException.class, called::pollLast);
    assertSameElements(List.of(new Called(1, 1), new Called(2, 2)), called);
    whenCalled = () -> assertEquals(2, called.size());
    assertEquals(new Called(1, 1), called.poll());
  }

  @Test
  void awaitsNothingThatIsThere() throws InterruptedException {
    assertFalse(deque.awaitElement(Duration.ZERO));
    assertFalse(deque.awaitElement(Duration.ofMillis(1)));
    assertFalse(deque.awaitElement(Duration.ofSeconds(-5)));
    assertFalse(deque.awaitElement(Duration.ofSeconds(Long.MIN_VALUE)));
    assertNull(deque.blocking().poll(Long.MIN_VALUE, TimeUnit.NANOSECONDS));
    deque.add(1L);
    assertTrue(deque.awaitElement(Duration.ZERO));
    assertTrue(deque.awaitElement(Duration.ofSeconds(Long.MAX_VALUE)));
  }
}
