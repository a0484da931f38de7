package dev.cairn.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Store;
import dev.cairn.bench.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionTest {
  private static final Effort SHORT =
      new Effort(1000, 1, 2, 60_000, 5, 2, 2, 4, List.of(1, 2), 1, 0);

  @TempDir private Path folder;

  @Test
  void measuresEveryOperationAndLeavesTheEntriesAsTheyWere() throws Exception {
    Workload<Long, Long> workload = Workload.LONG_LONG;
    List<Measurement> found = new ArrayList<>();
    try (Store<Long, Long> store =
            Peer.CONCURRENT_HASH_MAP.open(folder, workload, SHORT.capacity());
        Session<Long, Long> session = new Session<>(store, workload, SHORT, SHORT.entries())) {
      assertEquals(SHORT.entries(), Session.fill(store, workload, SHORT));
      session.run(found::add);
      for (long number = 0; number < 2 * SHORT.entries(); number++) {
        assertEquals(number < SHORT.entries(), store.get(workload.key().apply(number)) != null);
      }
    }
    assertEquals(2 * Operation.values().length, found.size());
    for (Measurement measurement : found) {
      assertEquals(2, measurement.perSecond().size());
      assertEquals(SHORT.entries(), measurement.entries());
      assertTrue(measurement.operations() > 0);
      if (measurement.operation() == Operation.SCAN) {
        assertNull(measurement.latency());
      } else {
        assertNotNull(measurement.latency());
        assertTrue(measurement.latency().p50Nanos() <= measurement.latency().p999Nanos());
      }
    }
  }

  @Test
  void endsAFillThatTakesTooLong() throws Exception {
    Effort hurried = new Effort(1L << 40, 1, 2, 20, 5, 2, 2, 4, List.of(1), 1, 0);
    try (Store<Long, Long> store =
        Peer.CONCURRENT_HASH_MAP.open(folder, Workload.LONG_LONG, SHORT.capacity())) {
      long filled = Session.fill(store, Workload.LONG_LONG, hurried);
      assertTrue(filled > 0 && filled < hurried.entries());
      assertNotNull(store.get(Workload.LONG_LONG.key().apply(filled - 1)));
      assertNull(store.get(Workload.LONG_LONG.key().apply(filled)));
    }
  }

  @Test
  void takesTheMedianOfAllIterations() {
    assertEquals(2, Summary.median(List.of(3.0, 1.0, 2.0)));
    assertEquals(2.5, Summary.median(List.of(4.0, 1.0, 2.0, 3.0)));
  }

  @Test
  void findsRepliesInWhatLibrariesPrint() {
    Reply reply = Reply.ofOpening(42);
    String line = "noise without an end bench> " + Reply.write(reply);
    assertEquals(42, Reply.in(line).orElseThrow().openNanos());
    assertTrue(Reply.in("noise").isEmpty());
  }
}
