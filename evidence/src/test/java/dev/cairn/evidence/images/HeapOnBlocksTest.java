package dev.cairn.evidence.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.btt.BttMedium;
import dev.cairn.btt.BttOptions;
import dev.cairn.btt.BttPlacement;
import dev.cairn.btt.BttStore;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashModel;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Heaps on a {@link BttMedium}, on a block translation table, on a medium that crashes at each
 * flush and fence: of sectors, of lines, and of words, which tear any block.
 */
class HeapOnBlocksTest {
  /** The least that a table takes. */
  private static final int SIZE = 16 << 20;

  private static final BttOptions OPTIONS =
      new BttOptions(BttPlacement.START, 4096, 16, new UUID(1, 2), new UUID(0, 0), 0);

  /** A table between a heap and its medium. */
  private static final class Blocks implements Case.Layer {
    @Override
    public Medium create(Medium below) {
      return BttMedium.over(BttStore.format(new Kept(below), OPTIONS));
    }

    @Override
    public Medium open(Medium below) {
      return BttMedium.over(BttStore.open(new Kept(below)));
    }

    @Override
    public void release(Medium medium) {
      medium.close();
    }
  }

  /** Stays open: it is the explorer's. */
  private static final class Kept extends ForwardingMedium {
    Kept(Medium inner) {
      super(inner);
    }

    @Override
    public void close() {}
  }

  private static List<Case> stories() {
    Predicate<Case> isOfMapOrTransaction =
        story -> story.name().startsWith("map:") || story.name().startsWith("transaction");
    return Stream.concat(Cases.basic().stream(), Cases.large().stream())
        .filter(isOfMapOrTransaction)
        .filter(story -> !story.name().contains("many") && !story.name().contains("two extents"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"SECTORS", "LINES", "WORDS"})
  void aCrashBelowTheTableLosesNothing(CrashModel model) {
    CrashExplorer explorer =
        CrashExplorer.onMedium(SIZE)
            .withCrashModel(model)
            .withExhaustiveLimit(4)
            .withSamples(4)
            .withNestedLimits(1, 1)
            .withShrinking(0);
    long images = 0;
    long recoveries = 0;
    List<Case> stories = stories();
    for (Case story : stories) {
      ExplorationReport report = story.explore(explorer, new Blocks());
      images += report.imagesDistinct();
      recoveries += report.nestedImages();
    }
    System.out.printf(
        "heaps on blocks, %s: %d stories, %,d images, and %,d of recovery%n",
        model, stories.size(), images, recoveries);
    assertTrue(images > 1000, "images: " + images);
  }

  @Test
  void thereAreStoriesOfBothKinds() {
    assertEquals(
        2, stories().stream().map(story -> story.name().startsWith("map")).distinct().count());
  }
}
