package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deques that are damaged: what is found, by what, and what it is called. */
class DequeVerifyTest {
  private static final int SEGMENT = DequeLayout.CAPACITY;

  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentDeque<String> texts = heap.deque("texts", Types.STRING);
  private final PersistentDeque<Long> longs = heap.deque("longs", Types.LONG);

  /** Three segments, of which the first and the last have room. */
  @BeforeEach
  void fill() {
    for (long i = 0; i < 3L * SEGMENT; i++) {
      texts.add("text " + i);
      longs.add(i);
    }
    texts.pollFirst();
    texts.pollLast();
    PersistentLong other = heap.longValue("other");
    for (int i = 0; i < 3; i++) {
      other.incrementAndGet(); // overwrites the records, which would repair what is damaged
    }
    heap.verify();
  }

  private List<Long> allNamed(String name) {
    List<Long> found = new ArrayList<>();
    for (long offset = TestHeaps.MIB; offset < medium.size(); offset += Long.BYTES) {
      if (heap.describe(offset).equals(name)) {
        found.add(offset);
      }
    }
    return found;
  }

  private long named(String name) {
    List<Long> found = allNamed(name);
    assertTrue(!found.isEmpty(), () -> "nothing is called " + name);
    return found.getFirst();
  }

  /** A segment of the deque of texts. */
  private long segment(int index) {
    long segment = medium.getLong(named("deque \"texts\", first segment"));
    for (int i = 0; i < index; i++) {
      segment = medium.getLong(segment + DequeLayout.BEHIND);
    }
    return segment;
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  private void flip(long offset, int bit) {
    patch(offset, medium.getLong(offset) ^ (1L << bit));
  }

  private void assertFound(String structure, String words) {
    for (Runnable check : List.<Runnable>of(texts::verify, heap::verify)) {
      HeapCorruptedException found = assertThrows(HeapCorruptedException.class, check::run);
      assertTrue(found.structure().startsWith(structure), found::toString);
      assertTrue(found.structure().contains("deque"), found::toString);
      assertTrue(TestHeaps.message(found).contains(words), found::toString);
    }
  }

  private void assertRefusesAll() {
    assertThrows(HeapCorruptedException.class, texts::peekFirst);
    assertThrows(HeapCorruptedException.class, texts::pollFirst);
    assertThrows(HeapCorruptedException.class, () -> texts.addFirst("new"));
    assertThrows(HeapCorruptedException.class, () -> texts.contains("nothing"));
    assertThrows(HeapCorruptedException.class, () -> texts.remove("nothing"));
    assertThrows(HeapCorruptedException.class, () -> texts.forEach(element -> {}));
    assertThrows(HeapCorruptedException.class, texts::clear);
  }

  @Test
  void eachPlaceHasAName() {
    for (String name :
        List.of(
            "deque \"texts\", header",
            "deque \"texts\", first segment",
            "deque \"texts\", last segment",
            "deque \"texts\", count of elements",
            "deque \"texts\", mark",
            "deque \"texts\", reserved",
            "deque \"texts\", segment, header",
            "deque \"texts\", segment, its deque",
            "deque \"texts\", segment, ordinal",
            "deque \"texts\", segment, segment before",
            "deque \"texts\", segment, segment behind",
            "deque \"texts\", segment, slots in use",
            "deque \"texts\", segment, reserved",
            "deque \"texts\", segment, slot 0, padding",
            "deque \"texts\", segment, slot 1, offset",
            "deque \"longs\", segment, slot 1, value",
            "value of deque \"texts\", header",
            "value of deque \"texts\", content")) {
      assertTrue(named(name) > 0);
    }
    assertEquals(3, allNamed("deque \"texts\", segment, header").size());
    assertEquals(3 * SEGMENT - 2, allNamed("value of deque \"texts\", header").size());
  }

  @Test
  void aHeaderThatIsAnothersIsFound() {
    flip(named("deque \"texts\", header"), 3);
    assertFound("deque", "header");
    PersistentHeap again = TestHeaps.reopened(medium);
    assertThrows(HeapCorruptedException.class, () -> again.deque("texts", Types.STRING));
    assertThrows(HeapCorruptedException.class, texts::size);
    assertThrows(HeapCorruptedException.class, () -> texts.add("new"));
  }

  @Test
  void aDequeWhoseLineIsLostIsRefused() {
    long deque = named("deque \"texts\", header");
    for (long at = 0; at < DequeLayout.DEQUE_SIZE; at += Long.BYTES) {
      patch(deque + at, 0);
    }
    assertRefusesAll();
    assertThrows(HeapCorruptedException.class, texts::size);
    assertFound("deque", "header");
  }

  @Test
  void aDequeOfOtherElementsIsFound() {
    flip(named("deque \"texts\", header"), Byte.SIZE);
    assertThrows(HeapCorruptedException.class, heap::verify);
  }

  @Test
  void countsThatAreWrongAreFound() {
    long count = named("deque \"texts\", count of elements");
    flip(count, 0);
    assertFound("deque", "a count of");
    flip(count, 0);
    flip(count, 63);
    assertThrows(HeapCorruptedException.class, texts::size);
    assertThrows(HeapCorruptedException.class, () -> texts.add("new"));
    assertThrows(HeapCorruptedException.class, texts::poll);
    assertFound("deque", "a count of");
  }

  @Test
  void endsThatAreWrongAreFound() {
    long first = named("deque \"texts\", first segment");
    long last = named("deque \"texts\", last segment");
    patch(first, segment(1));
    assertFound("deque", "0x0 before it");
    patch(first, named("deque \"longs\", segment, header")); // a segment, of another deque
    assertFound("segment", "of deque");
    assertRefusesAll();
    patch(first, medium.getLong(last) + 64);
    assertRefusesAll();
    patch(first, 0);
    assertThrows(HeapCorruptedException.class, texts::peekFirst);
    assertThrows(HeapCorruptedException.class, texts::poll);
    assertFound("deque", "as the last segment");
  }

  @Test
  void aLastSegmentThatIsAnotherIsFound() {
    patch(named("deque \"texts\", last segment"), segment(1));
    assertThrows(HeapCorruptedException.class, texts::peekLast);
    assertThrows(HeapCorruptedException.class, () -> texts.addLast("new"));
    assertThrows(HeapCorruptedException.class, texts::pollLast);
    assertFound("deque", "as the last segment");
  }

  @Test
  void segmentsThatAreWrongAreFound() {
    long middle = segment(1);
    flip(middle, 1);
    assertFound("segment", "header");
    assertThrows(HeapCorruptedException.class, () -> texts.contains("nothing"));
    flip(middle, 1);
    patch(middle + DequeLayout.OWNER, named("deque \"longs\", header"));
    assertFound("segment", "of deque");
    assertThrows(HeapCorruptedException.class, () -> texts.forEach(element -> {}));
    patch(middle + DequeLayout.OWNER, named("deque \"texts\", header"));
    patch(middle + DequeLayout.ORDINAL, 0);
    assertFound("deque", "an ordinal above 0");
    assertThrows(HeapCorruptedException.class, () -> texts.forEach(element -> {}));
    assertThrows(HeapCorruptedException.class, () -> texts.contains("nothing"));
    patch(middle + DequeLayout.ORDINAL, 1);
    flip(middle + DequeLayout.PRESENT + Long.BYTES, 17);
    assertFound("deque", "reserved");
  }

  @Test
  void linksThatAreWrongAreFound() {
    long middle = segment(1);
    long before = medium.getLong(middle + DequeLayout.BEFORE);
    patch(middle + DequeLayout.BEFORE, medium.getLong(middle + DequeLayout.BEHIND));
    assertFound("deque", "before it");
    assertThrows(
        HeapCorruptedException.class,
        () -> texts.removeIf(text -> Integer.parseInt(text.substring(5)) < SEGMENT),
        "the first segment is emptied, and the one behind it denies it");
    patch(middle + DequeLayout.BEFORE, before);
    patch(middle + DequeLayout.BEHIND, before); // a ring
    assertFound("deque", "an ordinal above 1");
    assertThrows(HeapCorruptedException.class, () -> texts.forEach(element -> {}));
    assertThrows(HeapCorruptedException.class, () -> texts.contains("nothing"));
    patch(middle + DequeLayout.BEHIND, 0);
    assertFound("deque", "as the last segment");
  }

  @Test
  void slotsThatAreWrongAreFound() {
    long present = segment(1) + DequeLayout.PRESENT;
    flip(present, 5);
    assertFound("deque", "a count of");
    flip(present, 5);
    flip(present, 60);
    assertFound("deque", "56 slots");
    assertThrows(HeapCorruptedException.class, () -> texts.contains("nothing"));
    flip(present, 60);
    patch(present, 0);
    assertFound("deque", "an element");
    flip(segment(0) + DequeLayout.PRESENT, 0); // a slot that is not in use
    assertThrows(HeapCorruptedException.class, texts::verify);
  }

  @Test
  void valuesThatAreWrongAreFound() {
    long slot = DequeLayout.slot(segment(1), 7);
    long right = medium.getLong(slot);
    patch(slot, medium.getLong(slot + Long.BYTES)); // one twice
    assertThrows(HeapCorruptedException.class, texts::verify);
    patch(slot, 24);
    assertThrows(HeapCorruptedException.class, texts::verify);
    assertThrows(HeapCorruptedException.class, () -> texts.forEach(element -> {}));
    patch(slot, right);
    patch(right, ValueBlocks.header(3000));
    assertFound("value", "content within its");
    patch(right, 0);
    assertFound("value", "a header of kind 6");
    assertThrows(HeapCorruptedException.class, () -> texts.remove("nothing"));
  }
}
