package dev.cairn.crashtest;

import dev.cairn.crashtest.SanitizerFinding.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at what is done to a {@link SimulatedMedium} for mistakes that need no crash to be seen:
 * stores that were relied on before they were durable, flushes and fences with nothing to do, and
 * stores to what is neither snapshotted nor fresh. {@link SanitizerFinding.Kind} lists them.
 *
 * <p>Every medium has the {@linkplain #byDefault() default} one unless told otherwise. Safe for use
 * by many threads and with many media.
 */
public final class Sanitizer {
  /** The system property that chooses the default. */
  public static final String PROPERTY = "cairn.crashtest.sanitizer";

  private static final Sanitizer OFF = new Sanitizer(Mode.OFF);
  private static final Sanitizer FAILING = new Sanitizer(Mode.FAIL);

  private enum Mode {
    OFF,
    FAIL,
    COLLECT
  }

  private record Site(Kind kind, List<StackTraceElement> place) {}

  private final Mode mode;

  /** Guarded by this object's monitor. */
  private final Map<Site, SanitizerFinding> findings = new LinkedHashMap<>();

  private Sanitizer(Mode mode) {
    this.mode = mode;
  }

  /**
   * Returns the sanitizer that looks at nothing.
   *
   * @return always the same one
   */
  public static Sanitizer off() {
    return OFF;
  }

  /**
   * Returns the sanitizer that throws a {@link SanitizerError} from the store, flush, fence or
   * acknowledgement that is wrong, after it took effect. A medium throws once; what follows from
   * the first error is not told.
   *
   * @return always the same one
   */
  public static Sanitizer failing() {
    return FAILING;
  }

  /**
   * Creates a sanitizer that disturbs nothing and remembers what it finds.
   *
   * @return a new one
   */
  public static Sanitizer collecting() {
    return new Sanitizer(Mode.COLLECT);
  }

  /**
   * Returns what media have from the start: {@link #off()} if the system property {@value
   * #PROPERTY} is {@code off}, else {@link #failing()}.
   *
   * @return the default
   */
  public static Sanitizer byDefault() {
    return "off".equals(System.getProperty(PROPERTY)) ? OFF : FAILING;
  }

  /**
   * Returns what a {@linkplain #collecting() collecting} sanitizer has found, one for each kind and
   * place: the first of them, and how many there were.
   *
   * @return the findings, in the order they were met first; empty if this one does not collect
   */
  public synchronized List<SanitizerFinding> findings() {
    return List.copyOf(findings.values());
  }

  boolean isOn() {
    return mode != Mode.OFF;
  }

  boolean fails() {
    return mode == Mode.FAIL;
  }

  synchronized void collect(SanitizerFinding finding) {
    findings.merge(
        new Site(finding.kind(), finding.place()),
        finding,
        (first, next) -> first.withCount(first.count() + next.count()));
  }
}
