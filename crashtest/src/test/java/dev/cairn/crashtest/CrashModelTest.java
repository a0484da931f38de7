package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each model lets a crash leave, seen through protocols that lean on one of them. */
class CrashModelTest {
  private static final int SIZE = 4096;

  /** A value, then a flag at some distance, flushed and fenced together. */
  private static ExplorationReport valueThenFlag(CrashModel model, long flag, boolean flush) {
    return CrashExplorer.onMedium(SIZE)
        .withSanitizer(Sanitizer.off())
        .withCrashModel(model)
        .explore(
            (medium, recorder) -> {
              recorder.start();
              medium.putLong(0, 7);
              medium.putLong(flag, 1);
              if (flush) {
                medium.flush(0, flag + 8);
                medium.fence();
              }
              recorder.acknowledge("both");
            },
            (medium, progress) -> {
              assertTrue(
                  medium.getLong(flag) == 1 ? medium.getLong(0) == 7 : progress.count() == 0,
                  "flag " + medium.getLong(flag) + ", value " + medium.getLong(0));
            });
  }

  @Test
  void orderWithinALineHoldsForLinesButNotForWords() {
    valueThenFlag(CrashModel.LINES, 8, true);

    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.WORDS, 8, true));
  }

  @Test
  void orderBetweenLinesHoldsForNeither() {
    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.LINES, 64, true));
    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.WORDS, 64, true));
  }

  @Test
  void orderWithinASectorHoldsForSectorsOnly() {
    valueThenFlag(CrashModel.SECTORS, 504, true);

    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.LINES, 504, true));
    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.SECTORS, 512, true));
    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.SECTORS, 8, false));
  }

  @Test
  void aFlushTakesTheWholeSectorAlong() {
    try (SimulatedMedium medium = SimulatedMedium.create(1088, 1088, CrashModel.SECTORS)) {
      medium.sanitizeWith(Sanitizer.off()); // not all is made durable
      medium.putLong(0, 1);
      medium.putLong(504, 2);
      medium.putLong(512, 3);
      medium.putLong(1080, 4);
      medium.flush(256, 8);
      medium.putLong(64, 5);
      medium.fence();

      CrashImage image = medium.durableImage();
      assertEquals(1, image.word(0));
      assertEquals(2, image.word(504));
      assertEquals(0, image.word(512), "another sector");
      assertEquals(0, image.word(64), "stored after the flush");
      assertEquals(new Counts(5, 1, 1, 1, 1, 0), medium.counts(), "counts of what was asked for");

      medium.flush(1024, 8);
      medium.fence();
      assertEquals(4, medium.durableImage().word(1080), "the last sector is a short one");
    }
  }

  @Test
  void survivingCachesNeedNoFlushButOthersDo() {
    valueThenFlag(CrashModel.EADR, 64, false);

    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.LINES, 64, false));
    assertThrows(CrashTestFailure.class, () -> valueThenFlag(CrashModel.WORDS, 64, false));
  }

  @Test
  void survivingCachesStillShowStoresInProgramOrder() {
    CrashTestFailure failure =
        assertThrows(
            CrashTestFailure.class,
            () ->
                CrashExplorer.onMedium(SIZE)
                    .withSanitizer(Sanitizer.off())
                    .withCrashModel(CrashModel.EADR)
                    .explore(
                        (medium, recorder) -> {
                          recorder.start();
                          medium.putLong(64, 1);
                          medium.putLong(0, 7);
                        },
                        (medium, progress) ->
                            assertTrue(medium.getLong(64) == 0 || medium.getLong(0) == 7)));
    assertTrue(failure.getMessage().contains("STORE"), failure.getMessage());
  }

  /** A record of two words, accepted if the first is there, or if it vouches for the second. */
  private static void record(CrashModel model, boolean checksum) {
    CrashExplorer.onMedium(SIZE)
        .withSanitizer(Sanitizer.off())
        .withCrashModel(model)
        .explore(
            (medium, recorder) -> {
              recorder.start();
              byte[] record = new byte[16];
              record[0] = (byte) (checksum ? 5 ^ 0x5a : 1);
              record[8] = 5;
              medium.put(0, record);
              medium.flush(0, 16);
              medium.fence();
              recorder.acknowledge("record");
            },
            (medium, progress) -> {
              long head = medium.getLong(0);
              long body = medium.getLong(8);
              boolean accepted = checksum ? head == (body ^ 0x5a) : head != 0;
              assertTrue(accepted ? body == 5 : progress.count() == 0, "body " + body);
            });
  }

  @Test
  void aTornRecordIsCaughtUnlessChecksummed() {
    for (CrashModel model : CrashModel.values()) {
      record(model, true);
      assertThrows(CrashTestFailure.class, () -> record(model, false), model.name());
    }
  }

  @Test
  void aMisalignedWordTears() {
    assertThrows(
        CrashTestFailure.class,
        () ->
            CrashExplorer.onMedium(SIZE)
                .withSanitizer(Sanitizer.off())
                .explore(
                    (medium, recorder) -> {
                      recorder.start();
                      medium.putLong(4, -1);
                      medium.flush(4, 8);
                      medium.fence();
                    },
                    (medium, progress) ->
                        assertTrue(medium.getLong(4) == 0 || medium.getLong(4) == -1)));
  }

  @Test
  void imagesAreTheProductOfTheValuesOfEachWord() {
    try (SimulatedMedium medium = SimulatedMedium.create(SIZE, SIZE)) {
      medium.sanitizeWith(Sanitizer.off());
      medium.putLong(0, 1);
      medium.putLong(0, 2);
      medium.putLong(8, 1);
      medium.putLong(64, 1);
      medium.putLong(64, 0);
      medium.putLong(64, 2);

      assertEquals(3 * 2 * 3, medium.imageCount());
      assertEquals(3 * 2 * 3, contents(medium).stream().distinct().count());
    }
  }

  @Test
  void linesHaveOneVersionForEachStoreToThem() {
    try (SimulatedMedium medium = SimulatedMedium.create(SIZE, SIZE, CrashModel.LINES)) {
      medium.sanitizeWith(Sanitizer.off());
      medium.putLong(0, 1);
      medium.putLong(8, 1);
      medium.putLong(64, 1);
      medium.putLong(0, 2);

      assertEquals(4 * 2, medium.imageCount());
      assertTrue(contents(medium).contains(List.of(1L, 1L, 0L)), "the line after its second store");
      assertTrue(
          !contents(medium).contains(List.of(2L, 0L, 0L)), "the third store without the second");
    }
  }

  @Test
  void theNumberOfImagesSaturates() {
    try (SimulatedMedium medium = SimulatedMedium.create(SIZE, SIZE)) {
      medium.sanitizeWith(Sanitizer.off());
      for (long offset = 0; offset < 62 * 8; offset += 8) {
        medium.putLong(offset, 1);
      }
      assertEquals(1L << 62, medium.imageCount());
      medium.putLong(62 * 8, 1);
      assertEquals(Long.MAX_VALUE, medium.imageCount());
      medium.putLong(63 * 8, 1);
      assertEquals(Long.MAX_VALUE, medium.imageCount());
    }
  }

  /** Returns words 0, 1 and 8 of each image. */
  private static List<List<Long>> contents(SimulatedMedium medium) {
    ImageSpace space = ImageSpace.of(medium);
    List<List<Long>> contents = new ArrayList<>();
    space.all(
        versions -> {
          CrashImage image = space.image(medium, versions, 0);
          contents.add(List.of(image.word(0), image.word(8), image.word(64)));
        });
    return contents;
  }
}
