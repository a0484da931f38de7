package dev.cairn.collections;

import dev.cairn.collections.CrashStory.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Every crash of what a deque does: gain and lose elements and segments, at and between its ends.
 */
class DequeCrashTest {
  /** As many as a segment holds. */
  private static final int SEGMENT = DequeLayout.CAPACITY;

  /** Explores the steps on a deque of numbers from 0, as they are, and as texts in blocks. */
  private static void explore(String name, int count, List<Step<Numbers<?>>> steps) {
    explore(name, Types.LONG, Long::valueOf, count, steps);
    explore(name + ", of texts", Types.STRING, i -> "number " + i, count, steps);
  }

  private static <E> void explore(
      String name,
      Type<E> type,
      Function<Long, E> element,
      int count,
      List<Step<Numbers<?>>> steps) {
    CrashStory<Numbers<E>> story =
        new CrashStory<>(
            heap -> new Numbers<>(heap.deque("deque", type), element),
            () -> new Numbers<>(new ArrayDeque<>(), element),
            numbers -> new ArrayList<>(numbers.deque()));
    story.explore(name, numbers -> numbers.add(0, count), steps);
  }

  /** A deque of elements that stand for numbers. */
  private record Numbers<E>(Deque<E> deque, Function<Long, E> element) {
    void first(long number) {
      deque.addFirst(element.apply(number));
    }

    void last(long number) {
      deque.addLast(element.apply(number));
    }

    void add(long from, long to) {
      deque.addAll(LongStream.range(from, to).mapToObj(element::apply).toList());
    }

    void remove(long number) {
      deque.remove(element.apply(number));
    }

    void remove(long from, long to) {
      for (long number = from; number < to; number++) {
        remove(number);
      }
    }
  }

  @Test
  void everyCrashLeavesAnElementThereOrNot() {
    explore(
        "deque of one segment",
        10,
        List.of(
            numbers -> numbers.last(10),
            numbers -> numbers.deque().pollFirst(),
            numbers -> numbers.deque().pollLast(),
            numbers -> numbers.first(-1), // where 0 was
            numbers -> numbers.remove(5),
            numbers -> {
              numbers.last(20);
              numbers.deque().pollLast();
              numbers.last(21);
              numbers.deque().pollFirst();
            },
            numbers -> numbers.deque().clear(),
            numbers -> numbers.first(1)));
  }

  @Test
  void everyCrashLeavesTheFirstElement() {
    explore(
        "first element of a deque",
        0,
        List.of(
            numbers -> numbers.last(1),
            numbers -> numbers.deque().pollLast(), // its segment stays
            numbers -> numbers.first(2),
            numbers -> numbers.first(3),
            numbers -> numbers.deque().clear(),
            numbers -> numbers.add(5, 8),
            numbers -> {
              numbers.deque().clear();
              numbers.add(8, 10);
              numbers.remove(8);
            }));
  }

  @Test
  void everyCrashLeavesASegmentThereOrNot() {
    explore(
        "deque that gains segments",
        SEGMENT,
        List.of(
            numbers -> numbers.last(SEGMENT),
            numbers -> numbers.first(-1),
            numbers -> numbers.last(SEGMENT + 1L),
            numbers -> numbers.first(-2)));
    explore(
        "deque that loses segments at its ends",
        3 * SEGMENT,
        List.of(
            numbers -> numbers.remove(1, SEGMENT),
            numbers -> numbers.deque().pollFirst(),
            numbers -> numbers.remove(2L * SEGMENT, 3L * SEGMENT - 1),
            numbers -> numbers.deque().pollLast(),
            numbers -> numbers.remove(SEGMENT, 2L * SEGMENT - 1),
            numbers -> numbers.deque().pollLast()));
    explore(
        "deque that loses a segment between others",
        3 * SEGMENT,
        List.of(
            numbers -> numbers.remove(SEGMENT + 1L, 2L * SEGMENT),
            numbers -> numbers.remove(SEGMENT),
            numbers -> numbers.remove(0, SEGMENT)));
  }

  @Test
  void everyCrashLeavesAllElementsOrNone() {
    explore(
        "deque that many elements are added to",
        3,
        List.of(
            numbers -> numbers.add(3, 3L * SEGMENT),
            numbers -> numbers.remove(1, 3L * SEGMENT - 1),
            numbers -> {
              numbers.add(100, 150);
              numbers.deque().clear();
              numbers.first(1);
            }));
    explore(
        "deque that is cleared",
        3 * SEGMENT,
        List.of(numbers -> numbers.deque().clear(), numbers -> numbers.last(1)));
  }
}
