package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cairn.heap.spi.FlushCode.FlushInstruction;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The CPU's own flush and fence, as two functions of a few bytes of machine code. Java has no
 * direct access to these instructions: {@code MemorySegment.force} fences at every call, and a
 * fence is what durability costs.
 *
 * <p>For x86-64. Elsewhere, or where the system refuses to make memory executable, {@link
 * #areAvailable()} is false and {@link #name()} says why.
 *
 * <p>Hot: each call costs about 2 ns over the instructions themselves, and no transition of thread
 * state. So the garbage collector waits for it, and a call is bounded to 64 KiB.
 */
final class FlushInstructions {
  /*
   * A flush of a page that a truncated file has lost is a fault (SIGBUS). The JVM turns such a fault
   * into an InternalError if Java code caused it, and dies if other code did. To load from the page
   * first, in Java, does not help: the error is only noted and the code runs on, into the flush, and
   * the page may vanish after the load. So a handler of a few instructions is put before the JVM's:
   * a fault within the flush function makes that function return 1, every other one is passed on
   * just as it came. The handler and the page it lives in stay for the life of the process.
   */

  /** What one call flushes at most, in bytes. */
  private static final long FLUSH_LIMIT = 64L << 10;

  private static final FunctionDescriptor FLUSH_TYPE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor FENCE_TYPE = FunctionDescriptor.ofVoid();

  private static final Installed INSTALLED = install();

  // Constants, so that the JIT compiles the calls into the code around them.
  private static final MethodHandle FLUSH = INSTALLED.flush;
  private static final MethodHandle FENCE = INSTALLED.fence;
  private static final boolean AVAILABLE = INSTALLED.available;

  private FlushInstructions() {}

  private record Installed(
      boolean available, String name, MethodHandle flush, MethodHandle fence) {}

  /** Says whether {@link #flush} and {@link #fence} can be called. */
  static boolean areAvailable() {
    return AVAILABLE;
  }

  /** Names the flush instruction, or says why there is none. */
  static String name() {
    return INSTALLED.name;
  }

  /**
   * Starts write-back of the lines of a mapped range of addresses. What is not mapped at all kills
   * the JVM.
   *
   * @param start first byte
   * @param end the byte after the last; larger than the start
   * @return false if a page of the range is not there any more
   */
  static boolean flush(long start, long end) {
    assert start < end : start;
    try {
      long line = start & -HeapLayout.LINE_SIZE;
      int faults = 0;
      while (end - line > FLUSH_LIMIT) {
        faults |= (int) FLUSH.invokeExact(line, line + FLUSH_LIMIT);
        line += FLUSH_LIMIT;
      }
      return (faults | (int) FLUSH.invokeExact(line, end)) == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the lines that this thread flushed have left the cache. */
  static void fence() {
    try {
      FENCE.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static Installed install() {
    String architecture = System.getProperty("os.arch", "");
    if (!architecture.equals("amd64")) {
      return unavailable("no flush code for the CPU " + architecture);
    }
    try {
      FlushInstruction instruction = FlushInstruction.bestOf(cpuFlags());
      long previousHandler = SystemCalls.faultHandler();
      long page = SystemCalls.installCode(FlushCode.assemble(instruction, previousHandler));
      SystemCalls.replaceFaultHandler(page + FlushCode.HANDLER_OFFSET);
      return new Installed(
          true,
          instruction.flag(),
          SystemCalls.linkCode(page + FlushCode.FLUSH_OFFSET, FLUSH_TYPE),
          SystemCalls.linkCode(page + FlushCode.FENCE_OFFSET, FENCE_TYPE));
    } catch (IOException e) {
      return unavailable("flush code refused by the system: " + e.getMessage());
    }
  }

  private static Installed unavailable(String why) {
    return new Installed(
        false,
        why,
        MethodHandles.empty(FLUSH_TYPE.toMethodType()),
        MethodHandles.empty(FENCE_TYPE.toMethodType()));
  }

  private static List<String> cpuFlags() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> Arrays.asList(line.split(" ")))
          .orElse(List.of());
    }
  }
}
