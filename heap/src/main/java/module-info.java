/**
 * The file under a Cairn heap: media, mapping, superblocks, flush and fence, growth.
 *
 * <p>Users meet {@code dev.cairn.heap}: options, durability, media, exceptions. The machinery is in
 * {@code dev.cairn.heap.spi}, for Cairn's own modules only.
 */
@SuppressWarnings(
    "module") // names the friends that packages are exported to; they are compiled later
module dev.cairn.heap {
  requires jdk.nio.mapmode;
  requires static transitive org.jspecify;

  exports dev.cairn.heap;
  exports dev.cairn.heap.spi to
      dev.cairn.tx,
      dev.cairn.allocator,
      dev.cairn.collections,
      dev.cairn.btt,
      dev.cairn.bench;
}
