package dev.cairn.bench.report;

import java.util.Locale;

/** Writes nanoseconds with the unit that suits them. */
final class TimeFormat {
  private TimeFormat() {}

  static String of(double nanos) {
    if (nanos < 1e3) {
      return shortened(nanos) + " ns";
    }
    if (nanos < 1e6) {
      return shortened(nanos / 1e3) + " µs";
    }
    return nanos < 1e9 ? shortened(nanos / 1e6) + " ms" : shortened(nanos / 1e9) + " s";
  }

  /** The same, as short as can be: the first letter of the unit, and two digits at least. */
  static String compact(double nanos) {
    String[] units = {"n", "µ", "m", "s"};
    int unit = 0;
    double number = nanos;
    while (number >= 999.5 && unit < units.length - 1) {
      number /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, number >= 9.95 || unit == 0 ? "%.0f" : "%.1f", number)
        + units[unit];
  }

  /** Three digits, no zeros at the end that say nothing. */
  private static String shortened(double number) {
    if (number >= 100 || number == Math.rint(number)) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    return String.format(Locale.ROOT, number >= 10 ? "%.1f" : "%.2f", number);
  }
}
