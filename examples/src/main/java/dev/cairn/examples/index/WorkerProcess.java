package dev.cairn.examples.index;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An {@link IndexWorker} in a JVM of its own, as its parent sees it. */
final class WorkerProcess implements AutoCloseable {
  /** A worker that says nothing for so long is taken to hang. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  private static final int ERROR_LINES = 60;

  /** The exit value of a process that died of signal 9. */
  private static final int KILLED = 128 + 9;

  private final Process process;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final Deque<String> lastErrors = new ArrayDeque<>();
  private final Thread errorReader;

  private WorkerProcess(Process process) {
    this.process = process;
    reader(process.getInputStream(), line -> lines.add(Optional.of(line)), this::end);
    errorReader = reader(process.getErrorStream(), this::keepError, () -> {});
  }

  /** Starts a worker with the JDK, the class or module path and the rights of this process. */
  static WorkerProcess start(Job job) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Module module = IndexWorker.class.getModule();
    if (module.isNamed()) {
      command.add("--enable-native-access=dev.cairn.heap");
      command.addAll(List.of("-p", System.getProperty("jdk.module.path")));
      command.addAll(List.of("-m", module.getName() + "/" + IndexWorker.class.getName()));
    } else {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(IndexWorker.class.getName());
    }
    command.addAll(job.arguments());
    return new WorkerProcess(new ProcessBuilder(command).start());
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

  /**
   * Waits for the next message.
   *
   * @return the message, or nothing if the worker has ended
   * @throws DemoFailedException if it is silent for too long
   */
  Optional<WorkerMessage> next() throws InterruptedException {
    Optional<String> line = lines.poll(LONGEST_SILENCE.toSeconds(), TimeUnit.SECONDS);
    if (line == null) {
      kill();
      throw failure("said nothing for " + LONGEST_SILENCE.toSeconds() + " s");
    }
    if (line.isEmpty()) {
      lines.add(line); // The end stays the end.
    }
    return line.map(WorkerMessage::parse);
  }

  /**
   * Kills the worker, with SIGKILL where there are signals: it can do nothing about it. What it had
   * said before can still be read.
   */
  void kill() throws InterruptedException {
    // By its handle: Process.destroyForcibly would also throw away what is still in the pipe.
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** Returns whether the worker, which has ended, died of {@link #kill} and not before. */
  boolean wasKilled() {
    return process.exitValue() == KILLED;
  }

  /** Lets a worker that has finished go, and checks that it ended well. */
  void dismiss() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(LONGEST_SILENCE.toSeconds(), TimeUnit.SECONDS)) {
      kill();
      throw failure("did not end");
    }
    if (process.exitValue() != 0) {
      throw failure("failed when it closed the index");
    }
  }

  /** Returns an exception that tells how the worker ended and what it wrote to standard error. */
  DemoFailedException failure(String what) throws InterruptedException {
    // It has ended, or is about to.
    process.waitFor(5, TimeUnit.SECONDS);
    errorReader.join(Duration.ofSeconds(5));
    StringBuilder message = new StringBuilder("the indexing process ").append(what);
    if (!process.isAlive()) {
      message.append(" (exit code ").append(process.exitValue()).append(')');
    }
    synchronized (lastErrors) {
      for (String line : lastErrors) {
        message.append(System.lineSeparator()).append("  | ").append(line);
      }
    }
    return new DemoFailedException(message.toString());
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
