package dev.cairn.collections;

import static dev.cairn.collections.TestHeaps.MIB;
import static dev.cairn.collections.TestHeaps.nothing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.allocator.OutOfPersistentMemoryException;
import dev.cairn.tx.TransactionAbortedException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PersistentHeapTest {
  record Point(long x, long y) {}

  record Place(long x, long y) {}

  private final AnonymousMedium medium = AnonymousMedium.of(6 * MIB);
  private final PersistentHeap heap =
      PersistentHeap.create(medium, TestHeaps.OPTIONS.withLockTimeout(Duration.ofMillis(300)));

  // Collections by name.

  @Test
  void openingWithOtherTypesNamesBoth() {
    heap.map("a", Types.LONG, Types.STRING);
    heap.list("b", Types.UUID);
    assertRefused(() -> heap.map("a", Types.LONG, Types.BYTES), "long to string", "long to bytes");
    assertRefused(() -> heap.map("a", Types.STRING, Types.STRING), "a map of", "string to string");
    assertRefused(() -> heap.list("a", Types.LONG), "is a map", "as a list of long");
    assertRefused(() -> heap.map("b", Types.UUID, Types.UUID), "is a list of uuid", "as a map");
    assertRefused(() -> heap.list("b", Types.LONG), "uuid", "long");
    heap.close();
    PersistentHeap again = PersistentHeap.open(medium, TestHeaps.OPTIONS);
    assertRefused(() -> again.list("b", Types.LONG), "uuid", "long");
    assertRefused(() -> again.list("a", Types.LONG), "is a map", "as a list of long");
    assertEquals(Set.of("a", "b"), again.names());
  }

  @Test
  void openingWithAnotherClassOfTheSameSignatureNamesBoth() {
    heap.list("points", Types.record(Point.class)).add(new Point(1, 2));
    assertRefused(
        () -> heap.list("points", Types.record(Place.class)),
        Point.class.getName(),
        Place.class.getName());
    heap.close();
    PersistentHeap again = PersistentHeap.open(medium, TestHeaps.OPTIONS);
    assertEquals(List.of(new Place(1, 2)), again.list("points", Types.record(Place.class)));
  }

  @Test
  void valuesOfManyTypesAreThereAgain() {
    Shapes.Rich rich =
        new Shapes.Rich(
            Instant.MAX,
            Shapes.Color.GREEN,
            Optional.of("text"),
            List.of("a", "\u20ac"),
            List.of(new Shapes.Small(1, (byte) 2)),
            new Shapes.Richer(List.of(), Optional.empty()));
    Type<Shapes.Rich> type = Types.record(Shapes.Rich.class);
    Type<Shapes.Color> colors = Types.enumOf(Shapes.Color.class);
    heap.map("rich", Types.BIG_DECIMAL, type).put(BigDecimal.TEN, rich);
    heap.list("colors", colors).addAll(List.of(Shapes.Color.B, Shapes.Color.RED));
    heap.set("instants", Types.INSTANT).add(Instant.MIN);
    assertRefused(
        () -> heap.list("colors", Types.STRING), "list of enum(RED,GREEN,B)", "list of string");
    heap.close();
    PersistentHeap again = PersistentHeap.open(medium, TestHeaps.OPTIONS);
    again.verify();
    assertEquals(Map.of(BigDecimal.TEN, rich), again.map("rich", Types.BIG_DECIMAL, type));
    assertEquals(List.of(Shapes.Color.B, Shapes.Color.RED), again.list("colors", colors));
    assertEquals(Set.of(Instant.MIN), again.set("instants", Types.INSTANT));
    again.verify();
  }

  private static void assertRefused(Runnable action, String... words) {
    String message = TestHeaps.message(assertThrows(IllegalArgumentException.class, action::run));
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }

  @Test
  void theSameNameIsTheSameObject() {
    assertSame(heap.map("a", Types.LONG, Types.LONG), heap.map("a", Types.LONG, Types.LONG));
    assertSame(heap.list("", Types.LONG), heap.list("", Types.LONG));
    heap.list("\0\u20ac\ud83d\ude00", Types.LONG).add(7L);
    heap.close();
    PersistentHeap again = PersistentHeap.open(medium, TestHeaps.OPTIONS);
    assertEquals(List.of(7L), again.list("\0\u20ac\ud83d\ude00", Types.LONG));
    again.verify();
  }

  @Test
  void transactionOpensWhatIsThereAndMakesNothing() {
    heap.list("there", Types.LONG);
    heap.transact(() -> heap.list("there", Types.LONG).add(1L));
    TransactionAbortedException aborted =
        assertThrows(
            TransactionAbortedException.class,
            () -> heap.transact(() -> heap.list("new", Types.LONG).add(1L)));
    assertTrue(aborted.getCause() instanceof IllegalStateException, aborted::toString);
    assertEquals(Set.of("there"), heap.names());
    heap.close();
    PersistentHeap again = PersistentHeap.open(medium, TestHeaps.OPTIONS);
    again.transact(() -> again.list("there", Types.LONG).add(2L));
    assertEquals(List.of(1L, 2L), again.list("there", Types.LONG));
  }

  /**
   * Finding an open collection read the catalog. A transaction that had read it too, and was long,
   * held up everyone who just asked for a collection by its name.
   */
  @Test
  void openCollectionIsFoundWhileATransactionHoldsTheCatalog() throws Exception {
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    heap.transact(
        () -> {
          assertEquals(Set.of("list"), heap.names());
          assertSame(list, TestHeaps.inOtherThread(() -> heap.list("list", Types.LONG)));
        });
  }

  /** This used to be told as the abort of a transaction, which the caller knows nothing of. */
  @Test
  void collectionThatDoesNotFitIsNotMade() {
    PersistentArrayList<byte[]> filler = heap.list("filler", Types.BYTES);
    filler.addAll(Collections.nCopies(2000, new byte[0]));
    filler.subList(0, 2000).clear(); // now it has all the segments that it will need
    for (int size = (int) MIB; size >= 4096; size /= 2) {
      while (hasAdded(filler, size)) {
        assertTrue(filler.size() < 10_000);
      }
    }
    while (hasAdded(filler, (int) (HashMapLayout.MAP_SIZE - ValueBlocks.VALUE))) {
      assertTrue(filler.size() < 10_000);
    }
    assertThrows(
        OutOfPersistentMemoryException.class, () -> heap.map("no room", Types.LONG, Types.LONG));
    assertEquals(Set.of("filler"), heap.names());
    heap.verify();
  }

  private static boolean hasAdded(List<byte[]> list, int size) {
    try {
      return list.add(new byte[size]);
    } catch (OutOfPersistentMemoryException full) {
      return false;
    }
  }

  @Test
  void refusesNull() {
    assertThrows(NullPointerException.class, () -> heap.map(nothing(), Types.LONG, Types.LONG));
    assertThrows(NullPointerException.class, () -> heap.map("a", nothing(), Types.LONG));
    assertThrows(NullPointerException.class, () -> heap.map("a", Types.LONG, nothing()));
    assertThrows(NullPointerException.class, () -> heap.list(nothing(), Types.LONG));
    assertThrows(NullPointerException.class, () -> heap.list("a", nothing()));
    TransactionBody noBody = nothing();
    TransactionFunction<Long> noFunction = nothing();
    assertThrows(NullPointerException.class, () -> heap.transact(noBody));
    assertThrows(NullPointerException.class, () -> heap.transact(noFunction));
    assertEquals(Set.of(), heap.names());
  }

  // Transactions.

  @Test
  void whatABodyThrowsUndoesEverything() {
    PersistentHashMap<Long, Long> map = heap.map("map", Types.LONG, Types.LONG);
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    map.put(1L, 1L);
    list.add(1L);
    for (Throwable thrown :
        List.of(new IOException("checked"), new IllegalStateException("unchecked"))) {
      TransactionAbortedException aborted =
          assertThrows(
              TransactionAbortedException.class,
              () ->
                  heap.transact(
                      () -> {
                        map.put(1L, 2L);
                        map.put(2L, 2L);
                        list.clear();
                        throw (Exception) thrown;
                      }));
      assertSame(thrown, aborted.getCause());
      assertEquals(Map.of(1L, 1L), map);
      assertEquals(List.of(1L), list);
    }
    AssertionError error = new AssertionError("error");
    assertSame(
        error,
        assertThrows(
            AssertionError.class,
            () ->
                heap.transact(
                    () -> {
                      map.clear();
                      throw error;
                    })));
    assertEquals(Map.of(1L, 1L), map);
    heap.verify();
  }

  /**
   * A function that moved elements of a list, and failed, left what it had done before that, and
   * took back what it did later.
   */
  @Test
  void failureOfAFunctionThatChangedAListUndoesTheWholeEvenIfCaught() {
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    PersistentLong number = heap.longValue("number");
    list.add(1L);
    IllegalStateException thrown = new IllegalStateException("function");
    TransactionAbortedException aborted =
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transact(
                    () ->
                        assertSame(
                            thrown,
                            assertThrows(
                                IllegalStateException.class,
                                () ->
                                    number.updateAndGet(
                                        before -> {
                                          number.set(1);
                                          list.addFirst(0L);
                                          number.set(2);
                                          throw thrown;
                                        })))));
    assertSame(thrown, aborted.getCause());
    assertEquals(List.of(1L), list);
    assertEquals(0, number.get());
    heap.verify();
  }

  @Test
  void innerFailureUndoesTheWholeEvenIfCaught() {
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    IllegalStateException thrown = new IllegalStateException("inner");
    TransactionAbortedException aborted =
        assertThrows(
            TransactionAbortedException.class,
            () ->
                heap.transact(
                    () -> {
                      list.add(1L);
                      assertThrows(
                          TransactionAbortedException.class,
                          () ->
                              heap.transact(
                                  () -> {
                                    list.add(2L);
                                    throw thrown;
                                  }));
                    }));
    assertSame(thrown, aborted.getCause());
    assertEquals(List.of(), list);
    list.add(3L);
    assertEquals(List.of(3L), list);
  }

  @Test
  void transactionReturnsWhatItsBodyReturns() {
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    int size =
        heap.transact(
            () -> {
              list.add(1L);
              return heap.transact(() -> list.size());
            });
    assertEquals(1, size);
  }

  @Test
  void operationWithoutRoomHasNoEffectAndTheTransactionGoesOn() {
    PersistentHashMap<Long, byte[]> map = heap.map("map", Types.LONG, Types.BYTES);
    PersistentArrayList<byte[]> list = heap.list("list", Types.BYTES);
    byte[] huge = new byte[(int) (64 * MIB)];
    map.put(1L, new byte[10]);
    heap.transact(
        () -> {
          map.put(2L, new byte[20]);
          OutOfPersistentMemoryException full =
              assertThrows(OutOfPersistentMemoryException.class, () -> map.put(1L, huge));
          assertTrue(TestHeaps.message(full).contains("67,108,"), TestHeaps.message(full));
          assertThrows(OutOfPersistentMemoryException.class, () -> map.put(3L, huge));
          List<byte[]> many = new ArrayList<>(Collections.nCopies(10, new byte[100]));
          many.add(huge);
          assertThrows(OutOfPersistentMemoryException.class, () -> list.addAll(many));
          assertThrows(
              OutOfPersistentMemoryException.class, () -> map.compute(2L, (key, value) -> huge));
          list.add(new byte[30]);
        });
    assertEquals(Set.of(1L, 2L), map.keySet());
    assertEquals(10, map.getOrDefault(1L, huge).length);
    assertEquals(20, map.getOrDefault(2L, huge).length);
    assertEquals(1, list.size());
    assertEquals(30, list.getFirst().length);
    heap.verify();
  }

  @Test
  void verifyAndCloseAreRefusedInsideATransaction() {
    assertThrows(TransactionAbortedException.class, () -> heap.transact(heap::verify));
    assertThrows(TransactionAbortedException.class, () -> heap.transact(heap::close));
    heap.verify();
  }

  // After the end.

  @Test
  @SuppressWarnings("ReturnValueIgnored") // there is none
  void nothingCanBeUsedAfterClose() {
    PersistentHashMap<Long, Long> map = heap.map("map", Types.LONG, Types.LONG);
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    map.put(1L, 1L);
    map.put(2L, 2L);
    list.addAll(List.of(1L, 2L));
    Iterator<Map.Entry<Long, Long>> entries = map.entrySet().iterator();
    Map.Entry<Long, Long> entry = entries.next();
    Iterator<Long> elements = list.iterator();
    elements.next();
    heap.close();
    heap.close();
    List<Runnable> uses =
        List.of(
            () -> map.get(1L),
            () -> map.containsKey(1L),
            () -> map.size(),
            () -> map.put(1L, 1L),
            () -> map.remove(1L),
            map::clear,
            () -> map.compute(1L, (k, v) -> v),
            () -> map.entrySet().iterator().hasNext(),
            entries::next,
            entries::remove,
            () -> entry.setValue(3L),
            () -> list.get(0),
            () -> list.get(-1),
            () -> list.add(1L),
            () -> list.set(0, 1L),
            list::clear,
            list::size,
            elements::next,
            elements::remove,
            heap::verify,
            heap::stats,
            heap::names,
            () -> heap.map("map", Types.LONG, Types.LONG),
            () -> heap.map("new", Types.LONG, Types.LONG),
            () -> heap.transact(() -> {}));
    for (int i = 0; i < uses.size(); i++) {
      Runnable use = uses.get(i);
      assertThrows(IllegalStateException.class, use::run, "use " + i);
    }
  }

  @Test
  void statsCount() {
    PersistentArrayList<Long> list = heap.list("list", Types.LONG);
    long before = heap.stats().commits();
    list.add(1L);
    assertEquals(1, list.size());
    assertEquals(before + 1, heap.stats().commits());
    assertEquals(1, heap.stats().collections());
    assertEquals(6 * MIB, heap.stats().size());
    assertTrue(heap.stats().usedBytes() > 0);
  }
}
