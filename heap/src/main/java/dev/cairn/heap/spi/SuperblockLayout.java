package dev.cairn.heap.spi;

/**
 * Where a superblock's fields lie. Two slots of 4 KiB hold one each, at offsets 0 and 4096.
 *
 * <pre>
 *     0  magic                    8 B   "CAIRN", then 0x1a, carriage return, line feed
 *     8  format version           4 B   2
 *    12  reserved                 4 B   0
 *    16  compatible features      8 B   bits; unknown ones may be ignored
 *    24  incompatible features    8 B   bits; unknown ones forbid opening
 *    32  sequence                 8 B   one more at each update
 *    40  UUID                    16 B   high word, low word
 *    56  size                     8 B   of the heap, in bytes
 *    64  maximum size             8 B   how far the heap may grow
 *    72  lanes offset             8 B
 *    80  lane count               8 B
 *    88  lane size                8 B
 *    96  zones offset             8 B
 *   104  chunk size               8 B
 *   112  state                    8 B   1 in use, 2 closed cleanly
 *   120  checksum                 8 B   over bytes 0 to 119
 *   128  reserved              3968 B   0
 * </pre>
 *
 * Magic, version, features and checksum keep their place and meaning in all format versions, so
 * that an unknown version can be told from damage.
 */
final class SuperblockLayout {
  /** How many copies there are. */
  static final int SLOT_COUNT = 2;

  /** The distance from one copy to the next, in bytes. */
  static final int SLOT_SIZE = 4096;

  /** What all slots take, in bytes. */
  static final int SLOTS_SIZE = SLOT_COUNT * SLOT_SIZE;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int COMPATIBLE_FEATURES_OFFSET = 16;
  static final int INCOMPATIBLE_FEATURES_OFFSET = 24;
  static final int SEQUENCE_OFFSET = 32;
  static final int UUID_HIGH_OFFSET = 40;
  static final int UUID_LOW_OFFSET = 48;
  static final int SIZE_OFFSET = 56;
  static final int MAXIMUM_SIZE_OFFSET = 64;
  static final int LANES_OFFSET_OFFSET = 72;
  static final int LANE_COUNT_OFFSET = 80;
  static final int LANE_SIZE_OFFSET = 88;
  static final int ZONES_OFFSET_OFFSET = 96;
  static final int CHUNK_SIZE_OFFSET = 104;
  static final int STATE_OFFSET = 112;
  static final int CHECKSUM_OFFSET = 120;

  /** What a superblock takes of its slot, in bytes: whole lines. */
  static final int USED_SIZE = 128;

  /**
   * "CAIRN", a byte that ends text, and both line ends: a file that passed through a conversion of
   * text is not taken for a heap.
   */
  static final long MAGIC = 0x0a0d_1a4e_5249_4143L;

  /**
   * Stands where slot 0's magic will be while a heap is being created. It differs from the magic in
   * every byte, so that damage cannot make one of the other.
   */
  static final long CREATION_MARKER = ~MAGIC;

  static final int VERSION = 2;
  static final long STATE_IN_USE = 1;
  static final long STATE_CLOSED = 2;

  static {
    assert CHECKSUM_OFFSET + Long.BYTES == USED_SIZE;
    assert USED_SIZE % HeapLayout.LINE_SIZE == 0;
    assert SLOTS_SIZE == HeapLayout.ROOT_OFFSET;
  }

  private SuperblockLayout() {}

  /** Names the field at an offset within a slot. */
  static String fieldName(int offset) {
    if (offset >= USED_SIZE) {
      return "reserved";
    }
    return switch (offset & -Long.BYTES) {
      case MAGIC_OFFSET -> "magic";
      case VERSION_OFFSET ->
          offset < VERSION_OFFSET + Integer.BYTES ? "format version" : "reserved";
      case COMPATIBLE_FEATURES_OFFSET -> "compatible features";
      case INCOMPATIBLE_FEATURES_OFFSET -> "incompatible features";
      case SEQUENCE_OFFSET -> "sequence";
      case UUID_HIGH_OFFSET, UUID_LOW_OFFSET -> "UUID";
      case SIZE_OFFSET -> "size";
      case MAXIMUM_SIZE_OFFSET -> "maximum size";
      case LANES_OFFSET_OFFSET -> "lanes offset";
      case LANE_COUNT_OFFSET -> "lane count";
      case LANE_SIZE_OFFSET -> "lane size";
      case ZONES_OFFSET_OFFSET -> "zones offset";
      case CHUNK_SIZE_OFFSET -> "chunk size";
      case STATE_OFFSET -> "state";
      default -> "checksum";
    };
  }
}
