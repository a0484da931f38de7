package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.heap.Medium;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every real medium does alike. */
abstract class MediumContractTest {
  static final long SIZE = 2L << 20;
  static final long MAXIMUM_SIZE = 1L << 36;

  private Medium medium;

  /** Opens a medium of {@link #SIZE} zero bytes that can grow to {@link #MAXIMUM_SIZE}. */
  abstract Medium openMedium() throws IOException;

  @BeforeEach
  void open() throws IOException {
    medium = openMedium();
  }

  @AfterEach
  void close() {
    medium.close();
  }

  @Test
  void mapsItsMaximumOnce() throws IOException {
    MemorySegment segment = medium.segment();
    assertEquals(SIZE, medium.size());
    assertEquals(MAXIMUM_SIZE, medium.maximumSize());
    assertEquals(MAXIMUM_SIZE, segment.byteSize());
    assertEquals(0, segment.address() % 64);
    medium.grow(2 * SIZE);
    assertSame(segment, medium.segment());
    assertEquals(2 * SIZE, medium.size());
  }

  @Test
  void growsByZerosAndKeepsWhatWasThere() throws IOException {
    MediumAccessor accessor = new MediumAccessor(medium);
    accessor.putWord(SIZE - 8, -1);
    medium.grow(8 * SIZE);
    accessor.extend();
    assertEquals(-1, accessor.getWord(SIZE - 8));
    for (long at = SIZE; at < 8 * SIZE; at += 8) {
      assertEquals(0, accessor.getWord(at));
    }
    accessor.putWord(8 * SIZE - 8, 5);
    accessor.persist(8 * SIZE - 8, 8);
    assertEquals(5, accessor.getWord(8 * SIZE - 8));
  }

  @Test
  void refusesSizesOutOfRange() throws IOException {
    assertThrows(IllegalArgumentException.class, () -> medium.grow(SIZE - 1));
    assertThrows(IllegalArgumentException.class, () -> medium.grow(MAXIMUM_SIZE + 1));
    assertEquals(SIZE, medium.size());
    medium.grow(SIZE);
    assertEquals(SIZE, medium.size());
  }

  @Test
  void flushesAnyRangeInside() {
    MediumAccessor accessor = new MediumAccessor(medium);
    accessor.fill(0, SIZE, (byte) 7);
    medium.flush(0, SIZE);
    medium.flush(SIZE - 1, 1);
    medium.flush(63, 2);
    medium.flush(0, 0);
    medium.flush(SIZE, 0);
    medium.fence();
    medium.fence();
    assertEquals(7, accessor.getByte(SIZE - 1));
  }

  @Test
  void refusesToFlushOutside() {
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(-1, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(SIZE, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(SIZE - 8, 9));
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(8, -1));
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(8, Long.MAX_VALUE));
  }

  @Test
  void letsManyThreadsPersist() throws Exception {
    MediumAccessor accessor = new MediumAccessor(medium);
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      long start = thread * (SIZE / 4);
      tasks.add(
          () -> {
            for (int i = 0; i < 50; i++) {
              accessor.putWord(start + i * 4096L, i);
              accessor.persist(start + i * 4096L, 8);
            }
            return true;
          });
    }
    try (var executor = Executors.newFixedThreadPool(4)) {
      for (Future<Boolean> done : executor.invokeAll(tasks)) {
        assertEquals(true, done.get());
      }
    }
  }

  @Test
  void costsStoresNothing() {
    assertNull(medium.observer());
  }

  @Test
  void saysWhatSurvives() {
    assertFalse(medium.durability().reason().isEmpty());
    assertFalse(medium.name().isEmpty());
  }

  @Test
  void cannotBeUsedAfterClose() {
    MediumAccessor accessor = new MediumAccessor(medium);
    medium.close();
    medium.close();
    assertThrows(IllegalStateException.class, () -> medium.segment().get(JAVA_BYTE, 0));
    assertThrows(IllegalStateException.class, () -> accessor.putWord(0, 1));
    assertThrows(IllegalStateException.class, () -> medium.flush(0, 8));
    assertThrows(IllegalStateException.class, () -> medium.grow(2 * SIZE));
  }
}
