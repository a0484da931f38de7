package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.heap.spi.FlushCode.FlushInstruction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlushInstructionsTest {

  @Test
  void areTheBestThatThisCpuHas() throws IOException {
    assumeTrue(System.getProperty("os.arch", "").equals("amd64"));
    assertTrue(FlushInstructions.areAvailable(), FlushInstructions.name());
    String cpu = Files.readString(Path.of("/proc/cpuinfo"));
    String expected =
        cpu.contains(" clwb ") ? "clwb" : cpu.contains(" clflushopt ") ? "clflushopt" : "clflush";
    assertEquals(expected, FlushInstructions.name());
  }

  @Test
  void fallBackToWhatEveryCpuHas() {
    assertEquals(
        FlushInstruction.CLWB, FlushInstruction.bestOf(List.of("clflush", "clflushopt", "clwb")));
    assertEquals(
        FlushInstruction.CLFLUSHOPT, FlushInstruction.bestOf(List.of("clflush", "clflushopt")));
    assertEquals(FlushInstruction.CLFLUSH, FlushInstruction.bestOf(List.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "CLWB, 660fae37 4883c740 4839f7 72f3 31c0 c3 b801000000 c3",
    "CLFLUSHOPT, 660fae3f 4883c740 4839f7 72f3 31c0 c3 b801000000 c3",
    "CLFLUSH, 0fae3f 4883c740 4839f7 72f4 31c0 c3 b801000000 c3"
  })
  void areAssembledAsTheManualSays(FlushInstruction instruction, String expected) {
    byte[] page = FlushCode.assemble(instruction, 0x1122_3344_5566_7788L);
    assertEquals(4096, page.length);
    String flush = expected.replace(" ", "");
    assertEquals(flush, HexFormat.of().formatHex(page, 0, flush.length() / 2));
    assertEquals("0faef8c3", HexFormat.of().formatHex(page, 64, 68));
    int fault = instruction == FlushInstruction.CLFLUSH ? 0x0f : 0x10;
    String handler =
        "488b82a8000000"
            + "488d0d72ffffff" // the next instruction is at 142; flush is 142 bytes back
            + "4829c8"
            + "4883f8%02x".formatted(fault)
            + "730f"
            + "488d0d%02xffffff".formatted(0x100 + fault - 158)
            + "48898aa8000000"
            + "c3"
            + "ff2514000000"; // the next instruction is at 172; the pointer is at 192
    assertEquals(handler, HexFormat.of().formatHex(page, 128, 172));
    assertEquals("8877665544332211", HexFormat.of().formatHex(page, 192, 200));
  }

  @Test
  void takeRangesOfAnyLength() throws IOException {
    assumeTrue(FlushInstructions.areAvailable());
    try (MemoryMedium medium = MemoryMedium.anonymous(4 << 20, 4 << 20)) {
      long address = medium.segment().address();
      for (long length : new long[] {1, 64, 65, 4096, 65535, 65536, 65537, 4 << 20}) {
        assertTrue(FlushInstructions.flush(address, address + length));
      }
      FlushInstructions.fence();
    }
  }
}
