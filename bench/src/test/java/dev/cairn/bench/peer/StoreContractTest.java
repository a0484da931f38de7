package dev.cairn.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.bench.run.Scratch;
import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every peer does what a {@link HashMap} does, and keeps what it says it keeps. */
class StoreContractTest {
  private static final int CAPACITY = 500;
  private static final int FILLED = 200;
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private Scratch scratch;

  static Stream<Arguments> peersAndWorkloads() {
    return Stream.of(Peer.values())
        .flatMap(
            peer ->
                Workload.ALL.stream()
                    .filter(peer::stores)
                    .map(workload -> Arguments.of(peer, workload)));
  }

  @BeforeEach
  void choosePlace() throws IOException {
    Path place =
        Files.isWritable(SHARED_MEMORY)
            ? SHARED_MEMORY
            : Path.of(System.getProperty("java.io.tmpdir"));
    scratch = Scratch.in(place, place);
  }

  @AfterEach
  void deleteFiles() throws IOException {
    scratch.close();
  }

  @ParameterizedTest
  @MethodSource("peersAndWorkloads")
  void agreesWithAHashMap(Peer peer, Workload<?, ?> workload) throws IOException {
    assumeTrue(peer.missing().isEmpty(), () -> peer.missing().orElseThrow());
    check(peer, workload, scratch.create(Place.MEMORY));
  }

  private static <K, V> void check(Peer peer, Workload<K, V> workload, Path folder)
      throws IOException {
    Map<Long, Long> model = new HashMap<>();
    try (Store<K, V> store = peer.open(folder, workload, CAPACITY)) {
      List<Map.Entry<K, V>> entries = new ArrayList<>();
      for (long i = 0; i < FILLED; i++) {
        entries.add(Map.entry(workload.key().apply(i), workload.value().apply(i)));
        model.put(i, i);
      }
      store.putAll(entries);
      change(store, workload, model, isSlow(peer) ? 300 : 3000);
      assertSame(store, workload, model);
    }
    // LLPL keeps a heap open until the process ends.
    if (peer.keepsFiles() && peer != Peer.LLPL && peer != Peer.LLPL_ART) {
      try (Store<K, V> store = peer.open(folder, workload, CAPACITY)) {
        assertSame(store, workload, model);
      }
    }
  }

  /** Whether each change takes a millisecond. */
  private static boolean isSlow(Peer peer) {
    return peer == Peer.MVSTORE || peer == Peer.MAPDB;
  }

  private static <K, V> void change(
      Store<K, V> store, Workload<K, V> workload, Map<Long, Long> model, int times) {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < times; i++) {
      long number = random.nextLong(CAPACITY);
      K key = workload.key().apply(number);
      switch (random.nextInt(4)) {
        case 0 -> {
          if (model.remove(number) != null) {
            store.remove(key);
          }
        }
        case 1 -> {
          long other = random.nextLong(CAPACITY);
          if (other != number && model.containsKey(number) && model.containsKey(other)) {
            model.merge(number, -5L, Long::sum);
            model.merge(other, 5L, Long::sum);
            store.transfer(key, workload.key().apply(other), 5);
          }
        }
        case 2 -> assertEquals(model.get(number), amount(workload, store.get(key)));
        default -> {
          long amount = random.nextLong(1000);
          V value = workload.value().apply(number);
          store.put(key, workload.change().withAmount(value, amount));
          model.put(number, amount);
        }
      }
    }
  }

  private static <V> @Nullable Long amount(Workload<?, V> workload, @Nullable V value) {
    return value == null ? null : workload.amount().applyAsLong(value);
  }

  private static <K, V> void assertSame(
      Store<K, V> store, Workload<K, V> workload, Map<Long, Long> model) {
    Map<Object, Long> expected = new HashMap<>();
    for (long number = 0; number < CAPACITY; number++) {
      K key = workload.key().apply(number);
      Long amount = model.get(number);
      V value = store.get(key);
      assertEquals(amount, amount(workload, value));
      if (amount != null) {
        assertNotNull(value);
        expected.put(key, amount);
      } else {
        assertNull(value);
      }
    }
    Map<Object, Long> seen = new HashMap<>();
    store.scan(
        null,
        (key, value) -> {
          assertNull(seen.put(key, workload.amount().applyAsLong(value)));
          return true;
        });
    assertEquals(expected, seen);
    List<K> first = new ArrayList<>();
    store.scan(null, (key, value) -> first.add(key) && first.size() < 3);
    assertTrue(first.size() == 3);
    if (workload.isSorted()) {
      assertSorted(store, workload, new TreeSet<>(expected.keySet()));
    }
  }

  private static <K, V> void assertSorted(
      Store<K, V> store, Workload<K, V> workload, NavigableSet<Object> expected) {
    for (long number = 0; number < CAPACITY; number += 9) {
      K from = workload.key().apply(number);
      if (!expected.contains(from)) {
        continue;
      }
      List<Object> seen = new ArrayList<>();
      store.scan(from, (key, value) -> seen.add(key) && seen.size() < 100);
      assertEquals(expected.tailSet(from).stream().limit(100).toList(), seen);
    }
  }
}
