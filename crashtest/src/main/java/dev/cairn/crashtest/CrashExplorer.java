package dev.cairn.crashtest;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * Runs code on a {@link SimulatedMedium} and shows a check every image that a crash could have left
 * on the way: at each flush, fence and growth, and at the end.
 *
 * <p>Where there are at most {@linkplain #withExhaustiveLimit a limit} of images, all are visited;
 * otherwise those with nothing lost, everything lost, each word or line alone lost, each word or
 * line alone kept, and random ones. Equal images with equal progress are visited once. The recovery
 * that the check runs is crashed as well, with {@linkplain #withNestedLimits smaller limits}.
 *
 * <p>The explored code is not disturbed: it goes on after each event as if nothing had been. The
 * same seed gives the same images, provided that the code and the check do the same each time.
 *
 * {@snippet file="dev/cairn/crashtest/ReadmeExampleTest.java" region="explore"}
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class CrashExplorer {
  private static final int DEEPEST = 2;

  private final Settings settings;

  /** Everything that can be chosen. Never changed once an explorer holds it. */
  static final class Settings {
    long size;
    long maximumSize;
    CrashModel model = CrashModel.WORDS;
    int exhaustiveLimit = 512;
    int samples = 64;
    int nestedDepth = 1;
    int nestedExhaustiveLimit = 16;
    int nestedSamples = 8;
    long seed = Long.getLong("cairn.crashtest.seed", 1);
    WordNames names = WordNames.NONE;
    Sanitizer sanitizer = Sanitizer.byDefault();

    private Settings(long size) {
      this.size = size;
      maximumSize = size;
    }

    private Settings(Settings other) {
      size = other.size;
      maximumSize = other.maximumSize;
      model = other.model;
      exhaustiveLimit = other.exhaustiveLimit;
      samples = other.samples;
      nestedDepth = other.nestedDepth;
      nestedExhaustiveLimit = other.nestedExhaustiveLimit;
      nestedSamples = other.nestedSamples;
      seed = other.seed;
      names = other.names;
      sanitizer = other.sanitizer;
    }
  }

  private CrashExplorer(Settings settings) {
    this.settings = settings;
  }

  /**
   * Creates an explorer with the defaults: the model {@link CrashModel#WORDS}, all images up to 512
   * an event and else 64 random ones, crashes of recovery one deep. The seed is that of the system
   * property {@code cairn.crashtest.seed}, or 1.
   *
   * @param size of the medium, in bytes, a multiple of 64; it cannot grow
   * @return the explorer
   */
  public static CrashExplorer onMedium(long size) {
    return new CrashExplorer(new Settings(size));
  }

  /**
   * Sets how far the medium can grow.
   *
   * @param bytes a multiple of 64, at least the size; three times as much memory is taken
   * @return the changed explorer
   */
  public CrashExplorer withMaximumSize(long bytes) {
    return with(to -> to.maximumSize = bytes);
  }

  /**
   * Sets what a crash may leave.
   *
   * @param model the crash model
   * @return the changed explorer
   */
  public CrashExplorer withModel(CrashModel model) {
    return with(to -> to.model = Objects.requireNonNull(model));
  }

  /**
   * Sets how many images an event may have to be visited all, and how many there may be of those
   * with one word or line lost or kept.
   *
   * @param images at least 0
   * @return the changed explorer
   */
  public CrashExplorer withExhaustiveLimit(int images) {
    return with(to -> to.exhaustiveLimit = notNegative("exhaustive limit", images));
  }

  /**
   * Sets how many random images to visit at an event with more images than the limit.
   *
   * @param images at least 0
   * @return the changed explorer
   */
  public CrashExplorer withSamples(int images) {
    return with(to -> to.samples = notNegative("samples", images));
  }

  /**
   * Sets how often recovery itself may crash on the way to one image.
   *
   * @param crashes 0, 1 or 2
   * @return the changed explorer
   */
  public CrashExplorer withNestedDepth(int crashes) {
    if (crashes < 0 || crashes > DEEPEST) {
      throw new IllegalArgumentException(
          "nested depth %d: expected 0 to %d".formatted(crashes, DEEPEST));
    }
    return with(to -> to.nestedDepth = crashes);
  }

  /**
   * Sets the limits for crashes of recovery.
   *
   * @param exhaustive as for {@link #withExhaustiveLimit}
   * @param samples as for {@link #withSamples}
   * @return the changed explorer
   */
  public CrashExplorer withNestedLimits(int exhaustive, int samples) {
    return with(
        to -> {
          to.nestedExhaustiveLimit = notNegative("nested exhaustive limit", exhaustive);
          to.nestedSamples = notNegative("nested samples", samples);
        });
  }

  /**
   * Sets what random images are chosen by.
   *
   * @param seed any number
   * @return the changed explorer
   */
  public CrashExplorer withSeed(long seed) {
    return with(to -> to.seed = seed);
  }

  /**
   * Sets how reports call words.
   *
   * @param names translates offsets
   * @return the changed explorer
   */
  public CrashExplorer withWordNames(WordNames names) {
    return with(to -> to.names = Objects.requireNonNull(names));
  }

  /**
   * Sets who looks at what workload and recovery do to their media.
   *
   * @param sanitizer in place of the {@linkplain Sanitizer#byDefault() default}
   * @return the changed explorer
   */
  public CrashExplorer withSanitizer(Sanitizer sanitizer) {
    return with(to -> to.sanitizer = Objects.requireNonNull(sanitizer));
  }

  /**
   * Runs the workload and checks the images.
   *
   * @param workload the code that crashes
   * @param check decides about each image
   * @return what was done
   * @throws CrashTestFailure at the first image that the check refuses, or whose recovery the
   *     sanitizer refuses
   * @throws SanitizerError if the sanitizer refuses what the workload does
   * @throws IllegalStateException if the workload threw a checked exception (the cause), never
   *     called {@link Recorder#start}, or changed the medium without reporting the store
   */
  public ExplorationReport explore(Workload workload, CrashCheck check) {
    return new Exploration(settings, check, null).run(workload);
  }

  /**
   * Runs the workload and checks one image: that of an earlier failure.
   *
   * @param path what {@link CrashTestFailure#replay} said
   * @param workload the same as then
   * @param check the same as then
   * @return what was done, if the check now accepts the image
   * @throws CrashTestFailure if the check refuses the image
   * @throws IllegalArgumentException if the path is none, or is of another model
   * @throws IllegalStateException if the workload no longer comes to that event or that image
   */
  public ExplorationReport replay(String path, Workload workload, CrashCheck check) {
    ReplayPath parsed = ReplayPath.parse(path);
    if (parsed.model() != settings.model) {
      throw new IllegalArgumentException(
          "replay string of model %s, the explorer's is %s"
              .formatted(parsed.model(), settings.model));
    }
    return new Exploration(settings, check, parsed).run(workload);
  }

  private CrashExplorer with(Consumer<Settings> change) {
    Settings changed = new Settings(settings);
    change.accept(changed);
    return new CrashExplorer(changed);
  }

  private static int notNegative(String what, int value) {
    if (value < 0) {
      throw new IllegalArgumentException("%s %d: expected at least 0".formatted(what, value));
    }
    return value;
  }
}
