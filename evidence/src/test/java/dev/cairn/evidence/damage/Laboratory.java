package dev.cairn.evidence.damage;

import dev.cairn.evidence.damage.Examination.Outcome;
import dev.cairn.evidence.damage.Places.Kind;
import dev.cairn.evidence.damage.Places.Span;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Examines damaged images of one specimen, one after the other, each within a time limit. A failure
 * names the image, so that it can be looked at alone.
 */
final class Laboratory {
  /** Far above what any image takes, so that a slow machine is not taken for a hang. */
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final IdentityHashMap<Specimen, Places> PLACES = new IdentityHashMap<>();

  private final Specimen specimen;
  private final Places places;
  private final PatchedMedium medium;
  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private long count;
  private @Nullable Laboratory spliced;

  private volatile @Nullable Damage current;
  private volatile long startedNanos;
  private volatile @Nullable Throwable failure;

  Laboratory(Specimen specimen) {
    this.specimen = specimen;
    this.places = places(specimen);
    this.medium = PatchedMedium.of(specimen.image());
  }

  private static synchronized Places places(Specimen specimen) {
    Places known = PLACES.get(specimen);
    if (known == null) {
      Specimen first = Specimen.all(specimen.seed()).getFirst();
      known = Places.of(specimen, specimen == first ? null : places(first));
      PLACES.put(specimen, known);
    }
    return known;
  }

  Specimen specimen() {
    return specimen;
  }

  Places places() {
    return places;
  }

  /**
   * Examines images until one fails.
   *
   * @param damages one for each image
   * @param progress how often to report, in images; 0 for never
   */
  void examineAll(Stream<Damage> damages, long progress) throws InterruptedException {
    Thread worker =
        KnownThread.start(
            () -> {
              try {
                damages.forEach(damage -> examine(damage, progress));
              } catch (Throwable t) {
                failure = t;
              }
            });
    while (!worker.join(java.time.Duration.ofMillis(200))) {
      Damage running = current;
      if (running != null && System.nanoTime() - startedNanos > LIMIT_NANOS && current == running) {
        AssertionError hang = new AssertionError("a hang: " + reproduction(running));
        hang.setStackTrace(worker.getStackTrace());
        throw hang;
      }
    }
    Throwable failed = failure;
    if (failed != null) {
      throw new AssertionError(failed.getMessage(), failed);
    }
  }

  private void examine(Damage damage, long progress) {
    startedNanos = System.nanoTime();
    current = damage;
    medium.reset();
    damage.apply(medium);
    Set<Span> touched = damage.touched(specimen.image(), places);
    boolean idle = touched.stream().allMatch(span -> span.kind() == Kind.IDLE);
    try {
      outcomes.merge(outcome(damage, touched, idle), 1L, Long::sum);
    } catch (Throwable t) {
      throw new AssertionError(
          "%s: %s; damaged: %s"
              .formatted(reproduction(damage), t.getMessage(), Damage.names(touched)),
          t);
    }
    current = null;
    count++;
    if (progress > 0 && count % progress == 0) {
      System.out.println(this);
    }
  }

  private Outcome outcome(Damage damage, Set<Span> touched, boolean idle) {
    try {
      return new Examination(medium, specimen.content()).run(values(touched), idle);
    } catch (Examination.Wrong wrong) {
      Laboratory other = spliced;
      if (other == null) {
        throw wrong;
      }
      // The end is another heap's: it may be that one, whole but for what is in front of it.
      medium.reset();
      damage.apply(medium);
      Damage front = Damage.overwrite(0, medium.image(), "");
      Set<Span> inFront = front.touched(other.specimen.image(), other.places);
      return new Examination(medium, other.specimen.content()).run(values(inFront), false);
    }
  }

  /** How many values may differ: a list shows its last element twice. */
  private static long values(Set<Span> touched) {
    return 2 * touched.stream().filter(span -> span.kind() == Kind.VALUE).count();
  }

  Laboratory other() {
    return Objects.requireNonNull(spliced);
  }

  /** Lets images end as another specimen does. */
  Laboratory splicedWith(Laboratory other) {
    spliced = other;
    return this;
  }

  private String reproduction(Damage damage) {
    return "-Dcairn.damage=\"%s/%s\"".formatted(specimen.name(), damage.recipe());
  }

  long count() {
    return count;
  }

  long count(Outcome outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  @Override
  public String toString() {
    return "%s: %,d images, %s".formatted(specimen.name(), count, outcomes);
  }
}
