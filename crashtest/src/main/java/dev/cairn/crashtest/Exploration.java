package dev.cairn.crashtest;

import dev.cairn.crashtest.CrashExplorer.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Shows a trial the images of its crashes.
 *
 * <p>Level 0 watches the explored code's medium and shows its images to the trial on a working
 * medium; level 1 watches that working medium while the trial recovers it, and shows those images
 * on another one, and so on. A working medium holds the durable content of the one it follows; an
 * image is laid over it word by word and rolled back afterwards, so that it costs what it changes,
 * not what the heap is large.
 *
 * <p>Used by one thread at a time, but for {@link #isVisiting}.
 */
final class Exploration implements AutoCloseable {
  /** How many images may be tried to find the fewest words that must be lost. */
  private static final int FEWER_WORDS_LIMIT = 2000;

  private final Settings settings;
  private final Trial trial;
  private final @Nullable ReplayPath replay;

  /** Hashes of image, size, standing, and how often recovery could still be crashed. */
  private final Set<Long> visited = new HashSet<>();

  private final List<Level> levels = new ArrayList<>();
  private volatile @Nullable Violation violation;
  private volatile boolean visiting;
  private boolean replayed;

  private long events;
  private long sampledEvents;
  private long imagesBuilt;
  private long imagesDistinct;
  private long nestedImages;
  private long digest;

  /**
   * Creates an exploration of everything, or of one image.
   *
   * @param replay the way to the only image to show, with the places of stores recorded; or null
   */
  Exploration(Settings settings, Trial trial, @Nullable ReplayPath replay) {
    this.settings = settings;
    this.trial = trial;
    this.replay = replay;
  }

  /** Begins, or begins anew, to explore the events of a medium, always the same one. */
  void watch(SimulatedMedium medium) {
    medium.onEvent(level(0, medium, trial.standing()));
  }

  /** Explores the moment after the last event. */
  void end() {
    Level first = levels.getFirst();
    first.watched.locked(first::end);
  }

  /** Reports that the explored code cannot go on after the last event. */
  void stuck(Throwable why) {
    Level first = levels.getFirst();
    first.watched.locked(() -> first.stuck(why));
  }

  boolean hasBegun() {
    return !levels.isEmpty();
  }

  @Nullable Violation violation() {
    return violation;
  }

  /** Says whether the trial is looking at images now. May be asked by any thread. */
  boolean isVisiting() {
    return visiting;
  }

  boolean hasReplayed() {
    return replayed;
  }

  long imagesVisited() {
    return imagesDistinct + nestedImages;
  }

  /** Refuses stores that no observer was told of. */
  void refuseUnreported(SimulatedMedium medium) {
    refuseUnreportedOn(medium);
    levels.forEach(level -> refuseUnreportedOn(level.target));
  }

  ExplorationReport report(long schedules, long nanos) {
    return new ExplorationReport(
        schedules,
        events,
        sampledEvents,
        imagesBuilt,
        imagesDistinct,
        nestedImages,
        digest,
        Duration.ofNanos(nanos));
  }

  /** Gives the memory of the working media back. */
  @Override
  public void close() {
    levels.forEach(level -> level.target.dispose());
  }

  private static void refuseUnreportedOn(SimulatedMedium medium) {
    long offset = medium.unreported();
    if (offset >= 0) {
      throw unreported(offset, null);
    }
  }

  private static IllegalStateException unreported(long offset, @Nullable Throwable cause) {
    return new IllegalStateException(
        "word at 0x%x: changed by a store that the observer was not told of".formatted(offset),
        cause);
  }

  /**
   * Returns the level of a depth, at the beginning of what it watches. Recovery makes no progress:
   * what other threads of the workload acknowledge meanwhile does not count.
   */
  private Level level(int depth, SimulatedMedium watched, Standing standing) {
    if (levels.size() == depth) {
      levels.add(new Level(depth, watched));
    }
    Level level = levels.get(depth);
    assert level.watched == watched;
    level.begin(standing);
    return level;
  }

  /**
   * Says whether somebody lost patience with the check: then it is not run again, to hang again.
   */
  static boolean isInterrupted(Throwable thrown) {
    return thrown instanceof InterruptedException;
  }

  /** Thrown through the explored code once an image was refused. */
  static final class AbandonedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AbandonedException() {
      super("a crash test failed", null, false, false);
    }
  }

  /** Watches one medium. */
  private final class Level implements EventHook {
    private final int depth;
    private final SimulatedMedium watched;
    private final SimulatedMedium target;
    private Standing standing;
    private long nextIndex;
    private long changesSeen;

    Level(int depth, SimulatedMedium watched) {
      this.depth = depth;
      this.watched = watched;
      target = SimulatedMedium.follower(watched);
      if (replay != null) {
        target.notePlaces();
      }
      standing = trial.standing();
    }

    void begin(Standing newStanding) {
      standing = newStanding;
      nextIndex = 0;
      changesSeen = -1;
    }

    @Override
    public void before(EventKind kind, long index) {
      visit(kind, index);
    }

    void end() {
      visit(EventKind.END, nextIndex);
    }

    void stuck(Throwable why) {
      ImageSpace space = ImageSpace.of(watched);
      int[] all = space.allNewest();
      Violation found = new Violation(why, trial.standing(), 1);
      violation = found;
      found.addOuter(EventKind.END, nextIndex, all, space.image(watched, all, nextIndex), watched);
    }

    private void visit(EventKind kind, long index) {
      if (violation != null) {
        throw new AbandonedException();
      }
      nextIndex = index + 1;
      if (depth == 0) {
        events++;
      }
      if (depth > 0) {
        visitImages(kind, index);
        return;
      }
      visiting = true;
      try {
        visitImages(kind, index);
      } finally {
        visiting = false;
      }
    }

    private void visitImages(EventKind kind, long index) {
      if (replay != null) {
        visitAgain(replay.steps().get(depth), kind, index);
      } else if (somethingNew()) {
        visitAll(kind, index);
      }
    }

    /** Without a store or an acknowledgement since, a crash leaves what it left an event ago. */
    private boolean somethingNew() {
      Standing now = depth == 0 ? trial.standing() : standing;
      if (changesSeen == watched.changes() && standing == now) {
        return false;
      }
      changesSeen = watched.changes();
      standing = now;
      return true;
    }

    private void visitAll(EventKind kind, long index) {
      target.follow(watched);
      ImageSpace space = ImageSpace.of(watched);
      ImageSpace.Visitor visitor =
          versions -> {
            if (depth == 0) {
              imagesBuilt++;
            }
            if (isNew(space.hash(versions))) {
              if (depth == 0) {
                imagesDistinct++;
              } else {
                nestedImages++;
              }
              show(space, versions, kind, index, depth < settings.nestedDepth);
            }
          };
      if (space.count()
          <= (depth == 0 ? settings.exhaustiveLimit : settings.nestedExhaustiveLimit)) {
        space.all(visitor);
        return;
      }
      if (depth == 0) {
        sampledEvents++;
      }
      space.some(
          depth == 0 ? settings.exhaustiveLimit : settings.nestedExhaustiveLimit,
          depth == 0 ? settings.samples : settings.nestedSamples,
          new SplittableRandom(ImageSpace.mix(settings.seed + index) ^ watched.durableHash()),
          visitor);
    }

    private void visitAgain(ReplayPath.Step step, EventKind kind, long index) {
      if (step.event != index || replayed) {
        return;
      }
      somethingNew();
      target.follow(watched);
      ImageSpace space = ImageSpace.of(watched);
      String misfit = space.misfit(step.versions);
      if (!misfit.isEmpty()) {
        throw new IllegalStateException(
            "the run differs from that of %s: event %d has %s".formatted(replay, index, misfit));
      }
      boolean last = depth + 1 == Objects.requireNonNull(replay).steps().size();
      if (last) {
        replayed = true;
      }
      if (depth == 0) {
        imagesBuilt++;
        imagesDistinct++;
      } else {
        nestedImages++;
      }
      show(space, step.versions, kind, index, !last);
    }

    /** Says whether an image has not been shown yet, or only where its recovery could not crash. */
    private boolean isNew(long imageHash) {
      long hash =
          ImageSpace.mix(
              imageHash ^ ImageSpace.mix(ImageSpace.mix(watched.size()) + standing.key()));
      int crashesLeft = settings.nestedDepth - depth;
      for (int left = crashesLeft; left <= settings.nestedDepth; left++) {
        if (visited.contains(ImageSpace.mix(hash + left))) {
          return false;
        }
      }
      if (!visited.add(ImageSpace.mix(hash + crashesLeft))) {
        return false;
      }
      digest = ImageSpace.mix(digest + hash);
      return true;
    }

    private void show(
        ImageSpace space, int[] versions, EventKind kind, long index, boolean crashRecovery) {
      Throwable thrown = runCheck(space, versions, crashRecovery);
      Violation found = violation;
      if (found != null && replay == null && !isInterrupted(found.cause())) {
        // If the image is refused without a crash of its recovery as well, that is easier to read.
        thrown = runCheck(space, versions, false);
        found = thrown == null ? found : null;
      }
      int[] shown = versions;
      if (found == null) {
        if (thrown == null) {
          return;
        }
        if (replay == null && !isInterrupted(thrown)) {
          shown = space.losing(fewestLost(space, versions, thrown), versions);
          thrown = Objects.requireNonNullElse(runCheck(space, shown, false), thrown);
        }
        found = new Violation(thrown, standing, depth + 1);
      }
      violation = found;
      found.addOuter(kind, index, shown, space.image(watched, shown, index), watched);
      throw new AbandonedException();
    }

    /** Returns few lost cells with which an image is refused in the same way. */
    private List<Integer> fewestLost(ImageSpace space, int[] versions, Throwable thrown) {
      return DeltaDebugging.fewest(
          space.lost(versions),
          settings.shrinking == 0 ? 0 : FEWER_WORDS_LIMIT,
          lost -> {
            Throwable other = runCheck(space, space.losing(lost, versions), false);
            return other != null && other.getClass() == thrown.getClass();
          });
    }

    /** Returns what the check threw, or null. */
    private @Nullable Throwable runCheck(ImageSpace space, int[] versions, boolean crashRecovery) {
      space.lend(versions, target, watched.size());
      try {
        if (crashRecovery) {
          Level recovery = level(depth + 1, target, standing);
          target.onEvent(recovery);
          trial.check(target, standing, depth + 1);
          if (target.tells(recovery)) {
            target.locked(recovery::end);
          }
        } else {
          trial.check(target, standing, depth + 1);
        }
        target.endRecovery();
        return target.sanitizerError();
      } catch (Throwable e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        SanitizerError refused = target.sanitizerError();
        if (refused != null) {
          return refused;
        }
        long offset = target.unreported();
        return offset < 0 ? e : unreported(offset, e);
      } finally {
        target.takeBack();
      }
    }
  }
}
