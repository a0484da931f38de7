package dev.cairn.heap.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class AnonymousMemoryMediumTest extends MediumContractTest {
  @Override
  Medium openMedium() throws IOException {
    return MemoryMedium.anonymous(SIZE, MAXIMUM_SIZE);
  }

  @Test
  void promisesNothing() throws IOException {
    try (Medium medium = openMedium()) {
      assertEquals(Durability.Level.NOTHING, medium.durability().survives());
    }
  }

  @Test
  void refusesSizesThatContradict() {
    assertThrows(IllegalArgumentException.class, () -> MemoryMedium.anonymous(2, 1));
    assertThrows(IllegalArgumentException.class, () -> MemoryMedium.anonymous(-1, 1));
    assertThrows(IOException.class, () -> MemoryMedium.anonymous(1, 1L << 60));
  }
}
