package dev.cairn.evidence.images;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashModel;
import dev.cairn.crashtest.CrashTestFailure;
import dev.cairn.crashtest.ExplorationReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * At least a million images of what a crash could leave, of all operations and structures: each is
 * recovered, verified, and compared with a model.
 *
 * <p>Of single operations on small values, {@link Cases#basic}, every image is built; in the long
 * run also of every two of them, one after the other, where a moment has no more than {@value
 * #MOST_OF_PAIRS}. What changes more at a time is sampled. Recovery crashes as well, up to twice on
 * the way to one image.
 */
class CrashImagesTest {
  private static final int SMALL = 2 << 20;
  private static final int LARGE = 6 << 20;

  /** The few moments of two operations with more images are sampled: they would take hours. */
  private static final int MOST_OF_PAIRS = 1 << 16;

  private static final int WORKERS = Math.max(2, Runtime.getRuntime().availableProcessors());

  /** A case, and how closely to look. */
  private record Exploration(Case story, String how, CrashExplorer explorer) {
    Result run() {
      ExplorationReport report = story.explore(explorer);
      System.out.printf(
          "%-42s %-28s %,9d images, and %,9d of recovery, in %5.1f s%n",
          story.name(),
          how,
          report.imagesDistinct(),
          report.nestedImages(),
          report.time().toMillis() / 1e3);
      return new Result(this, report);
    }
  }

  private record Result(Exploration exploration, ExplorationReport report) {}

  @Test
  void aMillionImages() throws Exception {
    List<Exploration> explorations = new ArrayList<>();
    for (Case story : Cases.large()) {
      explorations.add(sampled(story, 64, 1));
    }
    for (Case story : Cases.basic()) {
      explorations.add(exhaustive(story, 1 << 20));
      explorations.add(recoveryCrashesTwice(story));
      explorations.addAll(otherModels(story));
    }
    explorations.addAll(lives(20));
    assertTrue(run(explorations) >= 1_000_000);
  }

  @Test
  @Tag("long")
  void tenMillionImages() throws Exception {
    List<Exploration> explorations = new ArrayList<>();
    for (Case story : Cases.large()) {
      explorations.add(sampled(story, 128, 1));
    }
    for (Case story : Cases.basic()) {
      explorations.add(
          new Exploration(
              story,
              "all, and recovery crashes",
              CrashExplorer.onMedium(SMALL).withExhaustiveLimit(1 << 20).withNestedLimits(16, 40)));
    }
    for (Case story : Cases.pairs()) {
      explorations.add(exhaustive(story, MOST_OF_PAIRS));
    }
    explorations.addAll(lives(100));
    assertTrue(run(explorations) >= 10_000_000);
  }

  /** Random lives; from a printed seed on. */
  private static List<Exploration> lives(int count) {
    long seed = Long.getLong("cairn.seed", System.nanoTime() & 0xFFFF_FFFFL);
    System.out.println("lives: -Dcairn.seed=" + seed);
    return LongStream.range(seed, seed + count)
        .mapToObj(life -> sampled(Cases.life(life, 20), 64, 1))
        .toList();
  }

  private static Exploration exhaustive(Case story, int most) {
    return new Exploration(
        story,
        "all, to %,d at a time".formatted(most),
        CrashExplorer.onMedium(SMALL).withExhaustiveLimit(most).withNestedDepth(0));
  }

  private static Exploration recoveryCrashesTwice(Case story) {
    return new Exploration(
        story,
        "recovery crashes twice",
        CrashExplorer.onMedium(SMALL)
            .withExhaustiveLimit(32)
            .withSamples(32)
            .withNestedLimits(4, 2)
            .withNestedDepth(2));
  }

  /** The models of what keeps more order than Cairn relies on. */
  private static List<Exploration> otherModels(Case story) {
    return Stream.of(CrashModel.LINES, CrashModel.SECTORS, CrashModel.EADR)
        .map(
            model ->
                new Exploration(
                    story,
                    "all, model " + model,
                    CrashExplorer.onMedium(SMALL)
                        .withCrashModel(model)
                        .withExhaustiveLimit(1 << 14)
                        .withNestedLimits(2, 2)))
        .toList();
  }

  private static Exploration sampled(Case story, int samples, int nestedDepth) {
    return new Exploration(
        story,
        samples + " at a time, recovery " + nestedDepth,
        CrashExplorer.onMedium(LARGE)
            .withExhaustiveLimit(samples)
            .withSamples(samples)
            .withNestedLimits(2, 2)
            .withNestedDepth(nestedDepth));
  }

  /** Runs the explorations, as many at a time as there are processors; returns all images. */
  private static long run(List<Exploration> explorations) throws Exception {
    long begin = System.nanoTime();
    List<Result> results = new ArrayList<>();
    try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<Result>> futures =
          explorations.stream()
              .map(exploration -> workers.submit((Callable<Result>) exploration::run))
              .toList();
      try {
        for (Future<Result> future : futures) {
          results.add(future.get());
        }
      } catch (ExecutionException e) {
        workers.shutdownNow();
        if (e.getCause() instanceof CrashTestFailure failure) {
          throw failure;
        }
        throw e;
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    long operations = results.stream().mapToLong(r -> r.report().imagesDistinct()).sum();
    long recovery = results.stream().mapToLong(r -> r.report().nestedImages()).sum();
    System.out.printf(
        "%,d images of %d stories, and %,d of recovery, in %.0f s on %d threads: %,.0f a second%n",
        operations, results.size(), recovery, seconds, WORKERS, (operations + recovery) / seconds);
    results.stream()
        .max(Comparator.comparing(r -> r.report().time()))
        .ifPresent(r -> System.out.println("slowest: " + r.exploration().story().name()));
    return operations + recovery;
  }
}
