package dev.cairn.examples.index;

import java.io.Console;
import java.io.PrintStream;

/**
 * Tells people how far the work is: on a terminal by one line that changes in place, elsewhere by a
 * line now and then.
 */
final class Progress {
  private static final long TERMINAL_NANOS = 100_000_000;
  private static final long LOG_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private long next;
  private int shownLength;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.next = System.nanoTime() + (terminal ? 0 : LOG_NANOS);
  }

  /** Returns whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // true of JDK 22 to 24; since 25 it is null again
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Shows a state that will soon be another one, if it is time to show one. */
  void step(String text) {
    long now = System.nanoTime();
    if (now - next < 0) {
      return;
    }
    next = now + (terminal ? TERMINAL_NANOS : LOG_NANOS);
    if (terminal) {
      out.print('\r' + padded(text));
      out.flush();
      shownLength = text.length();
    } else {
      out.println(text);
    }
  }

  /** Prints a line that stays. */
  void line(String text) {
    if (shownLength > 0) {
      out.print('\r' + padded("") + '\r');
      shownLength = 0;
    }
    out.println(text);
  }

  private String padded(String text) {
    return text + " ".repeat(Math.max(0, shownLength - text.length()));
  }
}
