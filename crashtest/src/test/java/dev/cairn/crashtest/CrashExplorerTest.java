package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CrashExplorerTest {
  /** Without the sanitizer: what is explored here is often wrong on purpose. */
  private static final CrashExplorer EXPLORER =
      CrashExplorer.onMedium(4096).withSanitizer(Sanitizer.off());

  /** Stores to many words, so that images must be sampled. */
  private static void storeMuch(SimulatedMedium medium, Recorder recorder) {
    recorder.start();
    for (int round = 1; round <= 2; round++) {
      for (long offset = 0; offset < 1024; offset += 8) {
        medium.putLong(offset, round);
      }
    }
    medium.flush(0, 512);
    medium.fence();
  }

  private static ExplorationReport timeless(ExplorationReport report) {
    return new ExplorationReport(
        report.schedules(),
        report.events(),
        report.sampledEvents(),
        report.imagesBuilt(),
        report.imagesDistinct(),
        report.nestedImages(),
        report.digest(),
        Duration.ZERO);
  }

  private static List<Integer> contentsSeen(long seed) {
    List<Integer> contents = new ArrayList<>();
    ExplorationReport report =
        EXPLORER
            .withSeed(seed)
            .explore(
                CrashExplorerTest::storeMuch,
                (medium, progress) -> contents.add(medium.newestImage().hashCode()));
    assertEquals(contents.size(), report.imagesDistinct());
    return contents;
  }

  @Test
  void theSameSeedGivesTheSameImages() {
    List<Integer> seen = contentsSeen(7);

    assertEquals(seen, contentsSeen(7));
    assertNotEquals(seen, contentsSeen(8));
    assertEquals(
        timeless(EXPLORER.explore(CrashExplorerTest::storeMuch, (medium, progress) -> {})),
        timeless(EXPLORER.explore(CrashExplorerTest::storeMuch, (medium, progress) -> {})));
  }

  @Test
  void sampledImagesAreTellingOnesAndRandomOnes() {
    Set<List<Integer>> shapes = new HashSet<>();
    ExplorationReport report =
        EXPLORER
            .withExhaustiveLimit(2000)
            .withSamples(10)
            .explore(
                (medium, recorder) -> {
                  recorder.start();
                  for (long offset = 0; offset < 160; offset += 8) {
                    medium.putLong(offset, 1);
                  }
                },
                (medium, progress) -> {
                  List<Integer> shape = new ArrayList<>();
                  for (long offset = 0; offset < 160; offset += 8) {
                    shape.add((int) medium.getLong(offset));
                  }
                  shapes.add(shape);
                });

    // Nothing and everything lost; 20 words and 3 lines, each alone lost and alone kept; 10 random.
    assertEquals(1, report.sampledEvents());
    assertEquals(2 + 2 * 20 + 2 * 3 + 10, report.imagesBuilt());
    assertEquals(shapes.size(), report.imagesDistinct());
    for (int word = 0; word < 20; word++) {
      assertTrue(shapes.contains(ones(word, word + 1)), "word " + word + " alone kept");
      assertTrue(shapes.contains(zeros(word, word + 1)), "word " + word + " alone lost");
    }
    for (int word = 0; word < 20; word += 8) {
      int end = Math.min(20, word + 8);
      assertTrue(shapes.contains(ones(word, end)), "line at word " + word + " alone kept");
      assertTrue(shapes.contains(zeros(word, end)), "line at word " + word + " alone lost");
    }
    assertTrue(shapes.contains(ones(0, 20)));
    assertTrue(shapes.contains(zeros(0, 20)));
  }

  private static List<Integer> ones(int from, int to) {
    List<Integer> shape = new ArrayList<>();
    for (int word = 0; word < 20; word++) {
      shape.add(word >= from && word < to ? 1 : 0);
    }
    return shape;
  }

  private static List<Integer> zeros(int from, int to) {
    return ones(from, to).stream().map(bit -> 1 - bit).toList();
  }

  @Test
  void theLimitBoundsTheImagesOfAnEvent() {
    ExplorationReport report =
        EXPLORER
            .withExhaustiveLimit(20)
            .withSamples(5)
            .explore(CrashExplorerTest::storeMuch, (medium, progress) -> {});

    // Before the flush and at the end; between, nothing was stored.
    assertEquals(3, report.events());
    assertEquals(2, report.sampledEvents());
    assertEquals(2 * (2 + 20 + 5), report.imagesBuilt());
  }

  @Test
  void theWorkloadIsNotDisturbed() {
    EXPLORER
        .withNestedDepth(0)
        .explore(
            (medium, recorder) -> {
              recorder.start();
              medium.putLong(0, 1);
              medium.flush(0, 8);
              medium.fence();
              assertEquals(1, medium.getLong(0));
              assertEquals(1, medium.imageCount());
              assertEquals(new Counts(1, 1, 1, 1, 0, 0), medium.counts());
              medium.close();
            },
            (medium, progress) -> {
              assertEquals(new Counts(0, 0, 0, 0, 0, 0), medium.counts());
              assertEquals(0, medium.getLong(8), "left by the image before");
              medium.putLong(0, 99);
              medium.put(8, new byte[] {1, 2, 3});
              medium.flush(0, 8);
              medium.close();
              assertThrows(IllegalStateException.class, () -> medium.putLong(16, 1));
            });
  }

  @Test
  void imagesHaveTheSizeOfTheirMoment() {
    Set<Long> sizes = new HashSet<>();
    ExplorationReport report =
        EXPLORER
            .withMaximumSize(16384)
            .withNestedDepth(0)
            .explore(
                (medium, recorder) -> {
                  recorder.start();
                  medium.grow(8192);
                  medium.putLong(8184, 1);
                },
                (medium, progress) -> {
                  sizes.add(medium.size());
                  medium.grow(16384);
                  assertEquals(0, medium.getLong(16376), "new bytes");
                  medium.putLong(16376, 5);
                  medium.flush(16376, 8);
                  medium.fence();
                });

    assertEquals(Set.of(4096L, 8192L), sizes);
    assertEquals(1 + 2, report.imagesDistinct());
  }

  @Test
  void progressIsPartOfAnImage() {
    List<Progress> seen = new ArrayList<>();
    EXPLORER.explore(
        (medium, recorder) -> {
          recorder.start();
          recorder.acknowledge("nothing");
          medium.fence();
          recorder.acknowledge("nothing more");
          medium.fence();
          medium.fence();
        },
        (medium, progress) -> seen.add(progress));

    assertEquals(
        List.of(
            new Progress(List.of("nothing"), 1),
            new Progress(List.of("nothing", "nothing more"), 1)),
        seen);
  }

  @Test
  void nothingIsExploredBeforeTheStart() {
    AtomicInteger checks = new AtomicInteger();
    ExplorationReport report =
        EXPLORER.explore(
            (medium, recorder) -> {
              medium.putLong(0, 1);
              medium.flush(0, 8);
              medium.fence();
              recorder.start();
            },
            (medium, progress) -> {
              checks.incrementAndGet();
              assertEquals(1, medium.getLong(0));
            });

    assertEquals(1, checks.get());
    assertEquals(1, report.events());
  }

  @Test
  void aWorkloadMustStartOnceAndReturn() {
    assertThrows(
        IllegalStateException.class, () -> EXPLORER.explore((m, r) -> {}, (m, progress) -> {}));
    assertThrows(
        IllegalStateException.class,
        () ->
            EXPLORER.explore(
                (m, recorder) -> {
                  recorder.start();
                  recorder.start();
                },
                (m, progress) -> {}));
    IOException broken = new IOException("broken");
    IllegalStateException failed =
        assertThrows(
            IllegalStateException.class,
            () ->
                EXPLORER.explore(
                    (m, recorder) -> {
                      throw broken;
                    },
                    (m, progress) -> {}));
    assertSame(broken, failed.getCause());
  }

  @Test
  void aFailureIsReportedWhateverTheExploredCodeMakesOfIt() {
    AtomicInteger cleanups = new AtomicInteger();
    CrashTestFailure failure =
        assertThrows(
            CrashTestFailure.class,
            () ->
                EXPLORER.explore(
                    (medium, recorder) -> {
                      recorder.start();
                      recorder.acknowledge("first");
                      try {
                        medium.putLong(8, 3);
                        medium.fence();
                      } catch (RuntimeException e) {
                        cleanups.incrementAndGet();
                        medium.putLong(8, 4);
                        medium.fence();
                      }
                    },
                    (medium, progress) -> {
                      if (medium.getLong(8) == 3) {
                        throw new IOException("three");
                      }
                    }));

    assertEquals(2, cleanups.get(), "one run to find it, one to tell where stores came from");
    assertEquals("three", Objects.requireNonNull(failure.getCause()).getMessage());
    assertEquals(List.of("first"), failure.progress().acknowledged());
    assertEquals(3, failure.image().word(8));
  }

  @Test
  void aReportTellsWhatAPersonNeeds() {
    CrashTestFailure failure =
        assertThrows(
            CrashTestFailure.class,
            () ->
                EXPLORER
                    .withSeed(42)
                    .withWordNames(offset -> offset == 64 ? "the flag" : "")
                    .explore(
                        (medium, recorder) -> {
                          recorder.start();
                          recorder.acknowledge("open");
                          medium.putLong(0, 1);
                          medium.putLong(64, 2);
                          medium.flush(0, 72);
                        },
                        (medium, progress) ->
                            assertTrue(medium.getLong(0) == 0 || medium.getLong(64) == 2)));

    String message = failure.getMessage();
    assertTrue(message.contains("event 0, FLUSH"), message);
    assertTrue(message.contains("CrashExplorerTest.java"), message);
    assertTrue(message.contains("lost 1 of 2 words"), message);
    assertTrue(message.contains("0x40: 0x0 instead of 0x2 (the flag)"), message);
    assertTrue(message.contains("acknowledged: 1, [open]"), message);
    assertTrue(message.contains("replay \"words@0:1.0\" (seed 42, model WORDS)"), message);
    assertEquals("words@0:1.0", failure.replay());
    assertEquals(42, failure.seed());
    assertEquals(List.of(new LostWord(64, 0, 2)), failure.image().lost());
  }

  @Test
  void aFailureNamesTheFewestLostWordsAndWhoStoredThem() {
    Workload workload =
        (medium, recorder) -> {
          recorder.start();
          for (long offset = 0; offset < 2048; offset += 8) {
            medium.putLong(offset, 1);
          }
          storeTheCulprit(medium);
          medium.putLong(3072, 1);
          medium.flush(0, 4096);
        };
    CrashCheck check =
        (medium, progress) ->
            assertTrue(
                medium.getLong(3072) == 0 || medium.getLong(2048) == 1 || medium.getLong(8) == 1);
    CrashTestFailure failure =
        assertThrows(
            CrashTestFailure.class,
            () -> EXPLORER.withExhaustiveLimit(0).withSamples(500).explore(workload, check));

    assertEquals(List.of(new LostWord(8, 0, 1), new LostWord(2048, 0, 1)), failure.image().lost());
    String message = failure.getMessage();
    assertTrue(message.contains("lost 2 of 258 words"), message);
    assertTrue(message.contains("stored at CrashExplorerTest.storeTheCulprit("), message);

    CrashTestFailure asFound =
        assertThrows(
            CrashTestFailure.class,
            () ->
                EXPLORER
                    .withExhaustiveLimit(0)
                    .withSamples(500)
                    .withShrinking(0)
                    .explore(workload, check));
    assertTrue(asFound.image().lost().size() > 2, asFound.getMessage());
  }

  private static void storeTheCulprit(SimulatedMedium medium) {
    medium.putLong(2048, 1);
  }

  @Test
  void aReplayRunsOneImage() {
    List<Long> seen = new ArrayList<>();
    ExplorationReport report =
        EXPLORER.replay(
            "words@1:1.0*2.1*125",
            CrashExplorerTest::storeMuch,
            (medium, progress) -> {
              seen.add(medium.getLong(0));
              seen.add(medium.getLong(8));
              seen.add(medium.getLong(24));
            });

    assertEquals(List.of(1L, 0L, 1L), seen);
    assertEquals(1, report.imagesDistinct());
  }

  @Test
  void aReplayThatDoesNotFitIsRefused() {
    for (String wrong : List.of("", "words", "words@", "words@x:1", "words@1:a", "words@1:1*")) {
      assertThrows(IllegalArgumentException.class, () -> replayOfStores(wrong), wrong);
    }
    assertThrows(IllegalArgumentException.class, () -> replayOfStores("lines@1:"));
    assertThrows(IllegalStateException.class, () -> replayOfStores("words@1:1"));
    assertThrows(IllegalStateException.class, () -> replayOfStores("words@1:3*128"));
    assertThrows(IllegalStateException.class, () -> replayOfStores("words@7:0*128"));
  }

  private static void replayOfStores(String path) {
    EXPLORER.replay(path, CrashExplorerTest::storeMuch, (medium, progress) -> fail("shown"));
  }

  @Test
  void storesThatAreNotReportedAreRefused() {
    assertThrows(
        IllegalStateException.class,
        () ->
            EXPLORER.explore(
                (medium, recorder) -> {
                  recorder.start();
                  medium.segment().set(ValueLayout.JAVA_LONG, 0, 1);
                },
                (medium, progress) -> {}));
    assertThrows(
        IllegalStateException.class,
        () ->
            EXPLORER.explore(
                (medium, recorder) -> recorder.start(),
                (medium, progress) -> medium.segment().set(ValueLayout.JAVA_LONG, 0, 1)));
  }

  @Test
  void wrongSettingsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withExhaustiveLimit(-1));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withSamples(-1));
    for (long size : new long[] {0, -64, 100, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE / 64 * 64}) {
      assertThrows(IllegalArgumentException.class, () -> CrashExplorer.onMedium(size));
    }
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withMaximumSize(4032));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withNestedDepth(3));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withNestedDepth(-1));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withNestedLimits(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> EXPLORER.withNestedLimits(0, -1));
  }

  @Test
  void threadsMayWorkSideBySide() {
    ExplorationReport report =
        EXPLORER.explore(
            (medium, recorder) -> {
              recorder.start();
              try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                List<Future<?>> done = new ArrayList<>();
                for (long base : List.of(0L, 1024L)) {
                  done.add(threads.submit(() -> writeAndAcknowledge(medium, recorder, base)));
                }
                for (Future<?> thread : done) {
                  thread.get();
                }
              }
            },
            (medium, progress) -> {
              for (long base : List.of(0L, 1024L)) {
                assertTrue(medium.getLong(base + 64) <= medium.getLong(base), "flag before value");
                assertTrue(
                    !progress.acknowledged().contains(base) || medium.getLong(base + 64) == 1);
              }
            });

    assertEquals(2 * 4 + 1, report.events());
  }

  private static void writeAndAcknowledge(SimulatedMedium medium, Recorder recorder, long base) {
    for (long offset = base; offset <= base + 64; offset += 64) {
      medium.putLong(offset, 1);
      medium.flush(offset, 8);
      medium.fence();
    }
    recorder.acknowledge(base);
  }
}
