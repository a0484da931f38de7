package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class DeltaDebuggingProperties {
  @Property
  void findsWhatItTakes(
      @ForAll @Size(max = 5) Set<@IntRange(max = 99) Integer> needed,
      @ForAll @IntRange(min = 100, max = 200) int size) {
    List<Integer> all = IntStream.range(0, size).boxed().toList();
    List<Integer> fewest =
        DeltaDebugging.fewest(all, Integer.MAX_VALUE, some -> some.containsAll(needed));

    assertEquals(needed.stream().sorted().toList(), fewest);
  }

  @Property
  void keepsToItsLimit(@ForAll @IntRange(max = 30) int limit) {
    List<Integer> all = IntStream.range(0, 64).boxed().toList();
    int[] tries = {0};
    List<Integer> kept =
        DeltaDebugging.fewest(
            all,
            limit,
            some -> {
              tries[0]++;
              return some.containsAll(List.of(3, 60));
            });

    assertTrue(kept.containsAll(List.of(3, 60)), kept.toString());
    assertTrue(tries[0] <= limit, () -> tries[0] + " tries");
  }
}
