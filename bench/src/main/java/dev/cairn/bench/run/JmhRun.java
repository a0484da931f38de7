package dev.cairn.bench.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs JMH benchmarks as part of the suite, with its effort. */
public final class JmhRun {
  private static final String ALLOCATION = "gc.alloc.rate.norm";
  private static final int WARMUPS = 3;

  /** JMH runs nothing before that could have been compiled. */
  private static final int LEAST_WARMUP_MILLIS = 100;

  /** To start a JVM and to fill what is measured, in a process. */
  private static final int STARTING_MILLIS = 2500;

  private JmhRun() {}

  /**
   * Runs the benchmarks of a class.
   *
   * @param benchmarks the class
   * @param parameters the values of its parameters; others have all their values
   * @param effort how many forks, and for how long
   */
  public static List<Results.Jmh> run(
      Class<?> benchmarks, Map<String, String[]> parameters, Effort effort) throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options
        .include("\\." + benchmarks.getSimpleName() + "\\.")
        .forks(effort.forks())
        .warmupIterations(WARMUPS)
        .warmupTime(TimeValue.milliseconds(warmupMillis(effort)))
        .measurementIterations(effort.iterations() + 1)
        .measurementTime(TimeValue.milliseconds(effort.iterationMillis()))
        .jvmArgsAppend(
            "-Xmx4g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow")
        .addProfiler(GCProfiler.class)
        .verbosity(VerboseMode.SILENT);
    parameters.forEach(options::param);
    return results(new Runner(options.build()).run());
  }

  private static int warmupMillis(Effort effort) {
    return Math.max(LEAST_WARMUP_MILLIS, effort.warmupMillis());
  }

  /** Returns how long so many benchmarks will take, more or less. */
  public static Duration expected(int benchmarks, Effort effort) {
    int each =
        STARTING_MILLIS
            + WARMUPS * warmupMillis(effort)
            + (effort.iterations() + 1) * effort.iterationMillis();
    return Duration.ofMillis((long) each * benchmarks * effort.forks());
  }

  private static List<Results.Jmh> results(Collection<RunResult> runs) {
    List<Results.Jmh> results = new ArrayList<>();
    for (RunResult run : runs) {
      StringJoiner name = new StringJoiner(", ");
      String benchmark = run.getParams().getBenchmark();
      name.add(benchmark.substring(benchmark.lastIndexOf('.') + 1));
      for (String parameter : run.getParams().getParamsKeys()) {
        if (!parameter.equals("memory")) {
          name.add(run.getParams().getParam(parameter));
        }
      }
      Result<?> time = run.getPrimaryResult();
      Result<?> allocation = run.getSecondaryResults().get(ALLOCATION);
      results.add(
          new Results.Jmh(
              name.toString(),
              time.getScore(),
              time.getScoreError(),
              allocation == null ? Double.NaN : allocation.getScore()));
    }
    return results;
  }
}
