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
 * One run of an explorer.
 *
 * <p>Level 0 watches the workload's medium and shows its images to the check on a working medium;
 * level 1 watches that working medium while the check recovers it, and shows those images on
 * another one, and so on. A working medium holds the durable content of the one it follows; an
 * image is laid over it word by word and rolled back afterwards, so that it costs what it changes,
 * not what the heap is large.
 */
final class Exploration {
  private final Settings settings;
  private final CrashCheck check;
  private final @Nullable ReplayPath replay;

  /** Replaced by a longer list at each acknowledgement. */
  private volatile List<Object> acknowledged = List.of();

  /** Hashes of image, size, progress, and how often recovery could still be crashed. */
  private final Set<Long> visited = new HashSet<>();

  private final List<Level> levels = new ArrayList<>();
  private volatile @Nullable Violation violation;
  private boolean replayed;

  private long events;
  private long sampledEvents;
  private long imagesBuilt;
  private long imagesDistinct;
  private long nestedImages;

  Exploration(Settings settings, CrashCheck check, @Nullable ReplayPath replay) {
    this.settings = settings;
    this.check = Objects.requireNonNull(check);
    this.replay = replay;
  }

  ExplorationReport run(Workload workload) {
    long begin = System.nanoTime();
    SimulatedMedium medium =
        SimulatedMedium.create(settings.size, settings.maximumSize, settings.model);
    medium.sanitizeWith(settings.sanitizer);
    try {
      runWorkload(workload, medium);
      if (replay == null) {
        refuseUnreported(medium);
        levels.forEach(level -> refuseUnreported(level.target));
      } else if (!replayed) {
        throw new IllegalStateException("the run never came to " + replay);
      }
    } finally {
      medium.closeUnchecked();
      levels.forEach(level -> level.target.dispose());
    }
    return new ExplorationReport(
        events,
        sampledEvents,
        imagesBuilt,
        imagesDistinct,
        nestedImages,
        Duration.ofNanos(System.nanoTime() - begin));
  }

  private void runWorkload(Workload workload, SimulatedMedium medium) {
    Throwable thrown = null;
    try {
      workload.run(medium, new WorkloadRecorder(medium));
      if (levels.isEmpty()) {
        throw new IllegalStateException("the workload never called start: nothing was explored");
      }
      medium.locked(levels.getFirst()::end);
    } catch (Throwable e) {
      thrown = e;
    }
    // The explored code may have swallowed or replaced what the explorer threw through it.
    Violation found = violation;
    if (found != null) {
      throw found.failure(settings.model, settings.seed, settings.names);
    }
    SanitizerError refused = medium.sanitizerError();
    if (refused != null) {
      throw refused;
    }
    if (thrown != null) {
      throw asUnchecked(thrown);
    }
  }

  private static RuntimeException asUnchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("the workload failed: " + thrown, thrown);
  }

  private static void refuseUnreported(SimulatedMedium medium) {
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

  private final class WorkloadRecorder implements Recorder {
    private final SimulatedMedium medium;

    WorkloadRecorder(SimulatedMedium medium) {
      this.medium = medium;
    }

    @Override
    public void start() {
      if (!levels.isEmpty()) {
        throw new IllegalStateException("started before");
      }
      medium.onEvent(level(0, medium, acknowledged));
    }

    @Override
    public void acknowledge(Object label) {
      medium.checkDurable();
      synchronized (this) {
        List<Object> longer = new ArrayList<>(acknowledged);
        longer.add(label);
        acknowledged = List.copyOf(longer);
      }
    }
  }

  /**
   * Returns the level of a depth, at the beginning of what it watches. Recovery makes no progress:
   * what other threads of the workload acknowledge meanwhile does not count.
   */
  private Level level(int depth, SimulatedMedium watched, List<Object> acknowledgedBefore) {
    if (levels.size() == depth) {
      levels.add(new Level(depth, watched));
    }
    Level level = levels.get(depth);
    assert level.watched == watched;
    level.begin(acknowledgedBefore);
    return level;
  }

  /** Thrown through the explored code once an image was refused. */
  private static final class AbandonedException extends RuntimeException {
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
    private Progress progress;
    private long nextIndex;
    private long changesSeen;

    Level(int depth, SimulatedMedium watched) {
      this.depth = depth;
      this.watched = watched;
      target = SimulatedMedium.follower(watched);
      progress = new Progress(acknowledged, depth + 1);
    }

    void begin(List<Object> acknowledgedBefore) {
      progress = new Progress(acknowledgedBefore, depth + 1);
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

    private void visit(EventKind kind, long index) {
      if (violation != null) {
        throw new AbandonedException();
      }
      nextIndex = index + 1;
      if (depth == 0) {
        events++;
      }
      if (replay != null) {
        visitAgain(replay.steps().get(depth), kind, index);
      } else if (somethingNew()) {
        visitAll(kind, index);
      }
    }

    /** Without a store or an acknowledgement since, a crash leaves what it left an event ago. */
    private boolean somethingNew() {
      List<Object> now = depth == 0 ? acknowledged : progress.acknowledged();
      if (changesSeen == watched.changes() && progress.count() == now.size()) {
        return false;
      }
      changesSeen = watched.changes();
      if (progress.count() != now.size()) {
        progress = new Progress(now, depth + 1);
      }
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
              imageHash ^ ImageSpace.mix(ImageSpace.mix(watched.size()) + progress.count()));
      int crashesLeft = settings.nestedDepth - depth;
      for (int left = crashesLeft; left <= settings.nestedDepth; left++) {
        if (visited.contains(ImageSpace.mix(hash + left))) {
          return false;
        }
      }
      return visited.add(ImageSpace.mix(hash + crashesLeft));
    }

    private void show(
        ImageSpace space, int[] versions, EventKind kind, long index, boolean crashRecovery) {
      Throwable thrown = runCheck(space, versions, crashRecovery);
      Violation found = violation;
      if (found != null && replay == null) {
        // If the image is refused without a crash of its recovery as well, that is easier to read.
        thrown = runCheck(space, versions, false);
      }
      if (thrown != null && (found == null || replay == null)) {
        found = new Violation(thrown, progress);
      }
      if (found != null) {
        violation = found;
        found.addOuter(kind, index, versions, space.image(watched, versions, index));
        throw new AbandonedException();
      }
    }

    /** Returns what the check threw, or null. */
    private @Nullable Throwable runCheck(ImageSpace space, int[] versions, boolean crashRecovery) {
      space.lend(versions, target, watched.size());
      try {
        if (crashRecovery) {
          Level recovery = level(depth + 1, target, progress.acknowledged());
          target.onEvent(recovery);
          check.check(target, progress);
          if (target.tells(recovery)) {
            target.locked(recovery::end);
          }
        } else {
          check.check(target, progress);
        }
        target.endRecovery();
        return target.sanitizerError();
      } catch (Throwable e) {
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
