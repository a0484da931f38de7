package dev.cairn.tx.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** A {@link WordSet} behaves as a list without doubles that can be cut. */
class WordSetProperties {

  /** A word to add, or a size to cut to, given as 1000ths of the size. */
  record Step(boolean cut, long value) {}

  @Provide
  Arbitrary<Step> steps() {
    Arbitrary<Step> near = Arbitraries.longs().between(1, 60).map(w -> new Step(false, 8 * w));
    Arbitrary<Step> far = Arbitraries.longs().between(1, 1L << 53).map(w -> new Step(false, 8 * w));
    Arbitrary<Step> cuts = Arbitraries.longs().between(0, 1000).map(p -> new Step(true, p));
    return Arbitraries.frequencyOf(Tuple.of(20, near), Tuple.of(20, far), Tuple.of(1, cuts));
  }

  @Property(tries = 300)
  void behavesAsAListWithoutDoubles(@ForAll("stepLists") List<Step> steps) {
    WordSet set = new WordSet();
    Set<Long> model = new LinkedHashSet<>();
    for (Step step : steps) {
      if (step.cut()) {
        int size = (int) (model.size() * step.value() / 1000);
        List<Long> kept = model.stream().limit(size).toList();
        set.truncate(size);
        model = new LinkedHashSet<>(kept);
      } else {
        assertEquals(model.contains(step.value()), set.contains(step.value()));
        assertEquals(model.add(step.value()), set.add(step.value()));
      }
      assertEquals(model.size(), set.size());
    }
    for (Step step : steps) {
      if (!step.cut()) {
        assertEquals(model.contains(step.value()), set.contains(step.value()));
      }
    }
  }

  @Provide
  Arbitrary<List<Step>> stepLists() {
    return steps().list().ofMaxSize(400);
  }

  @Property(tries = 20)
  void servesAShortTransactionAfterALongOne(@ForAll("manySizes") int size) {
    WordSet set = new WordSet();
    for (int round = 0; round < 3; round++) {
      for (long word = 1; word <= size; word++) {
        assertEquals(true, set.add(8 * word * (round + 1)));
        assertEquals(false, set.add(8 * word * (round + 1)));
      }
      set.truncate(5);
      assertEquals(5, set.size());
      assertEquals(true, set.contains(8L * 5 * (round + 1)));
      assertEquals(false, set.contains(8L * 6 * (round + 1)));
      set.truncate(0);
      assertEquals(false, set.contains(8L * (round + 1)));
    }
  }

  @Provide
  Arbitrary<Integer> manySizes() {
    return Arbitraries.integers().between(6, 20_000);
  }
}
