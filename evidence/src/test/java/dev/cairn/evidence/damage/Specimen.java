package dev.cairn.evidence.damage;

import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.evidence.damage.Content.Account;
import dev.cairn.evidence.damage.Content.Point;
import dev.cairn.heap.HeapOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A small heap that holds one of everything, as an image, and what must be found in it.
 *
 * @param name which one
 * @param seed of what it holds
 * @param image all bytes of the heap
 * @param content what its collections hold once it is recovered
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Specimen(String name, long seed, byte[] image, Content content) {
  static final HeapOptions OPTIONS = HeapOptions.defaults().withLockTimeout(Duration.ofSeconds(60));
  static final int SIZE = 10 << 20;
  private static final Map<Long, List<Specimen>> MADE = new HashMap<>();
  private static final long ZONES = 1 << 20;

  /** Thrown by the body of a transaction that shall be undone. */
  private static final class Undo extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** The specimens of a seed: the same objects at each call. */
  static synchronized List<Specimen> all(long seed) {
    return MADE.computeIfAbsent(seed, Specimen::make);
  }

  private static List<Specimen> make(long seed) {
    List<Specimen> made = new ArrayList<>();
    Thread maker =
        KnownThread.start(
            () -> {
              byte[] filled = filled(seed);
              made.add(closed(seed, filled));
              made.add(interrupted("crashed", seed, filled, 3, 0));
              made.add(interrupted("crashed with a long log", seed, filled, 200, 0));
              made.add(interrupted("crashed in an abort", seed, filled, 20, 15));
            });
    try {
      maker.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return List.copyOf(made);
  }

  /** A heap that was closed. */
  private static Specimen closed(long seed, byte[] filled) {
    PatchedMedium medium = PatchedMedium.of(filled);
    PersistentHeap heap = open(medium);
    Content content = Content.readAll(heap);
    heap.close();
    return new Specimen("closed", seed, medium.image(), content);
  }

  /**
   * A heap whose process died in the middle of a transaction, or while it undid it.
   *
   * @param changes how many operations it had made
   * @param undone how many stores of the abort had been made
   */
  private static Specimen interrupted(
      String name, long seed, byte[] filled, int changes, int undone) {
    PatchedMedium medium = PatchedMedium.of(filled);
    PersistentHeap heap = open(medium);
    Content content = Content.readAll(heap);
    byte[][] image = new byte[1][];
    try {
      heap.transact(
          () -> {
            for (int i = 0; i < changes; i++) {
              Content.numbers(heap).put(-1L - i, (long) i);
              Content.words(heap).add(i % 7, "interrupted " + i);
            }
            Content.blobs(heap).clear();
            image[0] = medium.image();
            medium.captureAfter(undone);
            throw new Undo();
          });
    } catch (dev.cairn.tx.TransactionAbortedException undo) {
      if (undone > 0) {
        image[0] = medium.captured();
      }
    }
    return new Specimen(name, seed, image[0], content);
  }

  private static PersistentHeap open(PatchedMedium medium) {
    return PersistentHeap.open(medium, OPTIONS);
  }

  private static byte[] filled(long seed) {
    PatchedMedium medium = PatchedMedium.of(new byte[SIZE]);
    PersistentHeap.create(medium, OPTIONS).close();
    fixSeeds(medium, new Random(seed));
    try (PersistentHeap heap = open(medium)) {
      Content.readAll(heap); // makes the collections
    }
    fixSeeds(medium, new Random(seed));
    try (PersistentHeap heap = open(medium)) {
      fill(heap, new Random(seed));
      collide(heap, medium);
    }
    return medium.image();
  }

  /** Gives each map a seed of its own: always the same, and another one in another specimen. */
  private static void fixSeeds(PatchedMedium medium, Random random) {
    Map<Long, Boolean> seeds = new TreeMap<>();
    try (PersistentHeap heap = open(medium)) {
      boolean isNew = heap.names().isEmpty();
      for (long offset = ZONES; offset < SIZE; ) {
        String name = heap.describe(offset);
        if (name.endsWith(", seed") && name.startsWith("catalog") == isNew) {
          seeds.put(offset, !name.startsWith("tree"));
        }
        offset += Math.max(Long.BYTES, Places.length(heap, name, offset));
      }
    }
    seeds.forEach(
        (offset, hasStripes) -> putSeed(medium, offset, random.nextLong(), hasStripes ? 64 : 0));
  }

  /** Changes the seed of an empty map, and what its stripes have of it: their identities. */
  private static void putSeed(PatchedMedium medium, long offset, long seed, int stripes) {
    medium.putWord(offset, seed);
    long firstIdentity = offset - 8 + 64 + 24;
    for (int stripe = 0; stripe < stripes; stripe++) {
      medium.putWord(firstIdentity + stripe * 64L, hash(stripe, ~seed));
    }
  }

  private static void fill(PersistentHeap heap, Random random) {
    Map<String, Account> accounts = Content.accounts(heap);
    Map<String, String> texts = Content.texts(heap);
    Map<UUID, byte[]> blobs = Content.blobs(heap);
    for (int i = 0; i < 20; i++) {
      byte[] secret = new byte[random.nextInt(20)];
      random.nextBytes(secret);
      accounts.put("owner " + i, new Account("\u00fc".repeat(i), random.nextLong(), secret, true));
      texts.put(
          "key " + "\u20ac".repeat(i % 3) + i,
          "text ".repeat(i % 5) + (i % 2 == 0 ? "" : "\u03a9"));
      Content.byPoint(heap).put(new Point(i, (short) -i, i / 3.0), random.nextInt());
      Content.points(heap).add(new Point(random.nextInt(), (short) i, random.nextDouble()));
    }
    for (int size : new int[] {0, 1, 100, 5000, 400_000}) {
      byte[] blob = new byte[size];
      random.nextBytes(blob);
      blobs.put(new UUID(random.nextLong(), random.nextLong()), blob);
    }
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      words.add("word " + i + (i % 9 == 0 ? "\u0416" : ""));
    }
    Content.words(heap).addAll(words);
    Content.tags(heap).addAll(words.subList(0, 20));
    Content.next(heap).set(random.nextLong());
    Content.current(heap).set(new Account("owner", random.nextLong(), new byte[3], true));
    for (int i = 0; i < 160; i++) {
      long number = random.nextLong() >> random.nextInt(64);
      Content.sorted(heap).put(number, -number);
      Content.byName(heap).put("the same beginning " + random.nextInt(10_000), "text " + i);
    }
    words.forEach(Content.ordered(heap)::add);
    Content.events(heap).appendAll(words);
    Content.events(heap).truncate(3);
    Content.jobs(heap).addAll(words);
    for (int i = 0; i < 150; i++) {
      Content.jobs(heap).addFirst("job " + i);
      Content.readings(heap).add(random.nextInt());
    }
    Content.jobs(heap).pollLast();
    Content.jobs(heap).remove("job 40");
    Content.readings(heap).pollFirst();
    Content.sorted(heap).pollFirstEntry();
    Content.byName(heap).pollLastEntry();
    // Free blocks between those in use.
    Content.words(heap).remove(11);
    accounts.remove("owner 7");
    texts.remove("key 3");
  }

  /**
   * Gives the map of numbers a stripe with a directory and an overflow segment: with keys whose
   * hashes agree where the table looks.
   */
  private static void collide(PersistentHeap heap, PatchedMedium medium) {
    PersistentHashMap<Long, Long> numbers = Content.numbers(heap);
    long seed = medium.word(offsetOf(heap, "map \"numbers\", seed"));
    int found = 0;
    for (long key = 0; found < 60; key++) {
      long hash = hash(key, seed);
      boolean collides = (hash >>> 18 & 0x3FFF) == 0 && (hash & 0x1C) == 0;
      if (collides || (key < 3000 && (hash >>> 26 & 0x3F) == 0)) {
        numbers.put(key, -key);
        found += collides ? 1 : 0;
      }
    }
  }

  /** The hash of a long, as {@code docs/design.md} has it. */
  static long hash(long key, long seed) {
    long h = (key ^ seed) + 0x9E3779B97F4A7C15L;
    h = (h ^ (h >>> 30)) * 0xBF58476D1CE4E5B9L;
    h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
    return h ^ (h >>> 31);
  }

  /** The first word of a name. */
  private static long offsetOf(PersistentHeap heap, String name) {
    for (long offset = ZONES; offset < SIZE; ) {
      String found = heap.describe(offset);
      if (found.equals(name)) {
        return offset;
      }
      offset += Math.max(Long.BYTES, Places.length(heap, found, offset));
    }
    throw new AssertionError("nothing is called " + name);
  }
}
