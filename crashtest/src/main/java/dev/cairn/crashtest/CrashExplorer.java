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
  private static final int MOST_PREEMPTIONS = 8;

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
    int preemptions = 2;
    int schedules = 1000;
    int shrinking = 200;
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
      preemptions = other.preemptions;
      schedules = other.schedules;
      shrinking = other.shrinking;
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
   * @throws IllegalArgumentException if the size is none
   */
  public static CrashExplorer onMedium(long size) {
    SimulatedMedium.checkSizes(size, size);
    return new CrashExplorer(new Settings(size));
  }

  /**
   * Sets how far the medium can grow.
   *
   * @param bytes a multiple of 64, at least the size; three times as much memory is taken
   * @return the changed explorer
   * @throws IllegalArgumentException if the size cannot be that
   */
  public CrashExplorer withMaximumSize(long bytes) {
    SimulatedMedium.checkSizes(settings.size, bytes);
    return with(to -> to.maximumSize = bytes);
  }

  /**
   * Sets what a crash may leave.
   *
   * @param model the crash model
   * @return the changed explorer
   */
  public CrashExplorer withCrashModel(CrashModel model) {
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
   * Sets how often a thread of a scenario may be interrupted, though it could go on, in favour of
   * another one. Most bugs of interleaving need one or two such moments.
   *
   * @param preemptions 0 to 8
   * @return the changed explorer
   */
  public CrashExplorer withPreemptions(int preemptions) {
    if (preemptions < 0 || preemptions > MOST_PREEMPTIONS) {
      throw new IllegalArgumentException(
          "preemptions %d: expected 0 to %d".formatted(preemptions, MOST_PREEMPTIONS));
    }
    return with(to -> to.preemptions = preemptions);
  }

  /**
   * Sets how many interleavings of a scenario's threads are run. If there are more with that many
   * {@linkplain #withPreemptions preemptions}, those with fewer come first, and the rest is chosen
   * at random, by the seed.
   *
   * @param schedules at least 1
   * @return the changed explorer
   */
  public CrashExplorer withSchedules(int schedules) {
    if (schedules < 1) {
      throw new IllegalArgumentException("schedules %d: expected at least 1".formatted(schedules));
    }
    return with(to -> to.schedules = schedules);
  }

  /**
   * Sets how much is done to make a failure small: how often a scenario is explored again, with
   * fewer operations. If 0, failures are reported as they are found; otherwise the explored code
   * also runs once more to learn where lost words were stored.
   *
   * @param explorations at least 0
   * @return the changed explorer
   */
  public CrashExplorer withShrinking(int explorations) {
    return with(to -> to.shrinking = notNegative("shrinking", explorations));
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
   *     sanitizer refuses; the workload has then run twice, unless {@linkplain #withShrinking
   *     shrinking} is off
   * @throws SanitizerError if the sanitizer refuses what the workload does
   * @throws IllegalStateException if the workload threw a checked exception (the cause), never
   *     called {@link Recorder#start}, or changed the medium without reporting the store
   */
  public ExplorationReport explore(Workload workload, CrashCheck check) {
    Objects.requireNonNull(workload);
    Objects.requireNonNull(check);
    return new WorkloadExploration(settings, workload, check).explore();
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
    return new WorkloadExploration(settings, workload, check).replay(parse(path));
  }

  /**
   * Runs a scenario, in as many interleavings of its threads as {@link #withPreemptions} and {@link
   * #withSchedules} say, and checks the images: whatever was acknowledged must be there, and what
   * was under way whole or not at all.
   *
   * <p>Nothing limits the time that recovery, check, model, or a single thread may take. Give the
   * test a limit that interrupts it (JUnit's {@code @Timeout} does): a check that was waiting when
   * this thread was interrupted has failed, and the report shows at which image.
   *
   * <p>With one thread, operations run on the calling thread. With more, each interleaving creates
   * its subject anew and runs its operations on threads of its own, of which one runs at a time.
   *
   * @param <S> what the operations work on
   * @param scenario the operations, and how their subject is created and recovered
   * @return what was done
   * @throws CrashTestFailure at the first image that does not recover to an allowed state, or if
   *     threads wait for one another for ever; shrunk to few operations and few lost words
   * @throws SanitizerError if the sanitizer refuses what an operation does
   * @throws IllegalArgumentException if the scenario has no thread
   * @throws IllegalStateException if creation or preparation threw a checked exception, or the
   *     model any exception (the cause), if a state is not a copy, if the medium was changed
   *     without reporting the store, or if this thread is interrupted between two interleavings
   */
  public <S> ExplorationReport explore(CrashScenario<S> scenario) {
    if (scenario.threads.isEmpty()) {
      throw new IllegalArgumentException(
          "a scenario without a thread: there is nothing to explore");
    }
    return new ScenarioExploration<>(settings, scenario).explore();
  }

  /**
   * Runs one interleaving of some operations of a scenario, and checks one image: that of an
   * earlier failure.
   *
   * @param <S> what the operations work on
   * @param path what {@link CrashTestFailure#replay} said
   * @param scenario the same as then, with all its operations
   * @return what was done, if the image is now accepted
   * @throws CrashTestFailure if the image is refused
   * @throws IllegalArgumentException if the path is none, or is of another model
   * @throws IllegalStateException if the scenario no longer comes to that event or that image
   */
  public <S> ExplorationReport replay(String path, CrashScenario<S> scenario) {
    return new ScenarioExploration<>(settings, scenario).replay(parse(path));
  }

  private ReplayPath parse(String path) {
    ReplayPath parsed = ReplayPath.parse(path);
    if (parsed.model() != settings.model) {
      throw new IllegalArgumentException(
          "replay string of model %s, the explorer's is %s"
              .formatted(parsed.model(), settings.model));
    }
    return parsed;
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
