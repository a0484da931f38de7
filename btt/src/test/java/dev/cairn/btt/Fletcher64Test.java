package dev.cairn.btt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Known sums of the reference implementation. */
class Fletcher64Test {
  @Test
  void sumsAreThoseOfTheReference() {
    assertEquals(0x0000_0001_0000_0001L, Fletcher64.of(new byte[] {1, 0, 0, 0}));
    assertEquals(0x0000_0004_0000_0003L, Fletcher64.of(new byte[] {1, 0, 0, 0, 2, 0, 0, 0}));
    byte[] counting = new byte[64];
    for (int i = 0; i < counting.length; i++) {
      counting[i] = (byte) i;
    }
    assertEquals(0x43bb_32a0_1201_f1e0L, Fletcher64.of(counting));
    byte[] ones = new byte[4096];
    Arrays.fill(ones, (byte) 0xff);
    assertEquals(0xfff7_fe00_ffff_fc00L, Fletcher64.of(ones));
    assertEquals(0, Fletcher64.of(new byte[4096]));
  }
}
