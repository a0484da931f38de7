package dev.cairn.crashtest.kill;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A JVM started by this one: listened to line by line, and killed without warning.
 *
 * <p>It does not outlive this JVM. When this one ends in order, or by a signal that can be caught,
 * it kills its children. Against a SIGKILL of this one, a child must look after itself: its
 * standard input then ends. {@link KillPoint#arm} takes care of that in a child of a {@link
 * KillHarness}.
 *
 * <p>For use by one thread at a time.
 */
public final class ChildJvm implements AutoCloseable {
  /** How many lines of standard error are kept. */
  private static final int ERROR_LINES = 200;

  /** The exit value of a process that died of signal 9. */
  private static final int KILLED = 128 + 9;

  private static final Duration LONGEST_DEATH = Duration.ofSeconds(30);

  /** All that run. Guarded by itself. */
  private static final Set<Process> RUNNING = new HashSet<>();

  private static boolean startsNoMore;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ChildJvm::killAll, "child-jvm-killer"));
  }

  private final Process process;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final Deque<String> lastErrors = new ArrayDeque<>();
  private final Thread errorReader;

  private ChildJvm(Process process) {
    this.process = process;
    reader(process.getInputStream(), line -> lines.add(Optional.of(line)), this::end);
    errorReader = reader(process.getErrorStream(), this::keepError, () -> {});
  }

  /**
   * Starts a JVM. Its standard input stays open, and empty, until {@link #closeInput}.
   *
   * @param command what to run
   * @return the running JVM
   * @throws IOException if it cannot be started
   * @throws IllegalStateException if this JVM is shutting down
   */
  public static ChildJvm start(JvmCommand command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command.words());
    synchronized (RUNNING) {
      if (startsNoMore) {
        throw new IllegalStateException("no more children: this JVM is shutting down");
      }
      Process process = builder.start();
      RUNNING.add(process);
      return new ChildJvm(process);
    }
  }

  /**
   * Kills all that run, and lets none start any more. Done when this JVM shuts down; a shutdown
   * hook that removes what children write to calls it first.
   */
  public static void killAll() {
    synchronized (RUNNING) {
      startsNoMore = true;
      for (Process process : RUNNING) {
        process.destroyForcibly();
      }
      for (Process process : RUNNING) {
        waitForEnd(process);
      }
    }
  }

  private static Thread reader(InputStream in, Consumer<String> lines, Runnable end) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (var reader =
                  new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                reader.lines().forEach(lines);
              } catch (IOException | UncheckedIOException e) {
                // A pipe that breaks is one that has ended.
              } finally {
                end.run();
              }
            });
  }

  private void end() {
    lines.add(Optional.empty());
  }

  private void keepError(String line) {
    synchronized (lastErrors) {
      lastErrors.add(line);
      if (lastErrors.size() > ERROR_LINES) {
        lastErrors.remove();
      }
    }
  }

  /** What a call of {@link #next} came to. */
  sealed interface Event {
    /** A line of standard output. */
    record Line(String text) implements Event {}

    /** The end of standard output, and so of the JVM. */
    record End() implements Event {}

    /** Nothing, for as long as was asked. */
    record Silence() implements Event {}
  }

  Event next(long nanos) throws InterruptedException {
    Optional<String> line = lines.poll(nanos, TimeUnit.NANOSECONDS);
    if (line == null) {
      return new Event.Silence();
    }
    if (line.isEmpty()) {
      lines.add(line); // The end stays the end.
      return new Event.End();
    }
    return new Event.Line(line.get());
  }

  /**
   * Waits for the next line of standard output. What was said before a kill can still be read.
   *
   * @param limit how long to wait
   * @return the line; nothing if the JVM has closed its output, which it does when it ends
   * @throws ChildSilentException if there is neither within the limit; the JVM runs on
   * @throws InterruptedException if this thread is interrupted
   */
  public Optional<String> nextLine(Duration limit) throws InterruptedException {
    return switch (next(limit.toNanos())) {
      case Event.Line line -> Optional.of(line.text());
      case Event.End() -> Optional.empty();
      case Event.Silence() ->
          throw new ChildSilentException("the JVM said nothing for " + limit.toSeconds() + " s");
    };
  }

  /** Closes the standard input of the JVM: one that waits for that can end. */
  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // Nothing was written, so nothing can be lost. It has ended.
    }
  }

  /**
   * Kills the JVM, with SIGKILL where there are signals: it can do nothing about it. Returns when
   * it is dead. Does nothing to one that has ended.
   *
   * @throws InterruptedException if this thread is interrupted; the kill is under way
   */
  public void kill() throws InterruptedException {
    // By its handle: Process.destroyForcibly would also throw away what is still in the pipe.
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** Asks the JVM to end, with SIGTERM where there are signals, and returns at once. */
  public void terminate() {
    process.toHandle().destroy();
  }

  /**
   * Waits for the end of the JVM.
   *
   * @param limit how long to wait
   * @return whether it has ended
   * @throws InterruptedException if this thread is interrupted
   */
  public boolean waitFor(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Says how the JVM ended.
   *
   * @return its exit code, 128 more than the number of a signal that it died of
   * @throws IllegalThreadStateException if it still runs
   */
  public int exitCode() {
    return process.exitValue();
  }

  /**
   * Says whether the JVM, which has ended, died of SIGKILL: then it did not end by itself before
   * {@link #kill} came.
   *
   * @return whether its exit code is 137
   */
  public boolean wasKilled() {
    return exitCode() == KILLED;
  }

  /**
   * Asks the JVM to print what its threads are doing, on its standard output. Does nothing where
   * there is no signal for that.
   *
   * @throws InterruptedException if this thread is interrupted
   */
  public void requestThreadDump() throws InterruptedException {
    try {
      new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      // No such program: no such signal, most likely.
    }
  }

  /**
   * Returns what the JVM wrote to standard error, or the last 200 lines of it. Complete once it has
   * ended.
   *
   * @return line by line
   * @throws InterruptedException if this thread is interrupted
   */
  public List<String> errors() throws InterruptedException {
    if (!process.isAlive()) {
      errorReader.join(LONGEST_DEATH);
    }
    synchronized (lastErrors) {
      return List.copyOf(lastErrors);
    }
  }

  /** Kills the JVM if it still runs, and waits for its end. */
  @Override
  public void close() {
    process.destroyForcibly();
    waitForEnd(process);
    synchronized (RUNNING) {
      RUNNING.remove(process);
    }
  }

  /** A child that is dead has closed its files and dropped its locks. */
  private static void waitForEnd(Process process) {
    boolean interrupted = Thread.interrupted();
    try {
      process.waitFor(LONGEST_DEATH.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
