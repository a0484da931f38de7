package dev.cairn.collections;

import dev.cairn.heap.HeapCorruptedException;

/**
 * The word that every block of a collection begins with, so that a walker knows what it looks at.
 *
 * <pre>
 *   bits  0- 7  kind
 *   bits  8-63  what the kind says: see each layout
 * </pre>
 *
 * The segments of a list are the exception: they hold elements only, and the list says so.
 */
final class BlockHeader {
  static final int MAP = 1;
  static final int DIRECTORY = 2;
  static final int SEGMENT = 3;
  static final int ENTRY = 4;
  static final int LIST = 5;
  static final int VALUE = 6;
  static final int LONG = 7;
  static final int REFERENCE = 8;
  static final int TREE = 16;
  static final int NODE = 17;
  static final int DEQUE = 24;
  static final int DEQUE_SEGMENT = 25;
  static final int LOG = 32;
  static final int LOG_SEGMENT = 33;
  static final int LOG_RECORD = 34;

  private static final int CHECK_BITS = 24;

  private BlockHeader() {}

  static long of(int kind, long detail) {
    assert detail >>> 56 == 0 : detail;
    return (detail << 8) | kind;
  }

  static int kind(long header) {
    return (int) header & 0xFF;
  }

  static long detail(long header) {
    return header >>> 8;
  }

  /**
   * Returns 24 bits that tell a word from one that differs in a few bits, or is another's: no user
   * has a way to notice that the length of a value is not what it was.
   */
  static long check(long word) {
    return ((word ^ (word >>> 32)) * 0x9E3779B97F4A7C15L) >>> (Long.SIZE - CHECK_BITS);
  }

  static String name(int kind) {
    return switch (kind) {
      case MAP -> "map";
      case DIRECTORY -> "directory";
      case SEGMENT -> "segment";
      case ENTRY -> "entry";
      case LIST -> "list";
      case VALUE -> "value";
      case LONG -> "long";
      case REFERENCE -> "reference";
      case TREE -> "tree";
      case NODE -> "node";
      case DEQUE -> "deque";
      case DEQUE_SEGMENT, LOG_SEGMENT -> "segment";
      case LOG -> "log";
      case LOG_RECORD -> "record";
      default -> "block";
    };
  }

  /** Throws unless a header that was read at an offset has the kind that should be there. */
  static void check(long header, int kind, long offset) {
    if (kind(header) != kind) {
      throw new HeapCorruptedException(
          name(kind), offset, "a header of kind " + kind, "0x" + Long.toHexString(header));
    }
  }
}
