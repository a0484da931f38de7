package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

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
  /** What one call flushes at most, in bytes. */
  private static final long FLUSH_LIMIT = 64L << 10;

  private static final int FENCE_OFFSET = 64;
  private static final int PAGE_SIZE = 4096;

  private static final FunctionDescriptor FLUSH_TYPE =
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor FENCE_TYPE = FunctionDescriptor.ofVoid();

  private static final Code CODE = install();

  // Constants, so that the JIT compiles the calls into the code around them.
  private static final MethodHandle FLUSH = CODE.flush;
  private static final MethodHandle FENCE = CODE.fence;
  private static final boolean AVAILABLE = CODE.available;

  private FlushInstructions() {}

  /** The flush instructions that an x86-64 CPU may have, best first. */
  private enum FlushInstruction {
    /** Writes a line back and may keep it in the cache. */
    CLWB,
    /** Writes a line back and drops it from the cache. */
    CLFLUSHOPT,
    /** The same, one after the other. */
    CLFLUSH;

    private String flag() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the instruction for the line at rdi. */
    private int[] code() {
      return switch (this) {
        case CLWB -> new int[] {0x66, 0x0f, 0xae, 0x37};
        case CLFLUSHOPT -> new int[] {0x66, 0x0f, 0xae, 0x3f};
        case CLFLUSH -> new int[] {0x0f, 0xae, 0x3f};
      };
    }
  }

  private record Code(boolean available, String name, MethodHandle flush, MethodHandle fence) {}

  /** Says whether {@link #flush} and {@link #fence} can be called. */
  static boolean areAvailable() {
    return AVAILABLE;
  }

  /** Names the flush instruction, or says why there is none. */
  static String name() {
    return CODE.name;
  }

  /**
   * Starts write-back of the lines of a range of mapped addresses. A range that is not mapped kills
   * the JVM.
   *
   * @param start first byte
   * @param end the byte after the last; larger than the start
   * @param touched handed to the code, which ignores it: what it depends on is computed before
   */
  static void flush(long start, long end, long touched) {
    assert start < end : start;
    try {
      long line = start & -HeapLayout.LINE_SIZE;
      while (end - line > FLUSH_LIMIT) {
        FLUSH.invokeExact(line, line + FLUSH_LIMIT, touched);
        line += FLUSH_LIMIT;
      }
      FLUSH.invokeExact(line, end, touched);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Waits until the lines that this thread flushed have left the cache. */
  static void fence() {
    try {
      FENCE.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static Code install() {
    MethodHandle nothing = MethodHandles.empty(FLUSH_TYPE.toMethodType());
    MethodHandle none = MethodHandles.empty(FENCE_TYPE.toMethodType());
    String architecture = System.getProperty("os.arch", "");
    if (!architecture.equals("amd64")) {
      return new Code(false, "no flush code for the CPU " + architecture, nothing, none);
    }
    try {
      FlushInstruction instruction = bestOf(cpuFlags());
      long address = SystemCalls.installCode(machineCode(instruction));
      return new Code(
          true,
          instruction.flag(),
          SystemCalls.linkCode(address, FLUSH_TYPE),
          SystemCalls.linkCode(address + FENCE_OFFSET, FENCE_TYPE));
    } catch (IOException | IllegalCallerException e) {
      return new Code(false, "flush code refused by the system: " + e.getMessage(), nothing, none);
    }
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

  private static FlushInstruction bestOf(List<String> cpuFlags) {
    for (FlushInstruction instruction : FlushInstruction.values()) {
      if (cpuFlags.contains(instruction.flag())) {
        return instruction;
      }
    }
    return FlushInstruction.CLFLUSH; // Part of x86-64 itself, whether listed or not.
  }

  /**
   * Assembles both functions. Their arguments arrive in rdi and rsi, as the platform's ABI says.
   */
  private static byte[] machineCode(FlushInstruction instruction) {
    byte[] page = new byte[PAGE_SIZE];
    int at = put(page, 0, instruction.code()); //            next: flush [rdi]
    at = put(page, at, 0x48, 0x83, 0xc7, 0x40); //               add rdi, 64
    at = put(page, at, 0x48, 0x39, 0xf7); //                     cmp rdi, rsi
    at = put(page, at, 0x72, -(at + 2)); //                      jb next
    put(page, at, 0xc3); //                                      ret
    at = put(page, FENCE_OFFSET, 0x0f, 0xae, 0xf8); //           sfence
    put(page, at, 0xc3); //                                      ret
    return page;
  }

  private static int put(byte[] page, int at, int... code) {
    for (int i = 0; i < code.length; i++) {
      page[at + i] = (byte) code[i];
    }
    return at + code.length;
  }
}
