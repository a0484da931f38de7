package dev.cairn.crashtest.kill;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to run a main class in a JVM of its own. Immutable.
 *
 * <p>The JVM is of the JDK that runs this one, set for a fast start (one compiler, the simplest
 * collector, 256 MiB) and with assertions on where they are on here. Options that are added come
 * later on the command line, so they win.
 */
public final class JvmCommand {
  private static final List<String> FAST_START =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xshare:auto",
          "-Xmx256m",
          // The file of performance counters would stay behind after a kill.
          "-XX:-UsePerfData");

  /** What finds the main class, and its name. */
  private final List<String> program;

  private final List<String> options;
  private final List<String> arguments;

  private JvmCommand(List<String> program, List<String> options, List<String> arguments) {
    this.program = program;
    this.options = options;
    this.arguments = arguments;
  }

  /**
   * Runs a class with the class path of this JVM; if the class is in a named module, with the
   * module path of this JVM. Native access, which Cairn needs, is allowed.
   *
   * @param mainClass has a main method
   * @return the command
   */
  public static JvmCommand of(Class<?> mainClass) {
    Module module = mainClass.getModule();
    @Nullable String modulePath = System.getProperty("jdk.module.path");
    return module.isNamed() && modulePath != null
        ? ofModule(module.getName() + '/' + mainClass.getName(), modulePath)
        : ofClassPath(mainClass.getName(), System.getProperty("java.class.path"));
  }

  /**
   * Runs a class that is found on a class path. Native access is allowed.
   *
   * @param mainClass its binary name
   * @param classPath as for the option {@code -cp}
   * @return the command
   */
  public static JvmCommand ofClassPath(String mainClass, String classPath) {
    return of(
        "--enable-native-access=ALL-UNNAMED",
        List.of("-cp", classPath, Objects.requireNonNull(mainClass)));
  }

  /**
   * Runs a class in a module. Native access is allowed to the module {@code dev.cairn.heap}.
   *
   * @param mainClass module and binary name, with a slash between them
   * @param modulePath as for the option {@code -p}
   * @return the command
   */
  public static JvmCommand ofModule(String mainClass, String modulePath) {
    return of(
        "--enable-native-access=dev.cairn.heap",
        List.of("-p", modulePath, "-m", Objects.requireNonNull(mainClass)));
  }

  private static JvmCommand of(String nativeAccess, List<String> program) {
    List<String> options = new ArrayList<>(FAST_START);
    if (JvmCommand.class.desiredAssertionStatus()) {
      options.add("-ea");
    }
    options.add(nativeAccess);
    return new JvmCommand(program, List.copyOf(options), List.of());
  }

  /**
   * Leaves the JVM as it is without options: with all its compilers, and the collector and the
   * memory that it chooses. For programs that run for long, or whose speed is measured.
   *
   * @return the changed command
   */
  public JvmCommand withoutFastStart() {
    List<String> kept = new ArrayList<>(options);
    kept.removeAll(FAST_START);
    return new JvmCommand(program, List.copyOf(kept), arguments);
  }

  /**
   * Adds options of the JVM.
   *
   * @param added such as {@code -Xmx1g} or {@code -Dname=value}
   * @return the changed command
   */
  public JvmCommand withJvmOptions(String... added) {
    return new JvmCommand(program, joined(options, added), arguments);
  }

  /**
   * Adds arguments of the main method.
   *
   * @param added one by one
   * @return the changed command
   */
  public JvmCommand withArguments(String... added) {
    return new JvmCommand(program, options, joined(arguments, added));
  }

  private static List<String> joined(List<String> before, String... added) {
    List<String> all = new ArrayList<>(before);
    all.addAll(List.of(added));
    return List.copyOf(all);
  }

  /**
   * Returns the words of the command.
   *
   * @return the java launcher first
   */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(options);
    words.addAll(program);
    words.addAll(arguments);
    return words;
  }

  /** Returns the words, with spaces between them. */
  @Override
  public String toString() {
    return String.join(" ", words());
  }
}
