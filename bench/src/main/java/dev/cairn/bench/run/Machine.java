package dev.cairn.bench.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Describes the machine, for reports. */
public final class Machine {
  private Machine() {}

  /** Returns the model of the CPU, how many there are, and how they flush lines. */
  public static String cpu() {
    List<String> facts = lines(Path.of("/proc/cpuinfo"));
    String model = value(facts, "model name");
    String flags = " " + value(facts, "flags") + " ";
    List<String> flushes =
        Stream.of("clwb", "clflushopt", "clflush")
            .filter(flag -> flags.contains(" " + flag + " "))
            .toList();
    return "%s, %d CPUs, %s"
        .formatted(model, Runtime.getRuntime().availableProcessors(), String.join(", ", flushes));
  }

  /** Returns how much memory there is. */
  public static String memory() {
    return value(lines(Path.of("/proc/meminfo")), "MemTotal");
  }

  /** Returns the system. */
  public static String kernel() {
    return System.getProperty("os.name") + " " + System.getProperty("os.version");
  }

  /** Returns the JVM. */
  public static String jdk() {
    return System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version");
  }

  /** Returns how many processes wanted to run, on average, in the last minute. */
  public static String load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return String.format(Locale.ROOT, "%.1f", load);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // not Linux: there is nothing to tell
    }
  }

  private static String value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown " + key);
  }
}
