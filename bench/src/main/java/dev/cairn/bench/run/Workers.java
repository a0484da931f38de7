package dev.cairn.bench.run;

import dev.cairn.crashtest.kill.ChildJvm;
import dev.cairn.crashtest.kill.ChildSilentException;
import dev.cairn.crashtest.kill.JvmCommand;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Starts workers, and listens to them. */
final class Workers {

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

    FailedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Has an order carried out, to its end. */
  static void run(Order order, Consumer<Reply> listener)
      throws IOException, InterruptedException, FailedException {
    try (ChildJvm worker = ChildJvm.start(command(order))) {
      listen(worker, order, listener, false);
      worker.waitFor(Duration.ofMinutes(1));
      if (worker.exitCode() != 0) {
        throw new FailedException(reason(worker));
      }
    }
  }

  /**
   * Has an order carried out until the worker has filled its store; then kills it.
   *
   * @return how many entries were in the store
   */
  static long runAndKill(Order order, Duration afterFill, Consumer<Reply> listener)
      throws IOException, InterruptedException, FailedException {
    try (ChildJvm worker = ChildJvm.start(command(order))) {
      OptionalLong filled = listen(worker, order, listener, true);
      if (filled.isEmpty()) {
        worker.waitFor(Duration.ofMinutes(1));
        throw new FailedException(reason(worker));
      }
      Thread.sleep(afterFill);
      worker.kill();
      if (!worker.wasKilled()) {
        throw new FailedException(reason(worker));
      }
      return filled.getAsLong();
    }
  }

  private static JvmCommand command(Order order) {
    return JvmCommand.of(Worker.class)
        .withoutFastStart()
        .withJvmOptions(OPTIONS.toArray(String[]::new))
        .withArguments(Reply.write(order));
  }

  /** Returns how many entries the store was filled with, if the worker said so. */
  private static OptionalLong listen(
      ChildJvm worker, Order order, Consumer<Reply> listener, boolean onlyUntilFilled)
      throws InterruptedException, FailedException {
    Duration longest = order.effort().longest();
    Instant end = Instant.now().plus(longest);
    while (true) {
      Optional<String> line;
      try {
        line = worker.nextLine(Duration.between(Instant.now(), end));
      } catch (ChildSilentException e) {
        throw new FailedException("stopped, because it took " + longest.toSeconds() + " s", e);
      }
      if (line.isEmpty()) {
        return OptionalLong.empty();
      }
      Reply reply = Reply.in(line.get()).orElse(Reply.NOTHING);
      listener.accept(reply);
      Long filled = reply.filled();
      if (onlyUntilFilled && filled != null) {
        return OptionalLong.of(filled);
      }
    }
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
