package dev.cairn.examples.index;

import dev.cairn.collections.HeapStats;
import dev.cairn.heap.Durability;
import dev.cairn.heap.PersistentMemoryException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code cairn demo}. */
@Command(
    name = "cairn demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "",
      "Builds a durable full-text index of the text files in a folder, in a persistent heap, with"
          + " processes that are killed at random moments; checks it word for word against one"
          + " built in plain maps; and does the same job through file I/O, for comparison.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:both indexes are equal to the one in plain maps",
      "1:an index differs, acknowledged data is missing, or a process failed",
      "2:the arguments or the input are of no use; the message says why",
      "130:interrupted"
    })
final class Demo implements Callable<Integer> {
  private static final int EQUAL = 0;
  private static final int FAILED = 1;
  private static final int BAD_INPUT = 2;

  /** Room for the heap and the log together, for each byte of text. */
  private static final int STORED_PER_TEXT_BYTE = 4;

  private static final long LEAST_ROOM = 64L << 20;

  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description =
          "The folder with the text files. Default: the sources of java.base in the running JDK's"
              + " lib/src.zip, or its legal notices where there are no sources.")
  private @Nullable Path folder;

  @Option(
      names = "--heap",
      paramLabel = "PATH",
      description =
          "Where to create the heap, which is then kept; nothing may exist there. Default: a"
              + " temporary file, removed at the end, in /dev/shm if there is room in it, else in"
              + " the folder for temporary files.")
  private @Nullable Path heap;

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many processes to kill on each side. Default: ${DEFAULT-VALUE}.")
  private int kills;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Draws the moments of the kills. Default: a random one, which is printed.")
  private long seed = new Random().nextLong(1_000_000);

  @Option(
      names = "--limit-files",
      paramLabel = "N",
      description = "Looks at the first N files only, by name. Default: all.")
  private int limit = Integer.MAX_VALUE;

  private final PrintStream out;
  private final PrintStream err;
  private final Progress progress;

  private Demo(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.err = err;
    this.progress = new Progress(out, terminal);
  }

  /** Runs the demo and ends the process. */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, Progress.isTerminal(), args));
  }

  /** Runs the demo and returns its exit code. */
  static int run(PrintStream out, PrintStream err, boolean terminal, String... args) {
    return new CommandLine(new Demo(out, err, terminal))
        .setOut(new PrintWriter(out, true, out.charset()))
        .setErr(new PrintWriter(err, true, err.charset()))
        .execute(args);
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      return demonstrate();
    } catch (BadInputException e) {
      err.println("cairn demo: " + e.getMessage());
      return BAD_INPUT;
    } catch (DemoFailedException e) {
      return failed(e.getMessage());
    } catch (IOException | PersistentMemoryException e) {
      return failed(e.toString());
    }
  }

  private int failed(@Nullable String why) {
    // Ctrl-C reaches the worker too. That it ended is then no news.
    if (!WorkPlace.isShuttingDown()) {
      err.println("cairn demo: FAILED: " + why);
    }
    return FAILED;
  }

  private int demonstrate() throws IOException, InterruptedException {
    if (kills < 0 || limit < 1) {
      throw new BadInputException("--kills must be 0 or more, --limit-files 1 or more");
    }
    try (TextTree texts = TextTree.open(Optional.ofNullable(folder), limit)) {
      MemoryIndex expected = new MemoryIndex();
      TextFacts facts = readAll(texts, expected);
      long room = LEAST_ROOM + STORED_PER_TEXT_BYTE * facts.textBytes();
      try (WorkPlace place = WorkPlace.choose(Optional.ofNullable(heap), room)) {
        progress.line("heap     %s (%s)".formatted(place.heap(), place.choice()));
        progress.line("seed     %d".formatted(seed));
        return build(expected, place);
      }
    }
  }

  /** Builds the index in plain maps, and so learns what there is to index. */
  private TextFacts readAll(TextTree texts, MemoryIndex index) {
    TextFacts facts = new TextFacts();
    for (TextTree.TextFile file : texts.files()) {
      Content content = texts.read(file);
      facts.count(content);
      if (content.isText()) {
        index.add(file.name(), Words.count(content.text()));
      }
      progress.step("reading: %,d of %,d files".formatted(index.fileCount(), texts.files().size()));
    }
    if (facts.textFiles() == 0) {
      throw new BadInputException(
          "%s: no text files (%s)".formatted(texts.description(), facts.skipped()));
    }
    progress.line("input    " + texts.description());
    progress.line(
        "         %,d text files (%s), %s of text"
            .formatted(
                facts.textFiles(), facts.skipped(), DemoReport.megabytes(facts.textBytes())));
    progress.line(
        "         %,d words, %,d different ones, %,d postings (word and file)"
            .formatted(index.wordsInAllFiles(), index.wordCount(), index.postingCount()));
    return facts;
  }

  private int build(MemoryIndex expected, WorkPlace place)
      throws IOException, InterruptedException {
    WordIndex.create(place.heap()).close();
    IndexRun.Result heapRun = run(Storage.HEAP, place.heap(), expected.fileCount());
    DemoReport.Side heapSide;
    Durability durability;
    boolean equal;
    try (WordIndex index = WordIndex.open(place.heap())) {
      equal = isEqual(Storage.HEAP, expected, index);
      HeapStats stats = index.stats();
      heapSide = new DemoReport.Side(heapRun, stats.size(), stats.usedBytes());
      durability = index.durability();
    }
    IndexRun.Result logRun = run(Storage.LOG, place.log(), expected.fileCount());
    long logSize = Files.size(place.log());
    try (Index index = LogIndex.open(place.log())) {
      equal &= isEqual(Storage.LOG, expected, index);
    }
    out.println();
    new DemoReport(out, heapSide, new DemoReport.Side(logRun, logSize, logSize))
        .print(durability, Files.getFileStore(place.log()).type());
    return equal ? EQUAL : FAILED;
  }

  private IndexRun.Result run(Storage storage, Path path, int files)
      throws IOException, InterruptedException {
    Job job = new Job(storage, path, limit, Optional.ofNullable(folder));
    return new IndexRun(job, files, new KillPlan(seed, kills, files), progress).run();
  }

  private boolean isEqual(Storage storage, MemoryIndex expected, Index actual) {
    IndexComparison.Result result = IndexComparison.compare(expected, actual);
    if (result.isEqual()) {
      progress.line("%-8s equal to the index in plain maps".formatted(storage));
      return true;
    }
    err.printf(
        "cairn demo: FAILED: the index in the %s differs from the one in plain maps in %,d places%n",
        storage, result.differences());
    result.shown().forEach(difference -> err.println("  " + difference));
    return false;
  }
}
