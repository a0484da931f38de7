package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.Durability;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimulatedMediumTest {
  private final SimulatedMedium medium = SimulatedMedium.create(4096, 8192);

  @BeforeEach
  void disarm() {
    medium.sanitizeWith(Sanitizer.off()); // the medium itself is tested, not its user
  }

  @AfterEach
  void close() {
    medium.close();
  }

  @Test
  void isNothingButZeroAtFirst() {
    assertEquals(0, medium.segment().address() % 64);
    assertEquals(4096, medium.size());
    assertEquals(8192, medium.maximumSize());
    assertEquals(8192, medium.segment().byteSize());
    assertEquals(Durability.Level.POWER_FAIL, medium.durability().survives());
    assertEquals("simulated", medium.name());
    assertEquals(1, medium.imageCount());
    assertEquals(0, medium.getLong(4088));
  }

  @Test
  void aFlushCoversWhatWasStoredBeforeIt() {
    medium.putLong(0, 1);
    medium.flush(0, 1);
    medium.putLong(0, 2);
    assertEquals(3, medium.imageCount());
    medium.fence();

    assertEquals(2, medium.imageCount());
    assertEquals(1, medium.durableImage().word(0));
    assertEquals(2, medium.newestImage().word(0));
  }

  @Test
  void aFenceAnswersForItsOwnThreadOnly() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      medium.putLong(0, 1);
      other.submit(() -> medium.flush(0, 8)).get();
      medium.fence();
      assertEquals(2, medium.imageCount(), "flushed by another thread");

      other.submit(medium::fence).get();
      assertEquals(1, medium.imageCount(), "fenced by the thread that flushed");
    }
  }

  @Test
  void anOldFlushDoesNotCoverWhatBecamePendingLater() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      medium.putLong(0, 1);
      other.submit(() -> medium.flush(0, 8)).get();
      medium.putLong(0, 2);
      medium.flush(0, 8);
      medium.fence();
      medium.putLong(0, 3);
      other.submit(medium::fence).get();

      assertEquals(2, medium.durableImage().word(0));
      assertEquals(2, medium.imageCount());
    }
  }

  @Test
  void aFlushTakesStoresAlongThatAreNotReportedYet() {
    medium.segment().set(ValueLayout.JAVA_LONG, 8, 1);
    medium.flush(0, 8);
    medium.fence();

    assertEquals(1, medium.durableImage().word(8));
  }

  @Test
  void countsWorkAndUselessWork() {
    medium.put(0, new byte[65]);
    Counts formatted = medium.counts();
    assertEquals(new Counts(1, 0, 0, 0, 0, 0), formatted);

    medium.putLong(0, 1);
    medium.putLong(64, 1);
    medium.flush(0, 72);
    medium.flush(0, 0);
    medium.fence();
    assertEquals(new Counts(2, 1, 2, 1, 0, 0), medium.counts().minus(formatted));

    Counts before = medium.counts();
    medium.flush(0, 8);
    medium.fence();
    assertEquals(new Counts(0, 1, 1, 1, 1, 1), medium.counts().minus(before), "all durable");

    before = medium.counts();
    medium.putLong(0, 2);
    medium.flush(0, 8);
    medium.flush(0, 8);
    medium.fence();
    assertEquals(new Counts(1, 2, 2, 1, 1, 0), medium.counts().minus(before), "flushed twice");
  }

  @Test
  void reflushingWhatAnotherThreadFlushedIsNotUseless() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      medium.putLong(0, 1);
      other.submit(() -> medium.flush(0, 8)).get();
      medium.flush(0, 8);
      medium.fence();

      assertEquals(0, medium.counts().idleLines());
      assertEquals(1, medium.imageCount());
    }
  }

  @Test
  void growsWithZeros() {
    assertThrows(IndexOutOfBoundsException.class, () -> medium.flush(4096, 1));
    assertThrows(IllegalArgumentException.class, () -> medium.grow(4032));
    assertThrows(IllegalArgumentException.class, () -> medium.grow(8256));

    medium.grow(8192);
    assertEquals(8192, medium.size());
    assertEquals(0, medium.getLong(8184));
    medium.putLong(8184, 1);
    assertEquals(2, medium.imageCount());
    assertEquals(8192, medium.durableImage().size());
  }

  @Test
  void refusesAccessAfterCloseButStillKnowsItsImages() {
    medium.putLong(0, 1);
    medium.close();
    medium.close();

    assertThrows(IllegalStateException.class, () -> medium.getLong(0));
    assertThrows(IllegalStateException.class, () -> medium.flush(0, 8));
    assertThrows(IllegalStateException.class, medium::fence);
    assertThrows(IllegalStateException.class, () -> medium.stored(0, 8));
    assertEquals(0, medium.durableImage().word(0));
    assertEquals(1, medium.newestImage().word(0));
  }

  @Test
  void refusesSizesThatAreNotWholeLines() {
    assertThrows(IllegalArgumentException.class, () -> SimulatedMedium.create(0, 64));
    assertThrows(IllegalArgumentException.class, () -> SimulatedMedium.create(100, 128));
    assertThrows(IllegalArgumentException.class, () -> SimulatedMedium.create(128, 64));
    assertThrows(IllegalArgumentException.class, () -> SimulatedMedium.create(64, 100));
  }

  @Test
  void tellsEventsBeforeTheyTakeEffect() {
    List<String> seen = new ArrayList<>();
    medium.putLong(0, 1);
    medium.onEvent((kind, index) -> seen.add(index + " " + kind + " " + medium.imageCount()));

    medium.flush(0, 8);
    medium.fence();
    medium.fence();
    medium.grow(8192);

    assertEquals(List.of("0 FLUSH 2", "1 FENCE 2", "2 FENCE 1", "3 GROW 1"), seen);
  }

  @Test
  void aPowerCutIsFinal() {
    medium.putLong(0, 1);
    medium.onEvent(
        (kind, index) -> {
          if (index == 1) {
            throw new PowerCutException("at event 1");
          }
        });
    medium.flush(0, 8);
    PowerCutException cut = assertThrows(PowerCutException.class, medium::fence);
    assertEquals("at event 1", cut.getMessage());

    // What cleaning up does now is seen by nobody.
    medium.putLong(0, 5);
    PowerCutException later = assertThrows(PowerCutException.class, () -> medium.flush(0, 8));
    assertNotEquals(cut, later);
    assertThrows(PowerCutException.class, medium::fence);
    assertThrows(PowerCutException.class, () -> medium.grow(8192));
    assertEquals(0, medium.durableImage().word(0));
    assertEquals(1, medium.newestImage().word(0));
  }

  @Test
  void anImageMakesAMediumOfItsOwn() {
    medium.putLong(0, 1);
    medium.flush(0, 8);
    medium.fence();
    medium.putLong(0, 2);
    medium.putLong(4088, 3);
    CrashImage durable = medium.durableImage();
    CrashImage newest = medium.newestImage();
    assertEquals(List.of(new LostWord(0, 1, 2), new LostWord(4088, 0, 3)), durable.lost());
    assertTrue(newest.lost().isEmpty(), newest.toString());
    assertNotEquals(durable, newest);

    try (SimulatedMedium recovered = SimulatedMedium.of(newest)) {
      recovered.sanitizeWith(Sanitizer.off());
      assertEquals(2, recovered.getLong(0));
      assertEquals(3, recovered.getLong(4088));
      assertEquals(1, recovered.imageCount());
      assertEquals(8192, recovered.maximumSize());
      assertEquals(newest, recovered.durableImage());
      assertEquals(newest.hashCode(), recovered.durableImage().hashCode());

      recovered.putLong(0, 9);
      assertEquals(2, newest.word(0));
    }
  }

  @Test
  void randomImagesAreLegalAndVary() {
    for (long offset = 0; offset < 4096; offset += 8) {
      medium.putLong(offset, 1);
      medium.putLong(offset, 2);
    }
    medium.flush(64, 64);
    medium.fence();
    SplittableRandom random = new SplittableRandom(1);
    List<CrashImage> images = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      CrashImage image = medium.randomImage(random);
      for (long offset = 0; offset < 4096; offset += 8) {
        long word = image.word(offset);
        boolean fenced = offset >= 64 && offset < 128;
        assertTrue(word == 2 || (!fenced && (word == 0 || word == 1)), offset + ": " + word);
      }
      images.add(image);
    }
    assertEquals(30, images.stream().distinct().count());
  }
}
