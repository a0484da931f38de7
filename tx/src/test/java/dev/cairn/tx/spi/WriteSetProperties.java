package dev.cairn.tx.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * A {@link WriteSet} behaves as maps of words to values, one for each operation under way: an inner
 * one that succeeds is added to the outer one, and one that fails is forgotten.
 */
class WriteSetProperties {
  /** Words whose places in any hash table of up to 1024 places are the same: its last. */
  private static final List<Long> COLLIDING = colliding(48);

  enum Kind {
    PUT,
    BEGIN,
    SUCCEED,
    FAIL,
    END
  }

  /** What happens next; only a put has a word and a value. */
  record Step(Kind kind, long word, long value) {
    static Step of(Kind kind) {
      return new Step(kind, 0, 0);
    }
  }

  private static List<Long> colliding(int count) {
    List<Long> words = new ArrayList<>();
    for (long i = 1; words.size() < count; i++) {
      if (((i * 0x9E3779B97F4A7C15L) >>> 40 & 1023) == 1023) {
        words.add(8 * i);
      }
    }
    return words;
  }

  @Provide
  Arbitrary<List<Step>> stepLists() {
    Arbitrary<Long> near = Arbitraries.longs().between(1, 60).map(i -> 8 * i);
    Arbitrary<Long> far = Arbitraries.longs().between(1, 1L << 43).map(i -> 8 * i);
    Arbitrary<Long> word =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.of(COLLIDING)), Tuple.of(2, near), Tuple.of(1, far));
    Arbitrary<Step> puts =
        word.flatMap(w -> Arbitraries.longs().map(value -> new Step(Kind.PUT, w, value)));
    return Arbitraries.frequencyOf(
            Tuple.of(60, puts),
            Tuple.of(4, Arbitraries.just(Step.of(Kind.BEGIN))),
            Tuple.of(2, Arbitraries.just(Step.of(Kind.SUCCEED))),
            Tuple.of(2, Arbitraries.just(Step.of(Kind.FAIL))),
            Tuple.of(1, Arbitraries.just(Step.of(Kind.END))))
        .list()
        .ofMaxSize(500);
  }

  /** The set, and what it should be. */
  private static final class Trial {
    private final WriteSet set = new WriteSet();

    /** The operations under way, the innermost first: what each has put. */
    private final Deque<Map<Long, Long>> model = new ArrayDeque<>();

    /** Where the entries of each operation begin. */
    private final Deque<Integer> kept = new ArrayDeque<>();

    Trial() {
      reset();
    }

    private void reset() {
      model.clear();
      kept.clear();
      model.push(new HashMap<>());
      kept.push(0);
    }

    void make(Step step) {
      boolean isNested = model.size() > 1;
      switch (step.kind()) {
        case PUT -> {
          set.put(step.word(), step.value(), kept.element());
          model.element().put(step.word(), step.value());
        }
        case BEGIN -> {
          model.push(new HashMap<>());
          kept.push(set.size());
        }
        case SUCCEED -> {
          if (isNested) {
            Map<Long, Long> inner = model.pop();
            model.element().putAll(inner);
            kept.pop();
          }
        }
        case FAIL -> {
          if (isNested) {
            model.pop();
            set.truncate(kept.pop());
          }
        }
        case END -> {
          set.truncate(0);
          reset();
        }
      }
    }

    /** What the outermost operation would do if all succeeded now. */
    Map<Long, Long> expected() {
      Map<Long, Long> all = new HashMap<>();
      model.descendingIterator().forEachRemaining(all::putAll);
      return all;
    }

    void assertFound(long word) {
      Long expected = null;
      for (Map<Long, Long> operation : model) {
        if (expected == null) {
          expected = operation.get(word);
        }
      }
      int found = set.find(word);
      assertEquals(expected != null, found >= 0, () -> "word " + word);
      if (expected != null) {
        assertEquals(word, set.offset(found));
        assertEquals(expected, set.value(found));
        assertTrue(set.isNewest(found));
      }
    }

    /** Each word has one newest entry, in the order of the entries, with the last value. */
    void assertAllAsExpected() {
      Map<Long, Long> newest = new HashMap<>();
      for (int i = 0; i < set.size(); i++) {
        if (set.isNewest(i)) {
          Long before = newest.put(set.offset(i), set.value(i));
          assertEquals(null, before, "two newest entries of one word");
        }
      }
      assertEquals(expected(), newest);
      assertEquals(newest.isEmpty(), set.isEmpty());
      newest.keySet().forEach(this::assertFound);
    }
  }

  @Property(tries = 300)
  void behavesAsAStackOfMaps(@ForAll("stepLists") List<Step> steps) {
    Trial trial = new Trial();
    for (Step step : steps) {
      if (step.kind() == Kind.PUT) {
        trial.assertFound(step.word());
      }
      trial.make(step);
      if (step.kind() == Kind.PUT) {
        trial.assertFound(step.word());
      } else {
        trial.assertAllAsExpected();
      }
    }
    trial.assertAllAsExpected();
    COLLIDING.forEach(trial::assertFound);
  }

  /** An operation that puts the same word again needs no second entry; a nested one does. */
  @Property(tries = 100)
  void hasOneEntryForEachWordOfAnOperation(@ForAll("words") List<Long> words) {
    WriteSet set = new WriteSet();
    for (int round = 0; round < 2; round++) {
      for (long word : words) {
        set.put(word, round, 0);
      }
    }
    int distinct = (int) words.stream().distinct().count();
    assertEquals(distinct, set.size());
    for (long word : words) {
      set.put(word, 2, distinct);
    }
    assertEquals(2 * distinct, set.size());
    for (int i = 0; i < set.size(); i++) {
      assertEquals(i >= distinct, set.isNewest(i));
      assertEquals(i >= distinct ? 2 : 1, set.value(i));
    }
    set.truncate(distinct);
    for (int i = 0; i < distinct; i++) {
      assertTrue(set.isNewest(i));
      assertEquals(i, set.find(set.offset(i)));
    }
  }

  @Provide
  Arbitrary<List<Long>> words() {
    return Arbitraries.of(COLLIDING).list().ofMaxSize(200);
  }

  /** A long transaction's table is given up, or cleared, and what is left serves a short one. */
  @Property(tries = 20)
  void servesAShortTransactionAfterALongOne(@ForAll("sizes") int size) {
    WriteSet set = new WriteSet();
    for (long round = 1; round <= 3; round++) {
      for (long i = 1; i <= size; i++) {
        set.put(8 * i * round, i, 0);
      }
      assertEquals(size, set.size());
      for (int i = 0; i < size; i++) {
        assertEquals(i, set.find(8L * (i + 1) * round));
      }
      set.truncate(5);
      assertEquals(4, set.find(8 * 5 * round));
      assertTrue(set.find(8 * 6 * round) < 0, "cut off");
      set.truncate(0);
      assertTrue(set.isEmpty());
      assertFalse(set.find(8 * round) >= 0, "of the transaction before");
      set.put(8, 7, 0);
      assertEquals(0, set.find(8));
      assertEquals(7, set.value(0));
      set.truncate(0);
    }
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Arbitraries.integers().between(6, 5_000);
  }
}
