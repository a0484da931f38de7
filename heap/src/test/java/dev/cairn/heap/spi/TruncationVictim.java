package dev.cairn.heap.spi;

import dev.cairn.heap.HeapFailedException;
import dev.cairn.heap.HeapOptions;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A program whose heap files are cut short while compiled code stores to them, flushes and fences,
 * again and again. It prints how the accesses ended, and ends with status 0: or it dies.
 */
final class TruncationVictim {
  private static final long SIZE = 2L << 20;
  private static volatile long progress;

  private TruncationVictim() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    int span = Integer.parseInt(arguments[2]);
    warmUp(directory, span);
    int typed = 0;
    int faults = 0;
    for (int round = 0; round < rounds; round++) {
      Path path = directory.resolve("victim" + round + ".heap");
      HeapFile heap =
          HeapFile.create(
              path, HeapOptions.defaults().withInitialSize(SIZE).withMaximumSize(64L << 20));
      Thread cutter = startCutter(path, round);
      try {
        churn(heap.accessor(), Long.MAX_VALUE, span);
      } catch (HeapFailedException e) {
        typed++;
      } catch (InternalError e) {
        faults++;
      }
      cutter.join();
      heap.fail("test", new InternalError("cut"));
      heap.close();
      Files.delete(path);
    }
    System.out.println("rounds " + rounds + ": typed " + typed + " faults " + faults);
  }

  private static void warmUp(Path directory, int span) throws Exception {
    Path path = directory.resolve("warm.heap");
    try (HeapFile heap =
        HeapFile.create(
            path, HeapOptions.defaults().withInitialSize(SIZE).withMaximumSize(64L << 20))) {
      for (int i = 0; i < 20; i++) {
        churn(heap.accessor(), 100_000, span);
      }
    }
    Files.delete(path);
  }

  private static Thread startCutter(Path path, int round) throws Exception {
    progress = 0;
    CountDownLatch started = new CountDownLatch(1);
    Thread cutter =
        new Thread(
            () -> {
              started.countDown();
              try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
                while (progress < 4096 + round % 64 * 64L) {
                  Thread.onSpinWait();
                }
                file.setLength(0);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    cutter.start();
    started.await();
    return cutter;
  }

  /** What an operation does: store, flush, fence. Runs until it faults, or as often as told. */
  private static void churn(MediumAccessor accessor, long times, int span) {
    long offset = HeapLayout.ZONES_OFFSET;
    for (long i = 0; i < times; i++) {
      accessor.putWord(offset, i);
      accessor.flush(offset, span);
      accessor.fence();
      offset = HeapLayout.ZONES_OFFSET + ((offset + 4160) & 0x7ffc0);
      if ((i & 63) == 0) {
        progress = i;
      }
    }
  }
}
