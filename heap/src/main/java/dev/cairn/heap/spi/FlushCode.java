package dev.cairn.heap.spi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/** The machine code of {@link FlushInstructions}, for x86-64 on Linux. One page. */
final class FlushCode {
  /** What a CPU may have to write lines back, best first. */
  enum FlushInstruction {
    /** Writes a line back and may keep it in the cache. */
    CLWB,
    /** Writes a line back and drops it from the cache. */
    CLFLUSHOPT,
    /** The same, one after the other. */
    CLFLUSH;

    /** Returns the name that the instruction has among the CPU's flags. */
    String flag() {
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

    /** Returns the best instruction that a CPU has. */
    static FlushInstruction bestOf(List<String> cpuFlags) {
      for (FlushInstruction instruction : values()) {
        if (cpuFlags.contains(instruction.flag())) {
          return instruction;
        }
      }
      return CLFLUSH; // Part of x86-64 itself, whether listed or not.
    }
  }

  /** {@code int flush(long line, long end)}: 0 if all went well, 1 if a page is not there. */
  static final int FLUSH_OFFSET = 0;

  /** {@code void fence()}. */
  static final int FENCE_OFFSET = 64;

  /** {@code void handle(int signal, siginfo_t *, ucontext_t *)}. */
  static final int HANDLER_OFFSET = 128;

  static final int PAGE_SIZE = 4096;

  /** Where the address lies that the handler passes other faults on to. */
  private static final int PREVIOUS_HANDLER_OFFSET = 192;

  /** Where a ucontext_t keeps the instruction pointer: 40 bytes, then the 17th register. */
  private static final int SAVED_RIP = 40 + 16 * 8;

  private final ByteBuffer page = ByteBuffer.allocate(PAGE_SIZE).order(ByteOrder.LITTLE_ENDIAN);

  private FlushCode() {}

  /**
   * Assembles the page. Arguments arrive in rdi, rsi and rdx, as the platform's ABI says.
   *
   * @param instruction writes a line back
   * @param previousHandler who handles the faults of everybody else
   */
  static byte[] assemble(FlushInstruction instruction, long previousHandler) {
    FlushCode code = new FlushCode();
    int fault = code.flush(instruction);
    code.fence();
    code.handler(fault);
    code.page.putLong(PREVIOUS_HANDLER_OFFSET, previousHandler);
    return code.page.array();
  }

  /** Returns where flush goes on after a fault. */
  private int flush(FlushInstruction instruction) {
    page.position(FLUSH_OFFSET);
    put(instruction.code()); //                        next:   flush [rdi]
    put(0x48, 0x83, 0xc7, 0x40); //                            add rdi, 64
    put(0x48, 0x39, 0xf7); //                                  cmp rdi, rsi
    put(0x72, FLUSH_OFFSET - (page.position() + 2)); //        jb next
    put(0x31, 0xc0); //                                        xor eax, eax
    put(0xc3); //                                              ret
    int fault = page.position();
    put(0xb8, 1, 0, 0, 0); //                          fault:  mov eax, 1
    put(0xc3); //                                              ret
    return fault;
  }

  private void fence() {
    page.position(FENCE_OFFSET);
    put(0x0f, 0xae, 0xf8); //                                  sfence
    put(0xc3); //                                              ret
  }

  /** Assembles: if the fault was in flush, go on at its fault label; else pass it on. */
  private void handler(int fault) {
    page.position(HANDLER_OFFSET);
    put(0x48, 0x8b, 0x82).putInt(SAVED_RIP); //                mov rax, [rdx + SAVED_RIP]
    put(0x48, 0x8d, 0x0d).putInt(FLUSH_OFFSET - next(4)); //   lea rcx, [flush]
    put(0x48, 0x29, 0xc8); //                                  sub rax, rcx
    put(0x48, 0x83, 0xf8, fault - FLUSH_OFFSET); //            cmp rax, size of flush
    put(0x73, 15); //                                          jae others
    put(0x48, 0x8d, 0x0d).putInt(fault - next(4)); //          lea rcx, [fault]
    put(0x48, 0x89, 0x8a).putInt(SAVED_RIP); //                mov [rdx + SAVED_RIP], rcx
    put(0xc3); //                                              ret
    put(0xff, 0x25) //                                 others: jmp [previous handler]
        .putInt(PREVIOUS_HANDLER_OFFSET - next(4));
  }

  /** Returns where the instruction ends whose last bytes, so many, are written next. */
  private int next(int lastBytes) {
    return page.position() + lastBytes;
  }

  private ByteBuffer put(int... code) {
    for (int each : code) {
      page.put((byte) each);
    }
    return page;
  }
}
