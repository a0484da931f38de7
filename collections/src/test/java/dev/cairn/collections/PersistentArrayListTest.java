package dev.cairn.collections;

import static dev.cairn.collections.TestHeaps.MIB;
import static dev.cairn.collections.TestHeaps.nothing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PersistentArrayListTest {
  private final PersistentHeap heap = TestHeaps.inMemory(4 * MIB);
  private final PersistentArrayList<String> strings = heap.list("strings", Types.STRING);
  private final PersistentArrayList<Long> longs = heap.list("longs", Types.LONG);

  @AfterEach
  void verifyAndClose() {
    heap.verify();
    heap.close();
  }

  /**
   * A filter that emptied the list it was called for left a list of as many elements as it had
   * kept, without a place for them: damage that nothing could repair.
   */
  @Test
  void filterThatChangesTheListIsRefused() {
    strings.addAll(List.of("a", "b", "c"));
    assertThrows(
        ConcurrentModificationException.class,
        () ->
            strings.removeIf(
                element -> {
                  if (element.equals("c")) {
                    strings.clear();
                    return true;
                  }
                  return false;
                }));
    assertEquals(List.of("a", "b", "c"), strings);
    assertThrows(ConcurrentModificationException.class, () -> strings.removeIf(strings::remove));
    assertEquals(List.of("a", "b", "c"), strings);
  }

  /** The same for comparators, and for operators of replaceAll. */
  @Test
  void comparatorOrOperatorThatChangesTheListIsRefused() {
    longs.addAll(List.of(3L, 2L, 1L));
    assertThrows(
        ConcurrentModificationException.class,
        () ->
            longs.sort(
                (a, b) -> {
                  longs.clear();
                  return a.compareTo(b);
                }));
    assertEquals(List.of(3L, 2L, 1L), longs);
    assertThrows(
        ConcurrentModificationException.class,
        () ->
            longs.replaceAll(
                element -> {
                  longs.remove(element);
                  return 7L;
                }));
    assertEquals(List.of(3L, 2L, 1L), longs);
  }

  /** A change that failed was counted, and spoilt the iterators of a list that had not changed. */
  @Test
  void failedChangeDoesNotDisturbIterators() {
    longs.addAll(List.of(1L, 2L));
    Iterator<Long> iterator = longs.iterator();
    assertEquals(1L, iterator.next());
    assertThrows(IndexOutOfBoundsException.class, () -> longs.addAll(5, List.of(1L)));
    assertThrows(IndexOutOfBoundsException.class, () -> longs.remove(2));
    assertEquals(2L, iterator.next());
  }

  /**
   * removeLast was two operations, size and remove: of two threads that took from a long list, one
   * could be told that the index is out of bounds.
   */
  @Test
  void threadsTakeEachElementOnce() throws Exception {
    int count = 4000;
    Long[] all = new Long[count];
    Arrays.setAll(all, i -> (long) i);
    longs.addAll(Arrays.asList(all));
    int[] taken = new int[count];
    AtomicInteger failures = new AtomicInteger();
    TestHeaps.inThreads(
        4,
        thread -> {
          for (int i = 0; i < count / 4; i++) {
            try {
              long element = longs.removeLast();
              synchronized (taken) {
                taken[(int) element]++;
              }
            } catch (IndexOutOfBoundsException e) {
              failures.incrementAndGet();
            }
          }
        });
    assertEquals(0, failures.get());
    assertTrue(Arrays.stream(taken).allMatch(times -> times == 1));
    assertThrows(NoSuchElementException.class, longs::removeLast);
    assertThrows(NoSuchElementException.class, longs::removeFirst);
    assertThrows(NoSuchElementException.class, longs::getFirst);
    assertThrows(NoSuchElementException.class, longs::getLast);
  }

  @Test
  void endsAreElementsLikeOthers() {
    strings.addFirst("b");
    strings.addLast("c");
    strings.addFirst("a");
    assertEquals(List.of("a", "b", "c"), strings);
    assertEquals("a", strings.getFirst());
    assertEquals("c", strings.getLast());
    assertEquals("a", strings.removeFirst());
    assertEquals("c", strings.removeLast());
    assertEquals(List.of("b"), strings);
    assertEquals(List.of("b"), strings.reversed());
  }

  @Test
  void refusesNullEverywhere() {
    String none = nothing();
    Collection<String> noList = nothing();
    assertThrows(NullPointerException.class, () -> strings.add(none));
    assertThrows(NullPointerException.class, () -> strings.add(0, none));
    assertThrows(NullPointerException.class, () -> strings.addAll(Arrays.asList("a", none)));
    assertThrows(NullPointerException.class, () -> strings.addAll(0, Arrays.asList("a", none)));
    assertThrows(NullPointerException.class, () -> strings.addAll(noList));
    assertThrows(NullPointerException.class, () -> strings.removeAll(noList));
    assertThrows(NullPointerException.class, () -> strings.retainAll(noList));
    assertThrows(NullPointerException.class, () -> strings.removeIf(nothing()));
    assertThrows(NullPointerException.class, () -> strings.replaceAll(nothing()));
    assertTrue(strings.isEmpty());
    strings.add("a");
    assertThrows(NullPointerException.class, () -> strings.set(0, none));
    assertThrows(NullPointerException.class, () -> strings.replaceAll(element -> none));
    assertFalse(strings.contains(none));
    assertFalse(strings.remove(none));
    assertEquals(List.of("a"), strings);
  }

  @Test
  void namesIndexAndSize() {
    longs.add(1L);
    for (int index : new int[] {-1, 1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      String expected = "index " + index + ", size 1";
      assertMessage(expected, () -> longs.get(index));
      assertMessage(expected, () -> longs.set(index, 2L));
      assertMessage(expected, () -> longs.remove(index));
    }
    assertMessage("index 2, size 1", () -> longs.add(2, 2L));
    assertMessage("index -1, size 1", () -> longs.addAll(-1, List.of()));
    assertEquals(List.of(1L), longs);
  }

  private static void assertMessage(String expected, Runnable action) {
    assertEquals(expected, assertThrows(IndexOutOfBoundsException.class, action::run).getMessage());
  }

  @Test
  void addsItselfAndRemovesItself() {
    strings.addAll(List.of("a", "b"));
    Collection<String> itself = strings;
    strings.addAll(itself);
    strings.addAll(1, itself);
    assertEquals(List.of("a", "a", "b", "a", "b", "b", "a", "b"), strings);
    strings.removeAll(itself);
    assertTrue(strings.isEmpty());
  }

  /** What a record's code does when it is called next, once. */
  private static Runnable whenCalled = () -> {};

  private static void call() {
    Runnable action = whenCalled;
    whenCalled = () -> {};
    action.run();
  }

  /** Its constructor is a program's code, and may do anything. */
  record Inner(long number) {
    Inner {
      call();
    }
  }

  record Outer(Inner inner, long second, long third) {
    static Outer of(long number) {
      return new Outer(new Inner(number), number + 1, number + 2);
    }
  }

  /**
   * In a transaction, an element that is not in place yet is laid out before it is read. A
   * constructor in its middle that read another such element had it laid out in the same memory:
   * what was returned had the first components of the one, and the last of the other.
   */
  @Test
  void constructorThatReadsOrChangesTheListDoesNotDisturbWhoReads() {
    PersistentArrayList<Outer> outers = heap.list("outers", Types.record(Outer.class));
    Outer first = Outer.of(100);
    Outer second = Outer.of(200);
    Outer third = Outer.of(300);
    outers.addAll(List.of(Outer.of(10), Outer.of(20), Outer.of(30)));
    heap.transact(
        () -> {
          outers.set(0, first);
          outers.set(1, second);
          List<Outer> read = new ArrayList<>();
          whenCalled = () -> read.add(outers.get(1));
          read.add(outers.get(0));
          assertEquals(List.of(second, first), read);
          whenCalled = () -> outers.set(2, third);
          assertEquals(first, outers.get(0));
          return null;
        });
    assertEquals(List.of(first, second, third), outers);
  }

  /** Its accessor is a program's code, too. */
  record Called(long number, long other) {
    @Override
    public long number() {
      call();
      return number;
    }
  }

  /** Values come from fields: an accessor that changes the list is not called in the middle. */
  @Test
  void accessorsThatChangeTheListAreNotCalled() {
    PersistentArrayList<Called> list = heap.list("called", Types.record(Called.class));
    Called first = new Called(1, 2);
    Called second = new Called(3, 4);
    whenCalled = list::clear;
    list.addAll(List.of(first, first));
    list.set(0, second);
    heap.transact(
        () -> {
          list.set(1, second);
          assertEquals(List.of(second, second), list);
          assertEquals(1, list.lastIndexOf(second));
          list.add(first);
          return null;
        });
    assertEquals(2, list.indexOf(first));
    assertEquals(List.of(second, second, first), list);
    assertEquals(1, first.number());
    assertEquals(List.of(), list, "when it is called, it does what it says");
  }
}
