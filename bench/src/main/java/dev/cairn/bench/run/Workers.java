package dev.cairn.bench.run;

import dev.cairn.crashtest.kill.ChildJvm;
import dev.cairn.crashtest.kill.JvmCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Starts workers, and listens to them. */
final class Workers {
  /** Longer than the slowest peer needs for its slowest step. */
  private static final Duration SILENCE = Duration.ofMinutes(10);

  private static final int REASON_LENGTH = 160;

  /** What the peers ask for, all together; whoever does not need it is not touched by it. */
  private static final List<String> OPTIONS =
      List.of(
          "-Xms1g",
          "-Xmx4g",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          // Chronicle Map.
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-opens=java.base/java.io=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          // LMDB and MapDB.
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  private Workers() {}

  /** A worker ended before its work was done; the message says why. */
  static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message);
    }
  }

  /** Has an order carried out, to its end. */
  static void run(Order order, Consumer<Reply> listener)
      throws IOException, InterruptedException, FailedException {
    try (ChildJvm worker = ChildJvm.start(command(order))) {
      listen(worker, listener, false);
      worker.waitFor(Duration.ofMinutes(1));
      if (worker.exitCode() != 0) {
        throw new FailedException(reason(worker));
      }
    }
  }

  /** Has an order carried out until the worker has filled its store; then kills it. */
  static void runAndKill(Order order, Duration afterFill, Consumer<Reply> listener)
      throws IOException, InterruptedException, FailedException {
    try (ChildJvm worker = ChildJvm.start(command(order))) {
      if (!listen(worker, listener, true)) {
        worker.waitFor(Duration.ofMinutes(1));
        throw new FailedException(reason(worker));
      }
      Thread.sleep(afterFill);
      worker.kill();
      if (!worker.wasKilled()) {
        throw new FailedException(reason(worker));
      }
    }
  }

  private static JvmCommand command(Order order) {
    return JvmCommand.of(Worker.class)
        .withoutFastStart()
        .withJvmOptions(OPTIONS.toArray(String[]::new))
        .withArguments(Reply.write(order));
  }

  /** Returns whether the worker said that it has filled its store. */
  private static boolean listen(ChildJvm worker, Consumer<Reply> listener, boolean onlyUntilFilled)
      throws InterruptedException {
    for (Optional<String> line = worker.nextLine(SILENCE);
        line.isPresent();
        line = worker.nextLine(SILENCE)) {
      Optional<Reply> reply = Reply.in(line.get());
      reply.ifPresent(listener);
      if (onlyUntilFilled && reply.isPresent() && reply.get().filled()) {
        return true;
      }
    }
    return false;
  }

  /** Returns the first line that looks like a reason. */
  private static String reason(ChildJvm worker) throws InterruptedException {
    List<String> errors = worker.errors();
    String line =
        errors.stream()
            .filter(text -> text.startsWith("Caused by: "))
            .reduce((first, second) -> second)
            .or(() -> errors.stream().filter(text -> text.contains("Exception")).findFirst())
            .or(() -> errors.stream().filter(text -> text.contains("Error")).findFirst())
            .orElse("the process ended with code " + worker.exitCode());
    return line.length() > REASON_LENGTH ? line.substring(0, REASON_LENGTH) + " ..." : line;
  }
}
