package dev.cairn.heap.spi;

import static dev.cairn.heap.spi.SuperblockLayout.CHECKSUM_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.CHUNK_SIZE_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.COMPATIBLE_FEATURES_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.CREATION_MARKER;
import static dev.cairn.heap.spi.SuperblockLayout.INCOMPATIBLE_FEATURES_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.LANES_OFFSET_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.LANE_COUNT_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.LANE_SIZE_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.MAGIC;
import static dev.cairn.heap.spi.SuperblockLayout.MAGIC_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.MAXIMUM_SIZE_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.SEQUENCE_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.SIZE_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.SLOTS_SIZE;
import static dev.cairn.heap.spi.SuperblockLayout.SLOT_COUNT;
import static dev.cairn.heap.spi.SuperblockLayout.SLOT_SIZE;
import static dev.cairn.heap.spi.SuperblockLayout.STATE_CLOSED;
import static dev.cairn.heap.spi.SuperblockLayout.STATE_IN_USE;
import static dev.cairn.heap.spi.SuperblockLayout.STATE_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.USED_SIZE;
import static dev.cairn.heap.spi.SuperblockLayout.UUID_HIGH_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.UUID_LOW_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.VERSION;
import static dev.cairn.heap.spi.SuperblockLayout.VERSION_OFFSET;
import static dev.cairn.heap.spi.SuperblockLayout.ZONES_OFFSET_OFFSET;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapFormatException;
import dev.cairn.heap.HeapOptions;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a heap says of itself. A value: an update makes another one, with the next sequence.
 *
 * @param compatibleFeatures bits that a reader may ignore; kept as they were found
 * @param sequence counts updates; the larger one of two valid copies is the newer
 * @param uuid the heap's identity
 * @param size of the heap, in bytes
 * @param maximumSize how far it may grow, in bytes
 * @param closedCleanly whether nobody has it open for writing, and the last one who had closed it
 */
record Superblock(
    long compatibleFeatures,
    long sequence,
    UUID uuid,
    long size,
    long maximumSize,
    boolean closedCleanly) {

  private static final String STRUCTURE = "superblock";
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** Returns the first superblock of a new heap. */
  static Superblock ofNewHeap(UUID uuid, long size, long maximumSize) {
    return new Superblock(0, 1, uuid, size, maximumSize, true);
  }

  /** Asks the kernel, where there is one that tells: Java's own generator takes long to start. */
  static UUID randomUuid() {
    try {
      return UUID.fromString(Files.readString(Path.of("/proc/sys/kernel/random/uuid")).strip());
    } catch (IOException | IllegalArgumentException unknown) {
      return UUID.randomUUID();
    }
  }

  Superblock withSize(long newSize) {
    return new Superblock(
        compatibleFeatures, sequence + 1, uuid, newSize, maximumSize, closedCleanly);
  }

  Superblock withClosedCleanly(boolean closed) {
    return new Superblock(compatibleFeatures, sequence + 1, uuid, size, maximumSize, closed);
  }

  /** Returns the bytes that a slot starts with. */
  byte[] encode() {
    byte[] bytes = new byte[USED_SIZE];
    LONG.set(bytes, MAGIC_OFFSET, MAGIC);
    INT.set(bytes, VERSION_OFFSET, VERSION);
    LONG.set(bytes, COMPATIBLE_FEATURES_OFFSET, compatibleFeatures);
    LONG.set(bytes, SEQUENCE_OFFSET, sequence);
    LONG.set(bytes, UUID_HIGH_OFFSET, uuid.getMostSignificantBits());
    LONG.set(bytes, UUID_LOW_OFFSET, uuid.getLeastSignificantBits());
    LONG.set(bytes, SIZE_OFFSET, size);
    LONG.set(bytes, MAXIMUM_SIZE_OFFSET, maximumSize);
    LONG.set(bytes, LANES_OFFSET_OFFSET, HeapLayout.LANES_OFFSET);
    LONG.set(bytes, LANE_COUNT_OFFSET, (long) HeapLayout.LANE_COUNT);
    LONG.set(bytes, LANE_SIZE_OFFSET, HeapLayout.LANE_SIZE);
    LONG.set(bytes, ZONES_OFFSET_OFFSET, HeapLayout.ZONES_OFFSET);
    LONG.set(bytes, CHUNK_SIZE_OFFSET, HeapLayout.CHUNK_SIZE);
    LONG.set(bytes, STATE_OFFSET, closedCleanly ? STATE_CLOSED : STATE_IN_USE);
    LONG.set(bytes, CHECKSUM_OFFSET, checksum(bytes, 0));
    return bytes;
  }

  /** Tells a file whose creation was cut short from all others. */
  static boolean isUnfinishedCreation(byte[] start, long length) {
    return length == 0
        || (start.length >= Long.BYTES && (long) LONG.get(start, MAGIC_OFFSET) == CREATION_MARKER);
  }

  /** Returns what a file starts with while its creation is under way. */
  static byte[] creationMarker() {
    byte[] bytes = new byte[Long.BYTES];
    LONG.set(bytes, 0, CREATION_MARKER);
    return bytes;
  }

  /**
   * Reads the newer valid copy, and checks all that it says.
   *
   * @param slots both slots; zeros where the file is shorter
   * @param length of the file, in bytes
   * @param name of the heap, for messages
   * @throws HeapFormatException if this is no heap, or one that this version cannot read
   * @throws HeapCorruptedException if this is a heap whose superblocks are damaged
   */
  static Superblock decode(byte[] slots, long length, String name) {
    assert slots.length == SLOTS_SIZE : slots.length;
    if (isUnfinishedCreation(slots, length)) {
      throw new HeapFormatException(
          name + ": the creation of this heap was never finished; it holds nothing");
    }
    Superblock newest = null;
    boolean looksLikeHeap = false;
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
      int base = slot * SLOT_SIZE;
      if ((long) LONG.get(slots, base + MAGIC_OFFSET) != MAGIC) {
        continue;
      }
      looksLikeHeap = true;
      if ((long) LONG.get(slots, base + CHECKSUM_OFFSET) == checksum(slots, base)) {
        newest = newer(newest, decodeSlot(slots, base, name), base);
      }
    }
    if (newest != null) {
      if (newest.size > length) {
        throw new HeapCorruptedException(
            STRUCTURE,
            SIZE_OFFSET,
            "a file of at least size 0x%x".formatted(newest.size),
            "truncated: %s has 0x%x bytes".formatted(name, length));
      }
      return newest;
    }
    if (looksLikeHeap) {
      throw new HeapCorruptedException(
          STRUCTURE,
          CHECKSUM_OFFSET,
          "the checksum 0x%x".formatted(checksum(slots, 0)),
          "%s: both copies are damaged, checksum of the first 0x%x"
              .formatted(name, (long) LONG.get(slots, CHECKSUM_OFFSET)));
    }
    throw new HeapFormatException(
        "%s: not a heap; magic 0x%016x, expected 0x%016x"
            .formatted(name, (long) LONG.get(slots, MAGIC_OFFSET), MAGIC));
  }

  /** Says whether a slot holds this superblock and nothing else. */
  boolean isHeldBy(byte[] slots, int slot) {
    int base = slot * SLOT_SIZE;
    byte[] expected = encode();
    return Arrays.equals(slots, base, base + USED_SIZE, expected, 0, USED_SIZE)
        && (compatibleFeatures != 0 || isZero(slots, base + USED_SIZE, base + SLOT_SIZE));
  }

  /** Says where a slot that does not hold this superblock differs from it. */
  HeapCorruptedException difference(byte[] slots, int slot) {
    int base = slot * SLOT_SIZE;
    byte[] expected = Arrays.copyOf(encode(), SLOT_SIZE);
    int at = Arrays.mismatch(slots, base, base + SLOT_SIZE, expected, 0, SLOT_SIZE) & -Long.BYTES;
    return new HeapCorruptedException(
        String.valueOf(RegionNames.describe(base + at)),
        base + at,
        "0x%x".formatted((long) LONG.get(expected, at)),
        "0x%x".formatted((long) LONG.get(slots, base + at)));
  }

  private static Superblock newer(@Nullable Superblock a, Superblock b, int baseOfB) {
    if (a == null) {
      return b;
    }
    // Two copies of one update are equal; two of one sequence that differ were never written here.
    // Compared as bytes: the JVM generates the equality of a record at its first use, which takes
    // milliseconds of each start.
    boolean contradict =
        !a.uuid.equals(b.uuid)
            || (a.sequence == b.sequence && !Arrays.equals(a.encode(), b.encode()));
    if (contradict) {
      throw new HeapCorruptedException(
          STRUCTURE, baseOfB, "two copies of one heap: " + a, "the other copy is " + b);
    }
    return a.sequence >= b.sequence ? a : b;
  }

  /** Decodes a slot whose checksum is right: what it says was meant so by whoever wrote it. */
  private static Superblock decodeSlot(byte[] slots, int base, String name) {
    int version = (int) INT.get(slots, base + VERSION_OFFSET);
    if (version != VERSION) {
      throw new HeapFormatException(
          "%s: format version %d; this version of Cairn reads %d"
              .formatted(name, version, VERSION));
    }
    long incompatible = (long) LONG.get(slots, base + INCOMPATIBLE_FEATURES_OFFSET);
    if (incompatible != 0) {
      throw new HeapFormatException(
          "%s: needs features 0x%x, of which this version of Cairn knows none"
              .formatted(name, incompatible));
    }
    long size = (long) LONG.get(slots, base + SIZE_OFFSET);
    long maximumSize = (long) LONG.get(slots, base + MAXIMUM_SIZE_OFFSET);
    checkSize("maximum size", maximumSize, HeapOptions.LARGEST_SIZE, base + MAXIMUM_SIZE_OFFSET);
    checkSize("size", size, maximumSize, base + SIZE_OFFSET);
    checkField(slots, base, LANES_OFFSET_OFFSET, "lanes offset", HeapLayout.LANES_OFFSET);
    checkField(slots, base, LANE_COUNT_OFFSET, "lane count", HeapLayout.LANE_COUNT);
    checkField(slots, base, LANE_SIZE_OFFSET, "lane size", HeapLayout.LANE_SIZE);
    checkField(slots, base, ZONES_OFFSET_OFFSET, "zones offset", HeapLayout.ZONES_OFFSET);
    checkField(slots, base, CHUNK_SIZE_OFFSET, "chunk size", HeapLayout.CHUNK_SIZE);
    long state = (long) LONG.get(slots, base + STATE_OFFSET);
    if (state != STATE_IN_USE && state != STATE_CLOSED) {
      throw corrupted(base + STATE_OFFSET, "state", state, STATE_IN_USE + " or " + STATE_CLOSED);
    }
    return new Superblock(
        (long) LONG.get(slots, base + COMPATIBLE_FEATURES_OFFSET),
        (long) LONG.get(slots, base + SEQUENCE_OFFSET),
        new UUID(
            (long) LONG.get(slots, base + UUID_HIGH_OFFSET),
            (long) LONG.get(slots, base + UUID_LOW_OFFSET)),
        size,
        maximumSize,
        state == STATE_CLOSED);
  }

  private static void checkSize(String field, long value, long limit, long offset) {
    if (value % HeapLayout.CHUNK_SIZE != 0) {
      throw corrupted(offset, field, value, "a multiple of 0x%x".formatted(HeapLayout.CHUNK_SIZE));
    }
    if (value < HeapOptions.MINIMUM_SIZE || value > limit) {
      throw corrupted(
          offset, field, value, "0x%x to 0x%x".formatted(HeapOptions.MINIMUM_SIZE, limit));
    }
  }

  private static void checkField(byte[] slots, int base, int at, String field, long expected) {
    long actual = (long) LONG.get(slots, base + at);
    if (actual != expected) {
      throw corrupted(base + at, field, actual, "0x%x".formatted(expected));
    }
  }

  private static HeapCorruptedException corrupted(
      long offset, String field, long value, String expected) {
    return new HeapCorruptedException(
        STRUCTURE, offset, expected, "%s 0x%x".formatted(field, value));
  }

  /**
   * Mixes the words before the checksum into one. Each step is a bijection of the sum for a given
   * word, and of the word for a given sum: two contents that differ in one word never collide.
   */
  private static long checksum(byte[] bytes, int base) {
    long sum = USED_SIZE;
    for (int at = 0; at < CHECKSUM_OFFSET; at += Long.BYTES) {
      sum = (sum ^ (long) LONG.get(bytes, base + at)) * 0x9e37_79b9_7f4a_7c15L;
      sum ^= sum >>> 32;
    }
    return sum;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    return from == to
        || (bytes[from] == 0 && Arrays.equals(bytes, from, to - 1, bytes, from + 1, to));
  }
}
