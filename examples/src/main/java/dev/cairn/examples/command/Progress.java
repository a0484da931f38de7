package dev.cairn.examples.command;

import java.io.Console;
import java.io.PrintStream;

/**
 * Tells people how far the work is: on a terminal by one line that changes in place, elsewhere by a
 * line now and then. Safe for use by many threads.
 */
public final class Progress {
  private static final long TERMINAL_NANOS = 100_000_000;
  private static final long LOG_NANOS = 5_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private long next;
  private int shownLength;

  /**
   * Prepares to tell.
   *
   * @param out where
   * @param terminal whether lines there can change in place
   */
  public Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.next = System.nanoTime() + (terminal ? 0 : LOG_NANOS);
  }

  /** Returns whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // true of JDK 22 to 24; since 25 it is null again
  public static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Shows a state that will soon be another one, if it is time to show one. */
  public synchronized void step(String text) {
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
  public synchronized void line(String text) {
    clear();
    out.println(text);
  }

  /** Makes room for a line that somebody else prints. */
  public synchronized void clear() {
    if (shownLength > 0) {
      out.print('\r' + padded("") + '\r');
      out.flush();
      shownLength = 0;
    }
  }

  private String padded(String text) {
    return text + " ".repeat(Math.max(0, shownLength - text.length()));
  }
}
