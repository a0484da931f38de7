package dev.cairn.heap.spi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.cairn.heap.Durability;
import dev.cairn.heap.Medium;
import dev.cairn.heap.StoreObserver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A medium that shows what a crash could leave, after each store, flush and fence: of each aligned
 * word, independently, any value that it had since it was last durable.
 */
final class CrashingMedium implements Medium {
  private static final int RANDOM_IMAGES = 4;
  private static final int PAGE_SIZE = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private final List<byte[]> sinceFence = new ArrayList<>();
  private final List<Flushed> flushed = new ArrayList<>();
  private final Random random = new Random(42);
  private byte[] durable;
  private long size;
  private @Nullable Consumer<byte[]> onCrash;
  private @Nullable IOException growthFailure;

  /** Lines on their way. */
  private record Flushed(long offset, MemorySegment bytes) {}

  CrashingMedium(byte[] content, long maximumSize) {
    segment = arena.allocate(maximumSize, 64);
    MemorySegment.copy(content, 0, segment, JAVA_BYTE, 0, content.length);
    durable = content.clone();
    size = content.length;
  }

  /** Calls back with each image from now on. */
  void onCrash(@Nullable Consumer<byte[]> check) {
    onCrash = check;
    sinceFence.clear();
    sinceFence.add(current());
  }

  void failGrowth(IOException failure) {
    growthFailure = failure;
  }

  /** Returns what is left if nothing is evicted by chance. */
  byte[] durable() {
    return durable.clone();
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public void flush(long offset, long length) {
    long start = offset & -64;
    long end = Math.min((offset + length + 63) & -64, size);
    flushed.add(new Flushed(start, copy(start, end)));
    crash();
  }

  @Override
  public void fence() {
    for (Flushed lines : flushed) {
      MemorySegment.copy(
          lines.bytes, JAVA_BYTE, 0, durable, (int) lines.offset, (int) lines.bytes.byteSize());
    }
    flushed.clear();
    sinceFence.clear();
    sinceFence.add(current());
    crash();
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long maximumSize() {
    return segment.byteSize();
  }

  @Override
  public void grow(long newSize) throws IOException {
    if (growthFailure != null) {
      throw growthFailure;
    }
    byte[] larger = new byte[(int) newSize];
    System.arraycopy(durable, 0, larger, 0, durable.length);
    durable = larger;
    size = newSize;
    sinceFence.clear();
    sinceFence.add(current());
    crash();
  }

  @Override
  public Durability durability() {
    return new Durability(Durability.Level.POWER_FAIL, "a simulation");
  }

  @Override
  public String name() {
    return "crashing";
  }

  @Override
  public StoreObserver observer() {
    return (offset, length) -> {
      sinceFence.add(current());
      crash();
    };
  }

  @Override
  public void close() {
    if (segment.scope().isAlive()) {
      arena.close();
    }
  }

  private MemorySegment copy(long start, long end) {
    return MemorySegment.ofArray(segment.asSlice(start, end - start).toArray(JAVA_BYTE));
  }

  private byte[] current() {
    return segment.asSlice(0, size).toArray(JAVA_BYTE);
  }

  private void crash() {
    Consumer<byte[]> check = onCrash;
    if (check == null) {
      return;
    }
    check.accept(durable.clone());
    check.accept(current());
    for (int i = 0; i < RANDOM_IMAGES; i++) {
      check.accept(randomImage(Long.BYTES));
      // Coarser ones, too: words alone would hardly ever leave a whole slot as it was.
      check.accept(randomImage(PAGE_SIZE));
    }
  }

  private byte[] randomImage(int unit) {
    byte[] image = durable.clone();
    for (byte[] later : sinceFence) {
      for (int at = 0; at < image.length; at += unit) {
        if (random.nextBoolean()) {
          System.arraycopy(later, at, image, at, unit);
        }
      }
    }
    return image;
  }
}
