package dev.cairn.crashtest;

/**
 * The code whose crashes are explored.
 *
 * <p>It must do the same thing each time it runs, or failures cannot be replayed: take randomness
 * from a fixed seed, and no decision from the clock or from the order of hash codes.
 */
@FunctionalInterface
public interface Workload {
  /**
   * Prepares the medium, calls {@link Recorder#start}, then runs the operations under test and
   * {@linkplain Recorder#acknowledge acknowledges} each as it returns. The medium may be closed at
   * the end, or not.
   *
   * @param medium all zero
   * @param recorder told when to explore, and which operations have returned
   * @throws Exception for any reason; the exploration fails with it
   */
  void run(SimulatedMedium medium, Recorder recorder) throws Exception;
}
