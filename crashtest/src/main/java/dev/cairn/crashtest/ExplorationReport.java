package dev.cairn.crashtest;

import java.time.Duration;

/**
 * What an exploration did. All but the time is the same for each run of the same workload, check
 * and seed.
 *
 * @param schedules runs of the explored code: 1, or the interleavings of a {@link CrashScenario}'s
 *     threads
 * @param events flushes, fences, growths, stores (under {@link CrashModel#EADR}) and ends of the
 *     workload itself
 * @param sampledEvents those of them with too many images to visit all
 * @param imagesBuilt images of the workload's crashes, with repetitions
 * @param imagesDistinct those of them that differ in content or in progress: each was checked
 * @param nestedImages images of recovery's own crashes that were checked
 * @param digest a hash over all images that were checked, with what had been acknowledged, in their
 *     order: two explorations that differ in it did not see the same
 * @param time how long all of it took
 */
public record ExplorationReport(
    long schedules,
    long events,
    long sampledEvents,
    long imagesBuilt,
    long imagesDistinct,
    long nestedImages,
    long digest,
    Duration time) {

  /**
   * Returns how many images were checked in a second.
   *
   * @return images of the workload and of recovery together
   */
  public double imagesPerSecond() {
    return (imagesDistinct + nestedImages) * 1e9 / Math.max(1, time.toNanos());
  }
}
