package dev.cairn.collections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.spi.MediumAccessor;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** Hashes spread keys that people really use: numbers in a row, and short strings with a number. */
class ContentHashTest {
  private static final int KEYS = 1 << 16;
  private static final int CELLS = 1 << 8;
  private static final Type<Pair> PAIR = Types.record(Pair.class);

  record Pair(int a, String b) {}

  private static final LongUnaryOperator[] FAMILIES = {
    i -> Types.LONG.hash(i, 0),
    i -> Types.LONG.hash(i, 0x1234_5678_9ABC_DEF0L),
    i -> Types.LONG.hash(i << 32, 1),
    i -> Types.INT.hash((int) -i, 2),
    i -> Types.DOUBLE.hash((double) i, 3),
    i -> Types.UUID.hash(new java.util.UUID(i, 0), 4),
    i -> Types.STRING.hash(Long.toString(i), 0),
    i -> Types.STRING.hash(Long.toString(i), 5),
    i -> Types.STRING.hash("customer-number-" + i, 6),
    i -> Types.STRING.hash(i + "-customer-number", 7),
    i -> Types.STRING.hash(Character.toString((char) i), 8),
    i -> Types.BYTES.hash(Long.toString(i).getBytes(StandardCharsets.ISO_8859_1), 9),
    i -> Types.BYTES.hash(new byte[(int) (i % 512)], i / 512),
    i -> PAIR.hash(new Pair((int) i & 0xFF, "b" + (i >> 8)), 10),
  };

  @Test
  void wordsOnAMediumHashAsTheirBytes() {
    MediumAccessor accessor = AnonymousMedium.accessor(4096);
    for (int words = 0; words < 40; words++) {
      byte[] bytes = new byte[words * Long.BYTES];
      new Random(words).nextBytes(bytes);
      accessor.put(64, bytes, 0, bytes.length);
      assertEquals(
          ContentHash.ofBytes(bytes, 7L * words),
          ContentHash.ofWords(accessor, 64, words, 7L * words));
    }
  }

  @Test
  void everyBitIsSetInHalfOfTheHashes() {
    for (int family = 0; family < FAMILIES.length; family++) {
      int[] ones = new int[Long.SIZE];
      for (long i = 0; i < KEYS; i++) {
        countOnes(FAMILIES[family].applyAsLong(i), ones);
      }
      for (int bit = 0; bit < Long.SIZE; bit++) {
        // The standard deviation is 128.
        assertBetween(
            KEYS / 2 - 640, KEYS / 2 + 640, ones[bit], "family " + family + ", bit " + bit);
      }
    }
  }

  /** Chi-square over each byte of the hash: 255 degrees of freedom, deviation 22.6. */
  @Test
  void everyByteSpreadsEvenly() {
    for (int family = 0; family < FAMILIES.length; family++) {
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        int[] cells = new int[CELLS];
        for (long i = 0; i < KEYS; i++) {
          cells[(int) (FAMILIES[family].applyAsLong(i) >>> shift) & (CELLS - 1)]++;
        }
        double expected = (double) KEYS / CELLS;
        double chiSquare = 0;
        for (int cell : cells) {
          chiSquare += (cell - expected) * (cell - expected) / expected;
        }
        assertTrue(chiSquare < 255 + 6 * 22.6, "family " + family + ": " + chiSquare);
      }
    }
  }

  @Test
  void nothingCollides() {
    for (int family = 0; family < FAMILIES.length; family++) {
      Set<Long> hashes = new HashSet<>();
      for (long i = 0; i < KEYS; i++) {
        hashes.add(FAMILIES[family].applyAsLong(i));
      }
      assertEquals(KEYS, hashes.size(), "family " + family);
    }
  }

  /** Flips each bit of the input, and expects each bit of the hash to flip in half of the cases. */
  @Test
  void everyBitOfTheInputReachesEveryBitOfTheHash() {
    assertAvalanche(Long.SIZE, bits -> Types.LONG.hash(bits, 11));
    assertAvalanche(Long.SIZE, seed -> Types.LONG.hash(77L, seed));
    assertAvalanche(Long.SIZE, seed -> Types.STRING.hash("seventy-seven", seed));
    for (int before = 0; before < 20; before += 3) {
      String prefix = "x".repeat(before);
      assertAvalanche(
          Character.SIZE, bits -> Types.STRING.hash(prefix + (char) bits + "suffix", 12));
    }
  }

  private static void assertAvalanche(int inputBits, LongUnaryOperator hash) {
    for (int flipped = 0; flipped < inputBits; flipped++) {
      int[] changes = new int[Long.SIZE];
      for (int round = 0; round < 512; round++) {
        long input = ContentHash.ofWord(round, 99) >>> (Long.SIZE - inputBits);
        long difference = hash.applyAsLong(input) ^ hash.applyAsLong(input ^ (1L << flipped));
        countOnes(difference, changes);
      }
      for (int bit = 0; bit < Long.SIZE; bit++) {
        // The standard deviation is 11.3; 64 bits by 64 bits are looked at.
        assertBetween(256 - 68, 256 + 68, changes[bit], "bit " + flipped + " to bit " + bit);
      }
    }
  }

  private static void countOnes(long hash, int[] ones) {
    for (int bit = 0; bit < Long.SIZE; bit++) {
      ones[bit] += (int) ((hash >>> bit) & 1);
    }
  }

  private static void assertBetween(int low, int high, int actual, String what) {
    assertTrue(low <= actual && actual <= high, () -> what + ": " + actual);
  }
}
