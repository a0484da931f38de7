package dev.cairn.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Place;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CampaignTest {
  private static final Contestant ON_DISK = new Contestant(Peer.LMDB, Place.DISK);

  @TempDir private Path folder;

  @Test
  void plansAboutAnHour() throws IOException {
    assertTrue(expected(Effort.FULL, Contestant.all()).toMinutes() < 66);
  }

  @Test
  void plansLessThanFiveMinutesIfQuick() throws IOException {
    assertTrue(expected(Effort.QUICK, Contestant.all()).toMinutes() < 4);
  }

  @Test
  void plansTwentyMinutesForThreePeers() throws IOException {
    List<Contestant> three =
        Contestant.all().stream()
            .filter(
                contestant ->
                    List.of(Peer.CAIRN, Peer.LLPL, Peer.CONCURRENT_HASH_MAP)
                        .contains(contestant.peer()))
            .toList();
    assertTrue(expected(Effort.FULL, three).toMinutes() < 20);
  }

  /** As the command plans it: a quick run has one workload on disk. */
  private Duration expected(Effort effort, List<Contestant> contestants) throws IOException {
    try (Scratch scratch = Scratch.in(folder, folder)) {
      Campaign campaign = new Campaign(scratch, effort, line -> {});
      for (Contestant contestant : contestants) {
        boolean onlyFirst = effort == Effort.QUICK && contestant.place() == Place.DISK;
        campaign.add(contestant, onlyFirst ? List.of(Workload.LONG_BYTES) : Workload.ALL);
      }
      return campaign.expected();
    }
  }

  @Test
  void saysWhatIsLeftOut() throws IOException {
    try (Scratch scratch = Scratch.in(folder, folder)) {
      Campaign campaign = new Campaign(scratch, Effort.QUICK, line -> {});
      campaign.leaveOut(ON_DISK, List.of(), "for nothing");
      campaign.leaveOut(
          ON_DISK, List.of(Workload.STRING_RECORD, Workload.LONG_LONG), "to be quick");
      assertEquals(
          List.of(new Results.Missing(ON_DISK, "string-record, long-long", "to be quick")),
          campaign.missing());
    }
  }
}
