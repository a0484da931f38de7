package dev.cairn.crashtest;

/**
 * A {@linkplain Sanitizer#failing() failing} sanitizer found something wrong; the message says it.
 */
public final class SanitizerError extends AssertionError {
  private static final long serialVersionUID = 1L;

  private final transient SanitizerFinding finding;

  SanitizerError(SanitizerFinding finding) {
    super(finding.toString());
    this.finding = finding;
  }

  /**
   * Returns what was found.
   *
   * @return the finding
   */
  public SanitizerFinding finding() {
    return finding;
  }
}
