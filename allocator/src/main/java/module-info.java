/**
 * The allocator of a heap: chunks, runs, size classes, reservations.
 *
 * <p>Users meet {@code dev.cairn.allocator}: the exception for a full heap, and statistics. The
 * machinery is in {@code dev.cairn.allocator.spi}, for Cairn's own modules only.
 */
@SuppressWarnings(
    "module") // names the friends that packages are exported to; they are compiled later
module dev.cairn.allocator {
  requires transitive dev.cairn.tx;
  requires static transitive org.jspecify;

  exports dev.cairn.allocator;
  exports dev.cairn.allocator.spi to
      dev.cairn.collections,
      dev.cairn.bench;
}
