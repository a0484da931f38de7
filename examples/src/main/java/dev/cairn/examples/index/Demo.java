package dev.cairn.examples.index;

import dev.cairn.examples.command.BadInputException;
import dev.cairn.examples.command.Progress;
import dev.cairn.examples.command.WorkPlace;
import dev.cairn.heap.PersistentMemoryException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
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

  /** What a word and a posting take at most in the heap and in the log together, in bytes. */
  private static final long ROOM_PER_WORD = 500;

  private static final long ROOM_PER_POSTING = 50;
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
      names = "--sync",
      description =
          "On an ordinary file, survives a crash of the operating system too: the heap syncs at"
              + " each fence, the log at each record, which makes it a matter of many minutes."
              + " Default: survives the death of the process. Makes no difference on DAX and in"
              + " /dev/shm.")
  private boolean sync;

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
      progress.clear();
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
      progress.clear();
      err.println("cairn demo: FAILED: " + why);
    }
    return FAILED;
  }

  private int demonstrate() throws IOException, InterruptedException {
    if (kills < 0 || limit < 1) {
      throw new BadInputException("--kills must be 0 or more, --limit-files 1 or more");
    }
    SideBySide.Settings settings =
        new SideBySide.Settings(Optional.ofNullable(folder), limit, kills, seed, sync);
    try (TextTree texts = TextTree.open(settings.folder(), limit)) {
      MemoryIndex expected = readAll(texts);
      long room =
          LEAST_ROOM
              + ROOM_PER_WORD * expected.wordCount()
              + ROOM_PER_POSTING * expected.postingCount();
      try (WorkPlace place = WorkPlace.choose("demo", Optional.ofNullable(heap), room)) {
        progress.line("heap     %s (%s)".formatted(place.heap(), place.choice()));
        progress.line("seed     %d".formatted(seed));
        SideBySide sides = new SideBySide(settings, expected, place, progress, err);
        if (sides.run(out)) {
          return EQUAL;
        }
        checkNothingHasChanged(texts);
        return failed("an index is not what it should be");
      }
    }
  }

  /** Each process has read the files for itself: if they change meanwhile, so does the answer. */
  private void checkNothingHasChanged(TextTree before) throws IOException {
    try (TextTree now = TextTree.open(Optional.ofNullable(folder), limit)) {
      if (!now.files().equals(before.files())) {
        throw new BadInputException(
            before.description() + ": files in it changed while the demo ran");
      }
    }
  }

  /** Builds the index in plain maps, and so learns what there is to index. */
  private MemoryIndex readAll(TextTree texts) {
    MemoryIndex index = new MemoryIndex();
    TextFacts facts = new TextFacts(texts);
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
    return index;
  }
}
