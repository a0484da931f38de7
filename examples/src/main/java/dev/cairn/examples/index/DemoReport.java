package dev.cairn.examples.index;

import dev.cairn.heap.Durability;
import java.io.PrintStream;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** The table at the end of the demo. */
final class DemoReport {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_MEGABYTE = 1e6;

  /** More kills than these are summed up. */
  private static final int MOST_ROWS = 10;

  private final PrintStream out;
  private final Side heap;
  private final Side log;

  /**
   * One column of the table.
   *
   * @param run how the index was built
   * @param sizeBytes of the file at the end
   * @param usedBytes of it that hold data
   * @param durability of what was acknowledged
   */
  record Side(IndexRun.Result run, long sizeBytes, long usedBytes, Durability durability) {}

  DemoReport(PrintStream out, Side heap, Side log) {
    this.out = out;
    this.heap = heap;
    this.log = log;
  }

  void print(String fileSystem) {
    out.println();
    line("", "persistent heap", "log of records");
    line("", "(Cairn)", "(Kryo, file)");
    both("updates made durable / s", side -> perSecond(side.run.updates(), side.run.storeNanos()));
    both("files / s", side -> perSecond(side.run.filesAdded(), side.run.workNanos()));
    both("whole run", side -> seconds(side.run.wallNanos()));
    both("kills survived", side -> Integer.toString(side.run.reopenings().size()));
    both("  while adding a file", side -> Integer.toString(side.run.killsWhileAdding()));
    both("  that left work to undo", side -> Long.toString(side.run.undone()));
    both("file size", side -> megabytes(side.sizeBytes));
    both("  in use", side -> megabytes(side.usedBytes));
    out.println();
    printReopenings();
    out.println("The heap " + heap.durability + ".");
    out.println("The log " + log.durability + ".");
    printMethod(fileSystem);
  }

  private void printReopenings() {
    int kills = heap.run.reopenings().size();
    if (kills == 0) {
      return;
    }
    line("in a new process", "heap opens", "verifies", "(classes)", "log opens", "(classes)");
    if (kills <= MOST_ROWS) {
      for (int i = 0; i < kills; i++) {
        printReopening("after kill " + (i + 1), i, UnaryOperator.identity());
      }
    } else {
      printReopening("fastest of " + kills, 0, LongStream::sorted);
      printReopening("median", kills / 2, LongStream::sorted);
      printReopening("slowest", kills - 1, LongStream::sorted);
    }
    out.println();
  }

  /** Prints, of each column in some order, the row of an index. */
  private void printReopening(String label, int index, UnaryOperator<LongStream> order) {
    line(
        label,
        reopening(heap, WorkerMessage.Opened::openNanos, index, order),
        reopening(heap, WorkerMessage.Opened::verifyNanos, index, order),
        reopening(heap, WorkerMessage.Opened::loadNanos, index, order),
        reopening(log, WorkerMessage.Opened::openNanos, index, order),
        reopening(log, WorkerMessage.Opened::loadNanos, index, order));
  }

  private static String reopening(
      Side side,
      ToLongFunction<WorkerMessage.Opened> column,
      int index,
      UnaryOperator<LongStream> order) {
    LongStream nanos = side.run.reopenings().stream().mapToLong(column);
    return millis(order.apply(nanos).skip(index).findFirst().orElseThrow());
  }

  private void printMethod(String fileSystem) {
    out.print(
        """

        How the numbers were taken
          One transaction for each file; for the log, one record, written at once. An update is one
          put to a map or one append to a list: two for each file, and two for each different word
          in it. Updates / s: those acknowledged, by the time spent in adding them alone; for the
          log, that is encoding, writing, forcing, and updating its maps. Files / s: by the time
          for reading, cutting into words, and adding. Whole run: all that, and what each new
          process does before. Both sides add the same files in the same order, in processes that
          start cold and are killed after the same files; first the heap, then the log.
          Opens: from the call to an index that answers. The heap is ready then; the log has been
          read back into maps, and checked, whole. Verifies: reads the whole heap. Classes: before
          that, a new process opens and uses an empty index, to tell the time for loading classes
          from the time for opening.
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
    out.printf("%-25s", label);
    for (String cell : cells) {
      out.printf("%" + (cells.length > 2 ? 12 : 17) + "s", cell);
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
