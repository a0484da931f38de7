package dev.cairn.examples.index;

import dev.cairn.heap.Durability;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;

/** The table at the end of the demo. */
final class DemoReport {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  private final PrintStream out;
  private final Side heap;
  private final Side log;

  /**
   * One column of the table.
   *
   * @param run how the index was built
   * @param sizeBytes of the file at the end
   * @param usedBytes of it that hold data
   */
  record Side(IndexRun.Result run, long sizeBytes, long usedBytes) {}

  DemoReport(PrintStream out, Side heap, Side log) {
    this.out = out;
    this.heap = heap;
    this.log = log;
  }

  void print(Durability durability, String fileSystem) {
    line("", "persistent heap", "log of records");
    line("", "(Cairn)", "(Kryo, force)");
    both("updates made durable / s", side -> perSecond(side.run.updates(), side.run.storeNanos()));
    both("files / s", side -> perSecond(side.run.filesAdded(), side.run.workNanos()));
    both("whole run", side -> seconds(side.run.wallNanos()));
    both("kills survived", side -> Integer.toString(side.run.reopenings().size()));
    both("  while adding a file", side -> Integer.toString(side.run.killsWhileAdding()));
    both("file size", side -> megabytes(side.sizeBytes));
    both("  in use", side -> megabytes(side.usedBytes));
    out.println();
    printReopenings();
    out.println("The heap " + durability + ".");
    printMethod(fileSystem);
  }

  private void printReopenings() {
    List<IndexRun.Reopening> heapReopenings = heap.run.reopenings();
    if (heapReopenings.isEmpty()) {
      return;
    }
    line("", "heap opens", "it verifies all", "log opens");
    for (int i = 0; i < heapReopenings.size(); i++) {
      line(
          "after kill " + (i + 1),
          millis(heapReopenings.get(i).openNanos()),
          millis(heapReopenings.get(i).verifyNanos()),
          millis(log.run.reopenings().get(i).openNanos()));
    }
    out.println();
  }

  private void printMethod(String fileSystem) {
    out.print(
        """

        How the numbers were taken
          One transaction for each file; for the log, one record and one FileChannel.force(false).
          An update is one put to a map or one append to a list: two for each file, and two for
          each different word in it. Updates / s: those acknowledged, by the time spent in adding
          them alone; for the log, that is encoding, writing, forcing, and updating its maps.
          Files / s: by the time for reading, cutting into words, and adding. Whole run: all that,
          the starts of the processes, opening and verifying. Both sides add the same files in the
          same order, in processes that start cold and are killed at the same files; first the
          heap, then the log.
          Opens: from the call to the answer, in a new process that has not loaded the classes
          yet. The heap is then ready; the log has been read back into maps, and checked, whole.
          %s, %s, %d processors, JDK %s, file system %s.
        """
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                fileSystem));
  }

  private void both(String label, Function<Side, String> cell) {
    line(label, cell.apply(heap), cell.apply(log));
  }

  private void line(String label, String... cells) {
    out.printf("%-26s", label);
    for (String cell : cells) {
      out.printf("%18s", cell);
    }
    out.println();
  }

  private static String perSecond(long count, long nanos) {
    return nanos == 0 ? "-" : "%,.0f".formatted(count * NANOS_PER_SECOND / nanos);
  }

  private static String seconds(long nanos) {
    return "%,.1f s".formatted(nanos / NANOS_PER_SECOND);
  }

  private static String millis(long nanos) {
    return "%,.1f ms".formatted(nanos / NANOS_PER_MILLI);
  }

  static String megabytes(long bytes) {
    return "%,.1f MB".formatted(bytes / BYTES_PER_MEGABYTE);
  }
}
