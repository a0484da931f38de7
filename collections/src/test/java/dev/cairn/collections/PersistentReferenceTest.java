package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.Counts;
import dev.cairn.crashtest.Sanitizer;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.tx.TransactionAbortedException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PersistentReferenceTest {
  private final SimulatedMedium medium =
      SimulatedMedium.create(6 * TestHeaps.MIB, 8 * TestHeaps.MIB);
  private final PersistentHeap heap = TestHeaps.on(medium);
  private final PersistentReference<String> text = heap.reference("text", Types.STRING);

  private final AtomicReference<@Nullable String> model = new AtomicReference<>();

  private static String longer(@Nullable String old, @Nullable String operand) {
    return (old == null ? "" : old.substring(old.length() / 2)) + operand;
  }

  @Test
  void behavesAsAnAtomicReference() {
    Random random = new Random(TestHeaps.seed("behavesAsAnAtomicReference"));
    assertNull(text.get());
    for (int i = 0; i < 3000; i++) {
      String x = random.nextInt(5) == 0 ? null : "v".repeat(random.nextInt(20));
      String step = "step " + i;
      switch (random.nextInt(9)) {
        case 0 -> {
          text.set(x);
          model.set(x);
        }
        case 1 -> assertEquals(model.getAndSet(x), text.getAndSet(x), step);
        case 2 -> {
          boolean isSame = Objects.equals(model.get(), "v".repeat(5));
          assertEquals(isSame, text.compareAndSet("v".repeat(5), x), step);
          if (isSame) {
            model.set(x);
          }
        }
        case 3 -> {
          String now = model.get();
          assertTrue(text.compareAndSet(now, x), step);
          model.set(x);
        }
        case 4 ->
            assertEquals(
                model.getAndUpdate(old -> longer(old, "u")),
                text.getAndUpdate(old -> longer(old, "u")));
        case 5 ->
            assertEquals(
                model.updateAndGet(old -> longer(old, "w")),
                text.updateAndGet(old -> longer(old, "w")));
        case 6 ->
            assertEquals(
                model.getAndAccumulate(x, PersistentReferenceTest::longer),
                text.getAndAccumulate(x, PersistentReferenceTest::longer));
        case 7 ->
            assertEquals(
                model.accumulateAndGet(x, PersistentReferenceTest::longer),
                text.accumulateAndGet(x, PersistentReferenceTest::longer));
        default -> assertEquals(model.toString(), text.toString(), step);
      }
      assertEquals(model.get(), text.get(), step);
      if (i % 500 == 0) {
        PersistentHeap again = TestHeaps.reopened(medium);
        assertEquals(model.get(), again.reference("text", Types.STRING).get(), step);
        again.verify();
        text.verify();
      }
    }
    heap.verify();
  }

  /** A value with everything in it. */
  record Settings(String name, int size, Optional<Double> ratio, List<String> tags) {}

  @Test
  void keepsWholeRecords() {
    PersistentReference<Settings> settings =
        heap.reference("settings", Types.record(Settings.class));
    Settings first = new Settings("first", 1, Optional.of(0.5), List.of("a", "b"));
    Settings second = new Settings("second", 2, Optional.empty(), List.of());
    settings.set(first);
    assertEquals(first, settings.get());
    assertTrue(
        settings.compareAndSet(
            new Settings("first", 1, Optional.of(0.5), List.of("a", "b")), second));
    assertFalse(settings.compareAndSet(first, null));
    assertEquals(
        second,
        TestHeaps.reopened(medium).reference("settings", Types.record(Settings.class)).get());
    long used = heap.stats().usedBytes();
    settings.set(null);
    assertTrue(heap.stats().usedBytes() < used);
    heap.verify();
  }

  @Test
  void theSameNameIsTheSameReference() {
    assertSame(text, heap.reference("text", Types.STRING));
    assertThrows(IllegalArgumentException.class, () -> heap.reference("text", Types.INT));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> heap.longValue("text"));
    assertTrue(TestHeaps.message(refused).contains("is a reference of string"));
    assertThrows(
        NullPointerException.class,
        () -> text.updateAndGet(TestHeaps.<UnaryOperator<@Nullable String>>nothing()));
    assertThrows(
        NullPointerException.class,
        () -> text.accumulateAndGet("x", TestHeaps.<BinaryOperator<@Nullable String>>nothing()));
  }

  @Test
  void takesPartInTransactions() {
    text.set("before");
    assertThrows(
        TransactionAbortedException.class,
        () ->
            heap.transact(
                () -> {
                  text.set("after!");
                  text.set("something longer");
                  text.set(null);
                  assertNull(text.get());
                  text.set("again");
                  text.set("AGAIN");
                  assertEquals("AGAIN", text.get());
                  throw new World.Undo();
                }));
    assertEquals("before", text.get());
    assertThrows(
        World.Undo.class,
        () ->
            text.updateAndGet(
                old -> {
                  text.set("lost");
                  throw new World.Undo();
                }));
    assertEquals("before", text.get());
    text.updateAndGet(
        old -> {
          text.set("lost");
          return old + "?";
        });
    assertEquals("before?", text.get());
    heap.verify();
  }

  @Test
  void readsSeeCommittedValuesOnly() throws Exception {
    PersistentReference<Long> number = heap.reference("number", Types.LONG);
    number.set(0L);
    AtomicBoolean done = new AtomicBoolean();
    TestHeaps.inThreads(
        3,
        thread -> {
          if (thread == 0) {
            for (long i = 1; i < 2000; i++) {
              long odd = 2 * i - 1;
              heap.transact(
                  () -> {
                    number.set(odd);
                    if (odd % 3 == 0) {
                      number.set(null);
                    }
                    number.set(odd + 1);
                  });
            }
            done.set(true);
          } else {
            long last = 0;
            do {
              long seen = Objects.requireNonNull(number.get());
              assertEquals(0, seen % 2);
              assertTrue(seen >= last, "back in time: " + seen + " after " + last);
              last = seen;
            } while (!done.get());
          }
        });
  }

  /** What a reference and its model have. */
  private interface Holder {
    void set(@Nullable String value);

    @Nullable String get();
  }

  private static Holder persistent(PersistentHeap heap) {
    PersistentReference<String> reference = heap.reference("text", Types.STRING);
    return new Holder() {
      @Override
      public void set(@Nullable String value) {
        reference.set(value);
      }

      @Override
      public @Nullable String get() {
        return reference.get();
      }
    };
  }

  private static Holder newModel() {
    AtomicReference<@Nullable String> reference = new AtomicReference<>();
    return new Holder() {
      @Override
      public void set(@Nullable String value) {
        reference.set(value);
      }

      @Override
      public @Nullable String get() {
        return reference.get();
      }
    };
  }

  @Test
  void everyCrashLeavesOneOfTheTwoValues() {
    CrashStory<Holder> story =
        new CrashStory<>(
            PersistentReferenceTest::persistent,
            PersistentReferenceTest::newModel,
            holder -> String.valueOf(holder.get()));
    story.explore(
        "reference",
        holder -> {},
        List.of(
            holder -> holder.set("first"),
            holder -> holder.set("FIRST"), // as long: in place
            holder -> holder.set("another"),
            holder -> holder.set(null),
            holder -> {
              holder.set("twice");
              holder.set("TWICE");
            },
            holder -> {
              holder.set("TWIce");
              holder.set(null);
              holder.set("again");
            }));
  }

  private Counts cost(Runnable operation) {
    Counts before = medium.counts();
    operation.run();
    Counts cost = medium.counts().minus(before);
    assertEquals(0, cost.idleFences() + cost.idleLines(), cost::toString);
    return cost;
  }

  /** Content and a record; word and mark, and two bits, of the last one, in place. */
  @Test
  void costsOneFence() {
    PersistentReference<Long> number = heap.reference("number", Types.LONG);
    number.set(1L);
    text.set("one");
    text.set("another one");
    text.set("and another one");
    Counts other = cost(() -> text.set("yet another one"));
    assertEquals(1, other.fences(), other::toString);
    assertTrue(other.flushedLines() <= 5, other::toString);
    number.set(2L);
    Counts inPlace = cost(() -> number.set(3L));
    assertEquals(1, inPlace.fences(), inPlace::toString);
    assertTrue(inPlace.flushedLines() <= 3, inPlace::toString);
    for (Runnable free :
        List.<Runnable>of(
            () -> number.set(3L),
            number::get,
            () -> number.compareAndSet(7L, null),
            () -> number.updateAndGet(old -> old),
            number::verify,
            () -> heap.transact(number::get))) {
      Counts cost = cost(free);
      assertEquals(0, cost.fences() + cost.stores(), cost::toString);
    }
  }

  private long named(String name) {
    for (long offset = TestHeaps.MIB; offset < medium.size(); offset += Long.BYTES) {
      if (heap.describe(offset).equals(name)) {
        return offset;
      }
    }
    throw new AssertionError("no " + name);
  }

  private void patch(long offset, long word) {
    medium.sanitizeWith(Sanitizer.off()); // damage is undeclared
    medium.putLong(offset, word);
  }

  @Test
  void damageIsFound() {
    text.set("value");
    PersistentLong other = heap.longValue("other");
    for (int i = 0; i < 3; i++) {
      other.incrementAndGet(); // overwrites the records, which would repair what is damaged
    }
    long header = named("reference \"text\", header");
    long right = medium.getLong(header);
    for (int bit = 0; bit < Long.SIZE; bit++) {
      patch(header, right ^ 1L << bit);
      assertThrows(HeapCorruptedException.class, text::get);
      assertThrows(HeapCorruptedException.class, () -> text.set("new"));
      assertThrows(HeapCorruptedException.class, () -> text.set(null));
      assertThrows(HeapCorruptedException.class, () -> text.compareAndSet(null, "new"));
      assertThrows(HeapCorruptedException.class, text::verify);
      PersistentHeap again = TestHeaps.reopened(medium);
      assertThrows(HeapCorruptedException.class, () -> again.reference("text", Types.STRING));
    }
    patch(header, right);
    long word = named("reference \"text\", offset of its value");
    long block = named("value of reference \"text\", header");
    assertEquals(block, medium.getLong(word));
    patch(word, block + 16);
    assertThrows(HeapCorruptedException.class, text::get);
    assertThrows(HeapCorruptedException.class, text::verify);
    patch(word, 0);
    text.verify(); // is a reference without a value
    assertThrows(HeapCorruptedException.class, heap::verify, "nothing leads to its block");
    patch(word, block);
    patch(named("reference \"text\", reserved"), 1);
    assertThrows(HeapCorruptedException.class, text::verify);
  }
}
