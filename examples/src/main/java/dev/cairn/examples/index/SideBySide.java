package dev.cairn.examples.index;

import dev.cairn.collections.HeapStats;
import dev.cairn.examples.command.Progress;
import dev.cairn.examples.command.WorkPlace;
import dev.cairn.heap.Durability;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Builds the index twice, in a heap and in a log, and compares both with the one expected. */
final class SideBySide {

  /** What the user chose; see the options of {@link Demo}. */
  record Settings(Optional<Path> folder, int limit, int kills, long seed, boolean sync) {}

  private final Settings settings;
  private final MemoryIndex expected;
  private final WorkPlace place;
  private final String fileSystem;
  private final Progress progress;
  private final PrintStream err;
  private boolean equal = true;

  SideBySide(
      Settings settings, MemoryIndex expected, WorkPlace place, Progress progress, PrintStream err)
      throws IOException {
    this.settings = settings;
    this.expected = expected;
    this.place = place;
    this.fileSystem = Files.getFileStore(place.scratch()).type();
    this.progress = progress;
    this.err = err;
  }

  /**
   * Does it, and prints the table.
   *
   * @return whether both indexes are equal to the one expected
   */
  boolean run(PrintStream out) throws IOException, InterruptedException {
    DemoReport.Side heap = buildInHeap();
    DemoReport.Side log = buildInLog(isLogForced(heap.durability()));
    new DemoReport(out, heap, log).print(fileSystem);
    return equal;
  }

  private DemoReport.Side buildInHeap() throws IOException, InterruptedException {
    Job job = job(Storage.HEAP, settings.sync, place.heap());
    job.storage().create(job.index(), job.sync()).close();
    IndexRun.Result result = run(job);
    try (WordIndex index = WordIndex.open(job.index(), Storage.options(job.sync()))) {
      compare(job, index);
      HeapStats stats = index.stats();
      return new DemoReport.Side(result, stats.size(), stats.usedBytes(), index.durability());
    }
  }

  private DemoReport.Side buildInLog(boolean sync) throws IOException, InterruptedException {
    Job job = job(Storage.LOG, sync, place.scratch().resolve("index.log"));
    IndexRun.Result result = run(job);
    try (Index index = job.openIndex()) {
      compare(job, index);
    }
    long size = Files.size(job.index());
    return new DemoReport.Side(result, size, size, logDurability(sync));
  }

  /** Tells whether to force the log: if the heap promises something that this is needed for. */
  private boolean isLogForced(Durability heap) {
    return heap.survives() != Durability.Level.PROCESS_CRASH || isMemory();
  }

  private Durability logDurability(boolean sync) {
    if (isMemory()) {
      return new Durability(
          Durability.Level.PROCESS_CRASH, "forced after each record, which does nothing on tmpfs");
    }
    return sync
        ? new Durability(
            Durability.Level.OS_CRASH,
            "forced to the drive after each record; a power failure may take what that only caches")
        : new Durability(
            Durability.Level.PROCESS_CRASH, "written to the page cache, and not forced");
  }

  private boolean isMemory() {
    return fileSystem.equals("tmpfs");
  }

  private Job job(Storage storage, boolean sync, Path index) {
    return new Job(storage, sync, index, place.scratch(), settings.limit, settings.folder);
  }

  private IndexRun.Result run(Job job) throws IOException, InterruptedException {
    int files = expected.fileCount();
    KillPlan plan = new KillPlan(settings.seed, settings.kills, files);
    return new IndexRun(job, files, plan, progress).run();
  }

  private void compare(Job job, Index actual) {
    IndexComparison.Result result = IndexComparison.compare(expected, actual);
    if (result.isEqual()) {
      progress.line("%-8s equal to the index in plain maps".formatted(job.storage()));
      return;
    }
    equal = false;
    progress.clear();
    err.printf(
        "cairn demo: the index in the %s differs from the one in plain maps in %,d places:%n",
        job.storage(), result.differences());
    result.shown().forEach(difference -> err.println("  " + difference));
  }
}
