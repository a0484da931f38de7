package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.tx.TransactionAbortedException;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Values that are overwritten where they lie: seen by who should see them, and undone whole. */
class InPlaceTest {
  private static final class Undo extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentHashMap<Long, byte[]> blobs = heap.map("b", Types.LONG, Types.BYTES);
  private final PersistentHashMap<Long, String> texts = heap.map("t", Types.LONG, Types.STRING);
  private final PersistentLongMap numbers = heap.longMap("n");
  private final PersistentArrayList<String> words = heap.list("w", Types.STRING);
  private final PersistentArrayList<Long> longs = heap.list("l", Types.LONG);

  @AfterEach
  void isWholeAfterReopening() {
    heap.verify();
    heap.close();
    try (PersistentHeap again =
        PersistentHeap.open(SimulatedMedium.of(medium.newestImage()), TestHeaps.OPTIONS)) {
      again.verify();
    }
  }

  private static byte[] blob(int length, int fill) {
    byte[] blob = new byte[length];
    Arrays.fill(blob, (byte) fill);
    return blob;
  }

  private void undone(Runnable body) {
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  body.run();
                  throw new Undo();
                }));
  }

  /** At each length: whole words or not, at the limit, and beyond it. */
  @Test
  void eachLengthHoldsWhatWasPutLast() {
    for (int length = 0; length < 300; length++) {
      for (int fill = 1; fill <= 3; fill++) {
        blobs.put((long) length, blob(length, fill));
        assertArrayEquals(blob(length, fill), blobs.get((long) length));
      }
    }
    for (int length = 0; length < 300; length++) {
      assertArrayEquals(blob(length, 3), blobs.get((long) length));
    }
  }

  /** Only the words that differ are stored; whichever they are. */
  @Test
  void eachByteCanDifferAlone() {
    byte[] blob = blob(45, 7);
    blobs.put(1L, blob);
    for (int i = 0; i < blob.length; i++) {
      blob[i]++;
      byte[] before = blobs.put(1L, blob);
      assertEquals(blob[i] - 1, before == null ? -1 : before[i]);
      assertArrayEquals(blob, blobs.get(1L));
    }
    blob[0]++;
    blob[44]++;
    blobs.put(1L, blob);
    assertArrayEquals(blob, blobs.get(1L));
  }

  @Test
  void transactionSeesItsOwnInEachWay() {
    texts.put(1L, "one");
    texts.put(2L, "two");
    words.addAll(List.of("a", "b"));
    longs.addAll(List.of(1L, 2L));
    numbers.put(1, 1);
    heap.transact(
        () -> {
          assertEquals("one", texts.put(1L, "ONE"));
          assertEquals("ONE", texts.get(1L));
          assertEquals(Map.of(1L, "ONE", 2L, "two"), Map.copyOf(texts));
          assertEquals(false, texts.replace(1L, "one", "xxx"));
          assertEquals(true, texts.replace(1L, "ONE", "Two"));
          assertEquals(true, texts.containsValue("Two"));
          assertEquals("Two!", texts.merge(1L, "!", String::concat));
          assertEquals("2wo!", texts.compute(1L, (key, text) -> "2wo!"));
          assertEquals("a", words.set(0, "A"));
          assertEquals(List.of("A", "b"), List.copyOf(words));
          assertEquals(0, words.indexOf("A"));
          assertEquals(1L, longs.set(0, 9L));
          assertEquals(List.of(9L, 2L), List.copyOf(longs));
          numbers.put(1, 2);
          assertEquals(12, numbers.add(1, 10));
          assertEquals(12, numbers.get(1, 0));
        });
    assertEquals(Map.of(1L, "2wo!", 2L, "two"), Map.copyOf(texts));
    assertEquals(List.of("A", "b"), List.copyOf(words));
    assertEquals(12, numbers.get(1, 0));
  }

  @Test
  void whatIsUndoneIsAsBefore() {
    texts.put(1L, "one");
    words.add("a");
    numbers.put(1, 1);
    undone(
        () -> {
          texts.put(1L, "ONE");
          texts.put(1L, "eno");
          words.set(0, "b");
          numbers.add(1, 5);
        });
    assertEquals("one", texts.get(1L));
    assertEquals("a", words.get(0));
    assertEquals(1, numbers.get(1, 0));
  }

  @Test
  void failureOfNestedOneBringsBackTheOuterOnes() {
    texts.put(1L, "one");
    words.add("a");
    numbers.put(1, 1);
    heap.transact(
        () -> {
          texts.put(1L, "ONE");
          words.set(0, "b");
          numbers.put(1, 2);
          assertThrows(
              Undo.class,
              () ->
                  texts.compute(
                      1L,
                      (key, text) -> {
                        texts.put(1L, "two");
                        texts.remove(1L);
                        words.set(0, "c");
                        numbers.put(1, 3);
                        throw new Undo();
                      }));
          assertEquals("ONE", texts.get(1L));
          assertEquals("b", words.get(0));
          assertEquals(2, numbers.get(1, 0));
        });
    assertEquals("ONE", texts.get(1L));
    assertEquals("b", words.get(0));
    assertEquals(2, numbers.get(1, 0));
  }

  /** A block that the transaction has made is not overwritten: its record vouches for it. */
  @Test
  void entryOfTheSameTransactionGetsAnother() {
    heap.transact(
        () -> {
          for (int i = 0; i < 3; i++) {
            texts.put(7L, "text " + i);
            words.add("word " + i);
            words.set(words.size() - 1, "WORD " + i);
            numbers.put(7, i);
          }
        });
    assertEquals("text 2", texts.get(7L));
    assertEquals(List.of("WORD 0", "WORD 1", "WORD 2"), List.copyOf(words));
    assertEquals(2, numbers.get(7, 0));
  }

  /** Entries that were made, moved to a new segment, and replaced, by one transaction. */
  @Test
  void entriesThatWereMovedAreReplaced() {
    heap.transact(
        () -> {
          for (long key = 0; key < 3000; key++) {
            texts.put(key, "text " + (10_000 + key));
          }
          for (long key = 0; key < 3000; key++) {
            texts.put(key, "TEXT " + (10_000 + key));
          }
        });
    for (long key = 0; key < 3000; key++) {
      assertEquals("TEXT " + (10_000 + key), texts.get(key));
    }
  }

  // Programs that are called while a value is read.

  private static final AtomicReference<@Nullable Runnable> WHEN_READ = new AtomicReference<>();

  /** A record whose constructor does something, once. */
  public record Hooked(long number, String text) {
    public Hooked {
      Runnable hook = WHEN_READ.getAndSet(null);
      if (hook != null) {
        hook.run();
      }
    }
  }

  private void grow(PersistentHashMap<Long, Hooked> map) {
    for (long key = 100; key < 3100; key++) {
      map.set(key, new Hooked(key, "x"));
    }
  }

  @Test
  void mapGrowsWhileAnOldValueIsRead() {
    PersistentHashMap<Long, Hooked> map =
        heap.map("hooked", Types.LONG, Types.record(Hooked.class));
    map.set(1L, new Hooked(1, "old"));
    Hooked longer = new Hooked(1, "a longer one");
    WHEN_READ.set(() -> grow(map));
    map.put(1L, longer);
    assertEquals(longer, map.get(1L));
    heap.verify();
    map.clear();
    map.set(1L, new Hooked(1, "old"));
    WHEN_READ.set(() -> grow(map));
    map.remove(1L);
    assertEquals(false, map.containsKey(1L));
    assertEquals(3000, map.size());
    heap.verify();
  }

  @Test
  void entryGoesWhileItsValueIsRead() {
    PersistentHashMap<Long, Hooked> map =
        heap.map("hooked", Types.LONG, Types.record(Hooked.class));
    map.set(1L, new Hooked(1, "old"));
    Hooked same = new Hooked(1, "new");
    WHEN_READ.set(() -> map.remove(1L));
    map.put(1L, same);
    assertEquals(same, map.get(1L));
    WHEN_READ.set(() -> map.remove(1L));
    map.remove(1L);
    assertEquals(0, map.size());
  }

  @Test
  void listChangesWhileAnElementIsRead() {
    PersistentArrayList<Hooked> list = heap.list("hooked", Types.record(Hooked.class));
    list.add(new Hooked(1, "one"));
    list.add(new Hooked(2, "two"));
    Hooked other = new Hooked(3, "three");
    WHEN_READ.set(() -> list.subList(1, 2).clear());
    assertThrows(ConcurrentModificationException.class, () -> list.set(1, other));
    WHEN_READ.set(() -> list.subList(1, 2).clear());
    assertThrows(ConcurrentModificationException.class, () -> list.remove(1));
    assertNull(WHEN_READ.get());
    assertEquals(2, list.size());
  }

  /** With an undo log, too: in both orders, committed or not. */
  @Test
  void largeTransactionOverwritesInPlace() {
    for (long key = 0; key < 400; key++) {
      texts.put(key, "text " + (1000 + key));
      numbers.put(key, key);
    }
    Runnable changes =
        () -> {
          for (long key = 0; key < 400; key++) {
            texts.put(key, "TEXT " + (1000 + key));
            numbers.add(key, 1);
          }
          words.addFirst("in place");
          for (long key = 399; key >= 0; key--) {
            texts.put(key, "again" + (1000 + key));
            numbers.add(key, 1);
          }
        };
    undone(changes);
    for (long key = 0; key < 400; key++) {
      assertEquals("text " + (1000 + key), texts.get(key));
      assertEquals(key, numbers.get(key, -1));
    }
    heap.transact(changes::run);
    for (long key = 0; key < 400; key++) {
      assertEquals("again" + (1000 + key), texts.get(key));
      assertEquals(key + 2, numbers.get(key, -1));
    }
  }
}
