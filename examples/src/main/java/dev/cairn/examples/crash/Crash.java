package dev.cairn.examples.crash;

import dev.cairn.crashtest.kill.KillFailure;
import dev.cairn.examples.command.BadInputException;
import dev.cairn.examples.command.Progress;
import dev.cairn.examples.command.WorkPlace;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code cairn crash}. */
@Command(
    name = "cairn crash",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "",
      "Kills processes that work on a persistent heap, and looks after each kill whether anything"
          + " was lost.",
      "",
      "Several threads put, replace and remove strings, records and large values in maps, edit"
          + " lists, and move money between accounts in transactions, some nested, some large, some"
          + " abandoned. Each operation that returned goes into a journal outside of the heap. The"
          + " process dies by SIGKILL: at a random moment, or just before or after a certain flush"
          + " or fence, while the heap is made, opened, recovered or worked on. Then a copy of the"
          + " heap is opened and verified, and everything in it compared with what the journals"
          + " say; and the next process goes on with the heap as it is.",
      "",
      "A kill takes away no store that the process had made, flushed or not: this tests the order of"
          + " stores, recovery, and threads. Missing flushes are what the tests on a simulated"
          + " medium find.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing was lost",
      "1:something was lost or torn, or a process failed; the heap is kept",
      "2:the arguments are of no use; the message says why",
      "130:interrupted"
    })
final class Crash implements Callable<Integer> {
  private static final int NOTHING_LOST = 0;
  private static final int LOST = 1;
  private static final int BAD_INPUT = 2;

  /** What a heap and a copy of it take, about, in bytes. */
  private static final long ROOM_PER_PROCESS = 96L << 20;

  private static final int MOST_PROCESSES = 64;
  private static final int MOST_THREADS = 64;

  @Option(
      names = "--kills",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many processes to kill. Default: ${DEFAULT-VALUE}.")
  private int kills;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Stops after so many seconds, even if there were fewer kills. Default: never.")
  private long seconds = Duration.ofDays(365).toSeconds();

  @Option(
      names = "--heap",
      paramLabel = "PATH",
      description =
          "Where to create the heap; nothing may exist there. It is removed at the end, unless"
              + " something was lost. More processes have heaps beside it: PATH.2, and so on."
              + " Default: a temporary file, in /dev/shm if there is room in it, else in the folder"
              + " for temporary files.")
  private @Nullable Path heap;

  @Option(
      names = "--processes",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "How many processes run at once, each on a heap of its own. Default: ${DEFAULT-VALUE}.")
  private int processes;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many threads work in each process. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "Draws the operations and the moments of the kills. Default: a random one, which is"
              + " printed.")
  private long seed = new Random().nextLong(1_000_000);

  @Option(
      names = "--sync",
      description =
          "On an ordinary file, syncs at each fence, as a heap does that is to survive a crash of"
              + " the operating system. Slower. Makes no difference on DAX and in /dev/shm.")
  private boolean sync;

  @Option(
      names = "--mistake",
      paramLabel = "KIND",
      defaultValue = "NONE",
      description =
          "Does something wrong on purpose, to see that it is found: EARLY_ACKNOWLEDGEMENT writes an"
              + " operation into the journal before it is done, NO_TRANSACTIONS does without"
              + " transactions. Default: ${DEFAULT-VALUE}.")
  private Mistake mistake = Mistake.NONE;

  private final PrintStream out;
  private final PrintStream err;
  private final Progress progress;

  private Crash(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.err = err;
    this.progress = new Progress(out, terminal);
  }

  /** Runs the crash test and ends the process. */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, Progress.isTerminal(), args));
  }

  /** Runs the crash test and returns its exit code. */
  static int run(PrintStream out, PrintStream err, boolean terminal, String... args) {
    return new CommandLine(new Crash(out, err, terminal))
        .setOut(new PrintWriter(out, true, out.charset()))
        .setErr(new PrintWriter(err, true, err.charset()))
        .execute(args);
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      return crash();
    } catch (BadInputException e) {
      progress.clear();
      err.println("cairn crash: " + e.getMessage());
      return BAD_INPUT;
    } catch (IOException e) {
      return failed(e.toString());
    }
  }

  private int failed(@Nullable String why) {
    if (!WorkPlace.isShuttingDown()) {
      progress.clear();
      err.println("cairn crash: FAILED: " + why);
    }
    return LOST;
  }

  private int crash() throws IOException, InterruptedException {
    checkNumbers();
    processes = Math.max(1, Math.min(processes, kills));
    try (WorkPlace place =
        WorkPlace.choose("crash", Optional.ofNullable(heap), ROOM_PER_PROCESS * processes)) {
      CrashTotals totals = new CrashTotals(kills, progress);
      List<CrashLane> lanes = lanes(place, totals);
      progress.line("heap     %s (%s)".formatted(place.heap(), place.choice()));
      progress.line("seed     %d".formatted(seed));
      List<KillFailure> failures = runAll(lanes);
      if (WorkPlace.isShuttingDown()) {
        return LOST; // Ctrl-C: the process that is missed was killed by that.
      }
      progress.clear();
      totals.print(out, failures.size());
      if (failures.isEmpty()) {
        return NOTHING_LOST;
      }
      place.keep();
      return failed(explanation(failures, lanes, place));
    }
  }

  private void checkNumbers() {
    if (kills < 1 || seconds < 1) {
      throw new BadInputException("--kills and --seconds must be 1 or more");
    }
    if (processes < 1 || processes > MOST_PROCESSES || threads < 1 || threads > MOST_THREADS) {
      throw new BadInputException(
          "--processes must be 1 to %d, --threads 1 to %d".formatted(MOST_PROCESSES, MOST_THREADS));
    }
  }

  private List<CrashLane> lanes(WorkPlace place, CrashTotals totals) {
    List<CrashLane> lanes = new ArrayList<>();
    for (int i = 1; i <= processes; i++) {
      Path own = i == 1 ? place.heap() : Path.of(place.heap() + "." + i);
      if (Files.exists(own, LinkOption.NOFOLLOW_LINKS)) {
        throw new BadInputException(own + " exists already: remove it first");
      }
      place.removeAtEnd(own);
      Path journals = place.scratch().resolve("journal." + i);
      // A number of its own for each: other operations, and other moments.
      CrashJob job = new CrashJob(own, journals, seed + i - 1, threads, sync, mistake);
      lanes.add(new CrashLane(job, place.scratch(), totals));
      totals.addHeap();
    }
    return lanes;
  }

  /** Runs the lanes at once. The first failure ends all. */
  private List<KillFailure> runAll(List<CrashLane> lanes) throws IOException, InterruptedException {
    List<KillFailure> failures = new ArrayList<>();
    ExecutorService executor = Executors.newFixedThreadPool(lanes.size());
    try {
      CompletionService<Optional<KillFailure>> running = new ExecutorCompletionService<>(executor);
      for (int i = 0; i < lanes.size(); i++) {
        CrashLane lane = lanes.get(i);
        int share = kills / lanes.size() + (i < kills % lanes.size() ? 1 : 0);
        running.submit(() -> Optional.ofNullable(lane.run(share, Duration.ofSeconds(seconds))));
      }
      for (int i = 0; i < lanes.size() && failures.isEmpty(); i++) {
        running.take().get().ifPresent(failures::add);
      }
    } catch (ExecutionException e) {
      throw new IOException("a process could not be run: " + e.getCause(), e.getCause());
    } finally {
      executor.shutdownNow(); // What still runs is interrupted, and kills its process.
      executor.close();
    }
    return failures;
  }

  private String explanation(List<KillFailure> failures, List<CrashLane> lanes, WorkPlace place) {
    StringBuilder text = new StringBuilder();
    failures.forEach(failure -> text.append(failure).append(System.lineSeparator()));
    text.append("Kept: the journals in ").append(place.scratch()).append(", and");
    lanes.stream()
        .map(CrashLane::heap)
        .filter(Files::exists)
        .forEach(kept -> text.append(' ').append(kept));
    text.append(System.lineSeparator())
        .append("To run it again: ./cairn crash --seed %d --kills %d".formatted(seed, kills))
        .append(" --processes %d --threads %d".formatted(processes, threads))
        .append(sync ? " --sync" : "")
        .append(mistake == Mistake.NONE ? "" : " --mistake " + mistake)
        .append(heap == null ? "" : " --heap " + heap);
    return text.toString();
  }
}
