package dev.cairn.heap.spi;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What all real media share: a mapping of the largest size over a file that grows beneath it.
 *
 * <p>{@link #close} unmaps, so nobody may be inside {@link #flush} or {@link #fence} when it is
 * called. Loads and stores may: from then on they throw {@link IllegalStateException}.
 */
abstract sealed class MappedMedium implements Medium permits CacheLineMedium, PageCacheMedium {
  private final String name;
  private final @Nullable LockedFile file;
  private final Arena arena;
  private final MemorySegment segment;
  private final PageAdvice pages;
  private final Durability durability;
  private volatile long size;

  MappedMedium(Mapping mapping, long size, Durability durability) {
    this.name = mapping.name();
    this.file = mapping.file();
    this.arena = mapping.arena();
    this.segment = mapping.segment();
    this.pages = mapping.pages();
    this.durability = durability;
    this.size = size;
  }

  /**
   * A mapped range and what it belongs to.
   *
   * @param name for messages
   * @param file what is mapped, or null for anonymous memory
   * @param arena unmaps when it is closed
   * @param segment the range
   * @param pages how it is to be backed
   */
  record Mapping(
      String name,
      @Nullable LockedFile file,
      Arena arena,
      MemorySegment segment,
      PageAdvice pages) {

    Mapping {
      pages.mapped(segment);
    }
  }

  /** Maps all pages ahead of their use, if that is wanted. Changes nothing in them. */
  final void prefault() {
    pages.added(segment, 0, size);
  }

  @Override
  public final MemorySegment segment() {
    return segment;
  }

  @Override
  public final long size() {
    return size;
  }

  @Override
  public final long maximumSize() {
    return segment.byteSize();
  }

  @Override
  public final Durability durability() {
    return durability;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final void grow(long newSize) throws IOException {
    if (newSize < size || newSize > maximumSize()) {
      throw new IllegalArgumentException(
          "%s: new size 0x%x, expected 0x%x to 0x%x".formatted(name, newSize, size, maximumSize()));
    }
    checkOpen();
    if (newSize == size) {
      return;
    }
    if (file != null) {
      file.allocate(size, newSize);
    }
    pages.added(segment, size, newSize);
    size = newSize;
  }

  /** Checks that a range can be flushed: that it exists, and that the medium is open. */
  final void checkRange(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size);
    checkOpen();
  }

  private void checkOpen() {
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException(name + ": the medium is closed");
    }
  }

  @Override
  public void close() {
    if (segment.scope().isAlive()) {
      arena.close();
    }
    if (file != null) {
      file.close();
    }
  }
}
