package dev.cairn.evidence.mutants.scenarios;

import static dev.cairn.evidence.mutants.scenarios.CollectionStory.undone;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentReference;
import dev.cairn.collections.Types;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.evidence.mutants.Scenario;
import dev.cairn.evidence.mutants.Scenario.Area;
import dev.cairn.evidence.mutants.Switches;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** References, whose values are made, overwritten, replaced and freed. */
final class ReferenceScenarios {
  /** What a reference and its model have. */
  private interface Holder {
    void set(@Nullable String value);

    @Nullable String get();
  }

  private static final CollectionStory<Holder> STORY =
      new CollectionStory<>(
          ReferenceScenarios::persistent,
          ReferenceScenarios::model,
          holder -> String.valueOf(holder.get()));

  private ReferenceScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(Area.COLLECTIONS, "a reference", ReferenceScenarios::values),
        new Scenario(
            Area.COLLECTIONS, "a reference in used memory", ReferenceScenarios::usedMemory));
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

  private static Holder model() {
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

  private static void values() {
    STORY.explore(
        holder -> {},
        holder -> holder.set("first"),
        holder -> holder.set("FIRST"),
        undone(holder -> holder.set("fIRST")),
        undone(holder -> holder.set(null)),
        holder -> holder.set("another length"),
        holder -> holder.set(null),
        holder -> {
          holder.set("twice");
          holder.set("TWICE");
        });
  }

  private static void usedMemory() {
    Switches.countImage();
    try (SimulatedMedium medium = Scenarios.medium(CollectionStory.SIZE, CollectionStory.SIZE)) {
      PersistentHeap heap = PersistentHeap.create(medium, TxHeap.OPTIONS);
      CollectionStory.useMemory(heap, 8, 40);
      assertNull(heap.reference("text", Types.STRING).get());
      heap.verify();
    }
  }
}
