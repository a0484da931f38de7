package dev.cairn.evidence.damage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.PersistentMemoryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Heaps of a stranger who knows the format: metadata that lies, with checksums that are right. They
 * may not hold what they say, but they do no more harm than that.
 */
class ForgedHeapTest {
  private static final Specimen SPECIMEN = Specimen.all(1).getFirst();
  private static final Places PLACES = new Laboratory(SPECIMEN).places();

  /** Far above what anything here takes. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final PatchedMedium medium = PatchedMedium.of(SPECIMEN.image());

  private static long at(String regex) {
    return PLACES.named(regex).offset();
  }

  private HeapCorruptedException assertRefused(String words) {
    byte[] before = medium.image();
    HeapCorruptedException refused =
        assertTimeoutPreemptively(
            LIMIT,
            () ->
                assertThrows(
                    HeapCorruptedException.class,
                    () -> PersistentHeap.open(medium, Specimen.OPTIONS)));
    assertTrue(message(refused).contains(words), () -> message(refused));
    assertArrayEquals(before, medium.image(), "changed by an open that was refused");
    return refused;
  }

  /** Opens, reads and changes everything: right, or with typed exceptions, and verify finds it. */
  private void assertHarmlessAndFound() {
    assertTimeoutPreemptively(
        LIMIT,
        () -> {
          Examination.Outcome outcome = new Examination(medium, SPECIMEN.content()).run(0, false);
          assertTrue(outcome != Examination.Outcome.RIGHT, "nobody noticed");
        });
  }

  private static String message(Throwable thrown) {
    return String.valueOf(thrown.getMessage());
  }

  // Superblocks and logs.

  @Test
  void superblocksThatLieAboutSizesAreRefused() {
    for (long size : new long[] {1L << 62, -(1L << 20), 0, 4096, 64L << 40, (8 << 20) + 4096}) {
      medium.reset();
      Forgery.superblock(medium, 56, size);
      assertRefused("superblock");
    }
    for (long maximum : new long[] {1L << 62, -1, 1 << 20}) {
      medium.reset();
      Forgery.superblock(medium, 64, maximum);
      assertRefused("superblock");
    }
    for (long field : new long[] {72, 80, 88, 96, 104, 112}) {
      medium.reset();
      Forgery.superblock(medium, field, 1L << 40);
      assertRefused("superblock");
    }
  }

  @Test
  void logsWithWildEntriesAreRefusedUnchanged() {
    long size = SPECIMEN.image().length;
    long[][] wild = {
      {Forgery.entry(1, 0), 1}, // a superblock
      {Forgery.entry(1, Forgery.lane(3)), 1}, // a lane's generation
      {Forgery.entry(1, size), 1},
      {Forgery.entry(1, (1L << 20) + 4), 1},
      {Forgery.entry(4, size - 8), 16, 1, 2},
      {Forgery.entry(4, 1 << 20), 1L << 40, 1, 2},
      {Forgery.entry(5, Forgery.log(3)), 64},
      {Forgery.entry(77, 1 << 20), 64},
    };
    for (long[] words : wild) {
      medium.reset();
      Forgery.record(medium, 3, 0, Forgery.log(3), words);
      assertRefused("undo log entry");
    }
  }

  /**
   * Each record lies in the old bytes that the one before holds, and a link leads there: to read
   * them all would take a time that grows with the square of their length.
   */
  @Test
  void logsWithinThemselvesAreRefused() {
    int depth = 1000;
    long start = Forgery.chunkOffset(24);
    long[] innermost = {Forgery.entry(1, 1 << 20), 1};
    long at = start + 32L * depth;
    Forgery.record(medium, 3, depth, at, innermost);
    long length = 16 + 8L * innermost.length;
    for (int sequence = depth - 1; sequence > 0; sequence--) {
      // {header, {range, length}, the inner record, {link, length}}
      long[] words = new long[(int) (2 + length / 8 + 2)];
      words[0] = Forgery.entry(4, 1 << 20);
      words[1] = length;
      for (int i = 0; i < length / 8; i++) {
        words[2 + i] = medium.word(at + 8L * i);
      }
      words[words.length - 2] = Forgery.entry(5, at);
      words[words.length - 1] = length;
      at -= 32;
      Forgery.record(medium, 3, sequence, at, words);
      length = 16 + 8L * words.length;
    }
    Forgery.record(medium, 3, 0, Forgery.log(3), Forgery.entry(5, at), length);
    assertRefused("an extent apart from all others");
  }

  @Test
  void logsThatForgeMetadataGainNothing() {
    long root = 8192;
    long header = (1 << 20) + 8; // that of chunk 1
    long[][] entries = {
      {Forgery.entry(1, root), 0},
      {Forgery.entry(1, root), 1L << 40},
      {Forgery.entry(1, header), 0},
      {Forgery.entry(1, header), 1},
      {Forgery.entry(2, Forgery.chunkOffset(1)), -1L},
      {Forgery.entry(3, Forgery.chunkOffset(1)), -1L},
    };
    for (long[] words : entries) {
      medium.reset();
      Forgery.record(medium, 3, 0, Forgery.log(3), words);
      assertHarmlessAndFound();
    }
  }

  // Publish records.

  @Test
  void publishRecordsWithWildEntriesAreRefusedUnchanged() {
    long size = SPECIMEN.image().length;
    long zones = 1 << 20;
    long[][] wild = {
      {Forgery.entry(1, 0), 1}, // a superblock
      {Forgery.entry(1, 8192), 1}, // the root word: no transaction publishes it
      {Forgery.entry(1, 8256), 7}, // the era
      {Forgery.entry(2, Forgery.lane(3)), 1}, // a lane's generation
      {Forgery.entry(1, Forgery.slot(3, 1)), 1},
      {Forgery.entry(1, size), 1},
      {Forgery.entry(3, zones + 4), 1},
      {Forgery.entry(4, zones), 8},
      {Forgery.entry(6, size), 0},
      {Forgery.entry(77, zones), 64},
    };
    for (long[] words : wild) {
      medium.reset();
      Forgery.publish(medium, 3, 0, 1L << 40, words);
      assertRefused("publish record");
    }
    medium.reset();
    Forgery.publish(medium, 3, 0, 0, Forgery.entry(1, zones), 1);
    assertRefused("publish record");
  }

  @Test
  void publishRecordsOverLogsAreRefusedUnchanged() {
    long extent = Forgery.chunkOffset(24);
    Forgery.record(medium, 3, 0, Forgery.log(3), Forgery.entry(5, extent), 64);
    Forgery.publish(medium, 5, 1, 1, Forgery.entry(1, extent + 8), 1);
    assertRefused("publish record");
  }

  @Test
  void publishRecordsThatForgeMetadataGainNothing() {
    long header = (1 << 20) + 8; // that of chunk 1
    long table = at("map \"numbers\", stripe 0, table word");
    long[][] entries = {
      {Forgery.entry(1, header), 0},
      {Forgery.entry(1, header), 1},
      {Forgery.entry(2, Forgery.chunkOffset(1)), -1L},
      {Forgery.entry(3, Forgery.chunkOffset(1)), -1L},
      {Forgery.entry(1, table), 0},
      {Forgery.entry(1, table), -1},
    };
    for (long[] words : entries) {
      medium.reset();
      Forgery.publish(medium, 3, 0, 1L << 40, words);
      assertHarmlessAndFound();
    }
  }

  /** verify found nothing, and the next change of the list threw. */
  @Test
  void marksThatLieAreFound() {
    for (String place : List.of("list \"words\", mark", "map \"numbers\", stripe 0, mark")) {
      long mark = at(place);
      for (long lie : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 62) + 1}) {
        medium.reset();
        medium.putWord(mark, lie);
        assertHarmlessAndFound();
      }
    }
  }

  // Chunks.

  @Test
  void chunksThatOverlapAreRefused() {
    Forgery.chunkHeader(medium, 1, 2, 0, 3);
    assertRefused("chunk header");
    medium.reset();
    Forgery.chunkHeader(medium, 30, 1, 0, 1); // behind the end: nobody looks
    Forgery.chunkHeader(medium, 27, 2, 0, 5);
    assertRefused("chunk header");
    medium.reset();
    Forgery.chunkHeader(medium, 27, 1, 91, 1);
    assertRefused("chunk header");
    medium.reset();
    Forgery.chunkHeader(medium, 27, 2, 0, 0);
    assertRefused("chunk header");
  }

  @Test
  void aRunThatIsReadAsAnotherIsFound() {
    for (int sizeClass = 0; sizeClass < 60; sizeClass += 7) {
      medium.reset();
      Forgery.chunkHeader(medium, 1, 1, sizeClass, 1);
      assertHarmlessAndFound();
    }
  }

  // Maps.

  @Test
  void tableWordsThatLieAreFound() {
    long word = at("map \"numbers\", stripe 0, table word");
    long table = medium.word(word);
    long small = Long.MIN_VALUE | (table & ((1L << 56) - 1));
    long[] lies = {
      small,
      table | (26L << 56),
      table | (127L << 56),
      Long.MIN_VALUE,
      Long.MIN_VALUE | 8,
      (1L << 56) - 8,
      table + 8,
      word - 64,
      -1
    };
    for (long lie : lies) {
      medium.reset();
      medium.putWord(word, lie);
      assertHarmlessAndFound();
    }
  }

  @Test
  void directoriesInCirclesAreFound() {
    long directory = at("map \"numbers\", stripe 0, directory, word 0");
    long segment = medium.word(directory);
    long header = medium.word(segment);
    medium.putWord(directory, directory - 8); // the directory itself
    assertHarmlessAndFound();
    medium.reset();
    medium.putWord(segment, (header & 0xFFFF) | ((segment >>> 4) << 16)); // a chain to itself
    assertHarmlessAndFound();
    for (long depth = 0; depth < 256; depth += 15) {
      medium.reset();
      medium.putWord(segment, (header & ~0xFF00L) | (depth << 8));
      if (medium.word(segment) != header) {
        assertHarmlessAndFound();
      }
    }
  }

  @Test
  void countsThatLieAreFound() {
    long count = at("map \"accounts\", stripe 5, count of entries");
    for (long lie : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, 1 << 20, 1L << 31, 1L << 40}) {
      medium.reset();
      medium.putWord(count, lie);
      assertHarmlessAndFound();
    }
  }

  /** An array was made for as many entries as a map said that it had. */
  @Test
  void arraysAreNotMadeForEntriesThatNoHeapHasRoomFor() {
    for (int stripe = 0; stripe < 64; stripe++) {
      medium.putWord(at("map \"accounts\", stripe " + stripe + ", count of entries"), 500_000);
    }
    PersistentHeap heap = PersistentHeap.open(medium, Specimen.OPTIONS);
    assertThrows(HeapCorruptedException.class, () -> Content.accounts(heap).values().toArray());
    assertThrows(HeapCorruptedException.class, () -> Content.accounts(heap).size());
  }

  @Test
  void lengthsThatLieAreFound() {
    long lengths = at("entry of map \"texts\", key length");
    long[] lies = {Integer.MAX_VALUE, -1, 0x7FFF_FFFFL << 32, -1L << 32, 4000, 4000L << 32, 0};
    for (long lie : lies) {
      medium.reset();
      medium.putWord(lengths, lie);
      assertHarmlessAndFound();
    }
  }

  /** All slots of a segment named the same large value: to read the map took all memory. */
  @Test
  void oneLargeValueWithManyNamesDoesNotFillMemory() {
    PersistentHeap heap = PersistentHeap.open(medium, Specimen.OPTIONS);
    Map.Entry<java.util.UUID, byte[]> large =
        Content.blobs(heap).entrySet().stream()
            .filter(entry -> entry.getValue().length > 100_000)
            .findFirst()
            .orElseThrow();
    heap.close();
    long value =
        PLACES.spans().stream()
            .filter(span -> span.length() > 100_000 && span.name().contains("value"))
            .findFirst()
            .orElseThrow()
            .offset();
    long entry = Forgery.chunkOffset((value - (1 << 20)) / (256 << 10));
    assertEquals(4, medium.word(entry) & 0xFF, "an entry");
    int hash = (int) (medium.word(entry) >>> 8);
    long stripe = at("map \"blobs\", stripe " + (hash >>> 26) + ", table word");
    long segment = medium.word(stripe) & ((1L << 56) - 1);
    for (long line = 0; line < 256; line += 64) {
      for (long slot = line == 0 ? 8 : 0; slot < 56; slot += 8) {
        medium.putWord(segment + line + slot, entry);
      }
    }
    medium.putWord(stripe + 8, 27);
    assertHarmlessAndFound();
    assertTrue(large.getValue().length > 100_000);
  }

  // Lists.

  @Test
  void listsThatLieAboutTheirSizeAreFound() {
    for (String list : List.of("words", "points", "no list")) {
      long size = at("list \"" + list + "\", size");
      for (long lie : new long[] {-1, 1 << 20, 536_870_896, 536_870_897, Long.MAX_VALUE}) {
        for (long word : new long[] {lie, Forgery.size(lie & 0xFFFF_FFFFL)}) {
          medium.reset();
          medium.putWord(size, word);
          assertHarmlessAndFound();
        }
      }
    }
  }

  @Test
  void listsOfOtherWidthsAreFound() {
    long header = at("list \"points\", header");
    for (long detail : new long[] {0, 1, 3, 16, 49, (1L << 55) | 1, 15}) {
      medium.reset();
      medium.putWord(header, Forgery.header(5, detail));
      assertHarmlessAndFound();
    }
  }

  @Test
  void segmentsThatAreSharedAreFound() {
    long first = at("list \"points\", segment word 0");
    for (int segment = 0; segment < 25; segment++) {
      medium.putWord(first + 8L * segment, medium.word(first));
    }
    medium.putWord(at("list \"points\", size"), Forgery.size(300_000));
    assertHarmlessAndFound();
  }

  /** Many elements of a list named the same large value: to copy the list took all memory. */
  @Test
  void oneLargeElementWithManyNamesDoesNotFillMemory() {
    PersistentHeap heap = PersistentHeap.open(medium, Specimen.OPTIONS);
    heap.list("large", Types.BYTES).addAll(java.util.Collections.nCopies(2000, new byte[1]));
    heap.list("large", Types.BYTES).add(new byte[600_000]);
    heap.close();
    PersistentHeap described = PersistentHeap.open(medium, Specimen.OPTIONS);
    long large = 0;
    List<Long> elements = new ArrayList<>();
    for (long at = 1 << 20; at < SPECIMEN.image().length; at += 8) {
      String name = described.describe(at);
      if (name.startsWith("list \"large\", element ")) {
        elements.add(at);
        if (name.contains("element 2000,")) {
          large = medium.word(at);
        }
      } else if (name.startsWith("free chunk") || name.startsWith("behind the table")) {
        at += (256 << 10) - at % (256 << 10) - 8;
      }
    }
    described.close();
    assertEquals(2001, elements.size());
    for (long at : elements) {
      medium.putWord(at, large);
    }
    PersistentHeap damaged = PersistentHeap.open(medium, Specimen.OPTIONS);
    assertThrows(HeapCorruptedException.class, () -> damaged.list("large", Types.BYTES).toArray());
    assertThrows(HeapCorruptedException.class, damaged::verify);
    damaged.close();
  }

  // The catalog.

  /**
   * A damaged text of types was told as a mistake of the caller; a damaged offset opened what lay
   * there.
   */
  @Test
  void catalogRecordsAreChecked() {
    for (Places.Span span : PLACES.spans()) {
      if (span.name().equals("entry of catalog, value")) {
        for (long at = span.offset(); at < span.end(); at++) {
          medium.reset();
          medium.flip(at, 1);
          assertHarmlessAndFound();
        }
      }
    }
  }

  /**
   * A collection whose name was not found any more, for one wrong bit, was made anew: empty, while
   * the old one stayed lost.
   */
  @Test
  void collectionsAreNotMadeAnewBecauseTheCatalogIsDamaged() {
    long header = at("entry of catalog, header");
    medium.flip(header + 1, 1);
    PersistentHeap heap = PersistentHeap.open(medium, Specimen.OPTIONS);
    int told = 0;
    for (String name : Content.NAMES) {
      try {
        Content.read(heap, name);
      } catch (PersistentMemoryException damaged) {
        told++;
      }
    }
    assertTrue(told > 0, "nobody was told");
    assertEquals(Content.NAMES.size(), heap.names().size());
  }

  /** Names are a stranger's text: they go into messages, and from there to terminals. */
  @Test
  void hostileNamesAreShownHarmlessly() {
    String name = "\u001b[2J\r\n" + "x".repeat(100_000) + "\ud800\u202e";
    PersistentHeap heap = PersistentHeap.open(medium, Specimen.OPTIONS);
    heap.map(name, Types.LONG, Types.LONG);
    assertTrue(heap.names().contains(name));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> heap.list(name, Types.LONG));
    assertTrue(message(refused).length() < 1000, () -> "a message of " + message(refused).length());
    assertTrue(message(refused).chars().noneMatch(Character::isISOControl), "control characters");
    heap.verify();
  }

  // Opening.

  /** The generations of all lanes had been raised before a bad root word was met. */
  @Test
  void aBadRootWordIsMetBeforeAnythingIsStored() {
    for (long root : new long[] {0, 8, -8, 1L << 20, 1L << 40, at("list \"words\", header")}) {
      medium.reset();
      medium.putWord(8192, root);
      assertRefused("");
    }
  }
}
