package dev.cairn.bench.run;

import dev.cairn.bench.peer.Peer;
import dev.cairn.bench.peer.Place;
import dev.cairn.bench.peer.Promise;
import dev.cairn.bench.workload.Workload;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A peer on a place: one line of each table.
 *
 * @param peer who
 * @param place on what
 */
public record Contestant(Peer peer, Place place) {
  /** By place, then by peer. */
  public static final Comparator<Contestant> ORDER =
      Comparator.comparing(Contestant::place).thenComparing(Contestant::peer);

  /** Returns all peers on all their places. */
  public static List<Contestant> all() {
    return Stream.of(Peer.values())
        .flatMap(peer -> peer.places().stream().map(place -> new Contestant(peer, place)))
        .toList();
  }

  /**
   * Whether it is measured with a workload: sorted ones are not on disk, where the sync of a change
   * is nearly all that it takes, as the other workloads show.
   */
  boolean measures(Workload<?, ?> workload) {
    return peer.stores(workload) && !(workload.isSorted() && place == Place.DISK);
  }

  /** Returns the name for people, without the place. */
  public String title() {
    return peer.title();
  }

  /** Says what is left after a crash. */
  public Promise promise() {
    return peer.promise(place);
  }

  /** Returns with whom ratios compare: Cairn on the same place, on tmpfs for what is in DRAM. */
  public Contestant reference() {
    return new Contestant(Peer.CAIRN, place == Place.DRAM ? Place.MEMORY : place);
  }

  @Override
  public String toString() {
    return peer.title() + " on " + place.title();
  }
}
