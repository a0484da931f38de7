package dev.cairn.evidence.images;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.btt.BttMedium;
import dev.cairn.btt.BttOptions;
import dev.cairn.btt.BttPlacement;
import dev.cairn.btt.BttStore;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashModel;
import dev.cairn.crashtest.CrashTestFailure;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
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
  private static class Blocks implements Case.Layer {
    @Override
    public Medium create(Medium below) throws IOException {
      return BttMedium.over(BttStore.format(new Kept(below), OPTIONS));
    }

    @Override
    public Medium open(Medium below) throws IOException {
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

  private static CrashExplorer explorer(CrashModel model) {
    return CrashExplorer.onMedium(SIZE)
        .withCrashModel(model)
        .withExhaustiveLimit(4)
        .withSamples(4)
        .withNestedLimits(1, 1)
        .withShrinking(0);
  }

  private static long explore(CrashExplorer explorer, List<Case> stories, String how) {
    long images = 0;
    long recoveries = 0;
    for (Case story : stories) {
      ExplorationReport report = story.explore(explorer, new Blocks());
      images += report.imagesDistinct();
      recoveries += report.nestedImages();
    }
    System.out.printf(
        "heaps on blocks, %s: %d stories, %,d images, and %,d of recovery%n",
        how, stories.size(), images, recoveries);
    return images;
  }

  @ParameterizedTest
  @EnumSource(names = {"SECTORS", "LINES", "WORDS"})
  void aCrashBelowTheTableLosesNothing(CrashModel model) {
    assertTrue(explore(explorer(model).withNestedDepth(0), stories(), "" + model) > 1000);
  }

  @Test
  void aCrashOfRecoveryLosesNothing() {
    List<Case> some = stories().subList(0, 2);
    assertTrue(explore(explorer(CrashModel.SECTORS), some, "recovery crashes") > 20);
  }

  @ParameterizedTest
  @EnumSource(names = {"SECTORS", "LINES", "WORDS"})
  @Tag("long")
  void crashesOfAllRecoveriesLoseNothing(CrashModel model) {
    assertTrue(explore(explorer(model), stories(), model + ", recovery crashes") > 1000);
  }

  /** What the heap does not fence is not there: the test would see it if a table lost writes. */
  @Test
  void aLayerThatForgetsFencesIsFound() {
    Blocks forgetful =
        new Blocks() {
          @Override
          public Medium create(Medium below) throws IOException {
            return new Unfenced(super.create(below));
          }
        };
    Case story = stories().getFirst();
    assertThrows(
        CrashTestFailure.class,
        () -> story.explore(explorer(CrashModel.WORDS).withNestedDepth(0), forgetful));
  }

  /** Fences no more after as many fences as the creation of the heap and the preparation take. */
  private static final class Unfenced extends ForwardingMedium {
    private static final int FENCES = 30;
    private int fences;

    Unfenced(Medium inner) {
      super(inner);
    }

    @Override
    public void fence() {
      if (fences++ < FENCES) {
        super.fence();
      }
    }
  }
}
