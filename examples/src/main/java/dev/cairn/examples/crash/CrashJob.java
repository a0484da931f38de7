package dev.cairn.examples.crash;

import dev.cairn.heap.Durability;
import dev.cairn.heap.HeapOptions;
import java.nio.file.Path;

/**
 * What a {@link CrashWorker} is told to do.
 *
 * @param heap where it is
 * @param journals the path of each thread's journal, but for the number of the thread
 * @param seed draws the steps
 * @param threads how many work at once
 * @param sync whether the heap is to survive a crash of the operating system, on an ordinary file
 * @param mistake what to do wrong
 */
record CrashJob(Path heap, Path journals, long seed, int threads, boolean sync, Mistake mistake) {
  private static final long INITIAL_SIZE = 2L << 20; // So that it grows.
  private static final long MAXIMUM_SIZE = 512L << 20;

  /** Reads a job from the arguments of a command. */
  static CrashJob of(String[] args) {
    return new CrashJob(
        Path.of(args[0]),
        Path.of(args[1]),
        Long.parseLong(args[2]),
        Integer.parseInt(args[3]),
        Boolean.parseBoolean(args[4]),
        Mistake.valueOf(args[5]));
  }

  /** Returns the arguments that {@link #of} reads. */
  String[] arguments() {
    return new String[] {
      heap.toString(),
      journals.toString(),
      Long.toString(seed),
      Integer.toString(threads),
      Boolean.toString(sync),
      mistake.name()
    };
  }

  /** Returns how the heap is opened. */
  HeapOptions options() {
    return HeapOptions.defaults()
        .withInitialSize(INITIAL_SIZE)
        .withMaximumSize(MAXIMUM_SIZE)
        .withPageCacheLevel(sync ? Durability.Level.OS_CRASH : Durability.Level.PROCESS_CRASH);
  }

  Path journal(int thread) {
    return Path.of(journals + "." + thread);
  }

  Step step(int thread, long number) {
    return new Step(seed, thread, number);
  }
}
