package dev.cairn.bench.report;

import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;

/**
 * Writes powers of ten, given by their exponents, as times; of many, only those with whole units.
 */
final class DecadeFormat extends NumberFormat {
  private static final long serialVersionUID = 1L;
  private static final double UNITS = 3;

  private final boolean onlyUnits;

  DecadeFormat(boolean onlyUnits) {
    this.onlyUnits = onlyUnits;
  }

  @Override
  public StringBuffer format(double exponent, StringBuffer target, FieldPosition position) {
    boolean shown = !onlyUnits || exponent % UNITS == 0;
    return shown ? target.append(TimeFormat.of(Math.pow(10, exponent))) : target;
  }

  @Override
  public StringBuffer format(long exponent, StringBuffer target, FieldPosition position) {
    return format((double) exponent, target, position);
  }

  @Override
  public Number parse(String source, ParsePosition position) {
    throw new UnsupportedOperationException("times are written only");
  }
}
