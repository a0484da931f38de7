package dev.cairn.tx.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.ForwardingMedium;
import dev.cairn.heap.Medium;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.heap.spi.MemoryMedium;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A {@link LineSet} flushes every line that was added, once, in rising order. */
class LineSetProperties {
  private static final int SIZE = 1 << 16;

  record Range(long offset, long length) {}

  @Provide
  Arbitrary<List<Range>> ranges() {
    Arbitrary<Long> offsets = Arbitraries.longs().between(64, SIZE - 4096);
    Arbitrary<Long> lengths =
        Arbitraries.oneOf(
            Arbitraries.just(8L),
            Arbitraries.longs().between(1, 200),
            Arbitraries.longs().between(1, 4096));
    return Combinators.combine(offsets, lengths).as(Range::new).list().ofMaxSize(100);
  }

  /** Notes which lines are flushed, and refuses what comes twice or in falling order. */
  private static final class FlushWatch extends ForwardingMedium {
    final BitSet flushed = new BitSet();
    private long end;

    FlushWatch(Medium inner) {
      super(inner);
    }

    @Override
    public void flush(long offset, long length) {
      assertEquals(0, offset % 64);
      assertEquals(0, length % 64);
      assertTrue(offset >= end, "each line once, in rising order");
      end = offset + length;
      flushed.set((int) (offset / 64), (int) (end / 64));
    }
  }

  @Property(tries = 500)
  void flushesTheLinesOfAllRangesOnce(
      @ForAll("ranges") List<Range> ranges, @ForAll("ranges") List<Range> cut) {
    try (FlushWatch watch = new FlushWatch(SimulatedMedium.create(SIZE, SIZE))) {
      LineSet lines = new LineSet();
      BitSet expected = new BitSet();
      for (Range range : ranges) {
        lines.add(range.offset(), range.length());
        expected.set(
            (int) (range.offset() / 64), (int) ((range.offset() + range.length() - 1) / 64) + 1);
      }
      int size = lines.size();
      for (Range range : cut) {
        lines.add(range.offset(), range.length());
      }
      lines.truncate(size);
      lines.flush(new MediumAccessor(watch));
      assertEquals(expected, watch.flushed);
      assertEquals(0, lines.size());
    }
  }

  /** More lines than a run's count has bits for. */
  @Example
  void aRangeOfMoreThan64MebibytesIsWhole() throws IOException {
    long length = (64L << 20) * 3 + 8;
    try (FlushWatch watch = new FlushWatch(MemoryMedium.anonymous(256 << 20, 256 << 20))) {
      LineSet lines = new LineSet();
      lines.add(64, length);
      lines.flush(new MediumAccessor(watch));
      assertEquals(1, watch.flushed.nextSetBit(0));
      assertEquals((int) (length / 64) + 1, watch.flushed.cardinality());
      assertEquals(watch.flushed.cardinality() + 1, watch.flushed.length());
    }
  }
}
