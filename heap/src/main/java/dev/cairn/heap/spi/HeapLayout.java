package dev.cairn.heap.spi;

/**
 * Where the fixed parts of a heap lie. The tables are in {@code docs/design.md}, section 4.
 *
 * <pre>
 *        0  superblock 0              4 KiB
 *     4096  superblock 1              4 KiB
 *     8192  root line                 64 B, one word in use
 *     8256  era line                64 B, one word in use
 *    65536  lanes                     64 x 8 KiB
 *   589824  publish slots             64 x 2 x 3.5 KiB
 *  1048576  zone 0, zone 1, ...       up to 4 GiB each, in chunks of 256 KiB
 * </pre>
 */
public final class HeapLayout {
  /** What one flush writes back, in bytes. */
  public static final int LINE_SIZE = 64;

  /** The allocator's large unit, in bytes. A heap's size is a multiple of it. */
  public static final long CHUNK_SIZE = 256L << 10;

  /**
   * What one huge page holds, in bytes. Where the file has a multiple of it, so has the mapping.
   */
  public static final long HUGE_PAGE_SIZE = 2L << 20;

  /** The word that holds the root object's offset, or 0. Changed by transactions only. */
  public static final long ROOT_OFFSET = 8192;

  /** The word that all logs and publish records name; raised, it voids every one of them. */
  public static final long ERA_OFFSET = ROOT_OFFSET + LINE_SIZE;

  /** The first lane. */
  public static final long LANES_OFFSET = 65536;

  /** How many transactions can run at once. */
  public static final int LANE_COUNT = 64;

  /** The size of a lane: its header and its part of the log, in bytes. */
  public static final long LANE_SIZE = 8192;

  /** The first publish slot. Each lane has {@link #SLOTS_PER_LANE} of them. */
  public static final long SLOTS_OFFSET = LANES_OFFSET + LANE_COUNT * LANE_SIZE;

  /** How many publish slots a lane has. */
  public static final int SLOTS_PER_LANE = 2;

  /** The size of a publish slot, in bytes. */
  public static final long SLOT_SIZE = 3584;

  /** The first zone. */
  public static final long ZONES_OFFSET = 1L << 20;

  private HeapLayout() {}
}
