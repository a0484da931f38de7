package dev.cairn.examples.index;

import dev.cairn.crashtest.kill.ChildJvm;
import dev.cairn.crashtest.kill.ChildSilentException;
import dev.cairn.crashtest.kill.JvmCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** An {@link IndexWorker} in a JVM of its own, as its parent sees it. */
final class WorkerProcess implements AutoCloseable {
  /** A worker that says nothing for so long is taken to hang. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  private final ChildJvm child;

  private WorkerProcess(ChildJvm child) {
    this.child = child;
  }

  /** Starts a worker with the JDK, the class or module path and the rights of this process. */
  static WorkerProcess start(Job job) throws IOException {
    return new WorkerProcess(
        ChildJvm.start(
            JvmCommand.of(IndexWorker.class)
                .withoutFastStart()
                .withArguments(job.arguments().toArray(String[]::new))));
  }

  /**
   * Waits for the next message.
   *
   * @return the message, or nothing if the worker has ended
   * @throws DemoFailedException if it is silent for too long
   */
  Optional<WorkerMessage> next() throws InterruptedException {
    try {
      return child.nextLine(LONGEST_SILENCE).map(WorkerMessage::parse);
    } catch (ChildSilentException e) {
      kill();
      throw failure("said nothing for " + LONGEST_SILENCE.toSeconds() + " s");
    }
  }

  /**
   * Kills the worker, with SIGKILL where there are signals: it can do nothing about it. What it had
   * said before can still be read.
   */
  void kill() throws InterruptedException {
    child.kill();
  }

  /** Returns whether the worker, which has ended, died of {@link #kill} and not before. */
  boolean wasKilled() {
    return child.wasKilled();
  }

  /** Lets a worker that has finished go, and checks that it ended well. */
  void dismiss() throws InterruptedException {
    child.closeInput();
    if (!child.waitFor(LONGEST_SILENCE)) {
      kill();
      throw failure("did not end");
    }
    if (child.exitCode() != 0) {
      throw failure("failed when it closed the index");
    }
  }

  /** Returns an exception that tells how the worker ended and what it wrote to standard error. */
  DemoFailedException failure(String what) throws InterruptedException {
    StringBuilder message = new StringBuilder("the indexing process ").append(what);
    // It has ended, or is about to.
    if (child.waitFor(Duration.ofSeconds(5))) {
      message.append(" (exit code ").append(child.exitCode()).append(')');
    }
    for (String line : child.errors()) {
      message.append(System.lineSeparator()).append("  | ").append(line);
    }
    return new DemoFailedException(message.toString());
  }

  @Override
  public void close() {
    child.close();
  }
}
