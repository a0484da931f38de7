package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * All images that a crash at one moment could leave: cells that independently hold one of several
 * versions. A cell is a word, a line or a sector, as the {@link CrashModel} has it. An image is an
 * array with the number of a version for each cell; version 0 is the durable one.
 */
final class ImageSpace {
  private static final int ALONE_LOST = 0;
  private static final int ALONE_KEPT = 1;

  /** Told of each image; the array is reused. */
  interface Visitor {
    void visit(int[] versions);
  }

  /** What varies on its own. */
  private static final class Cell {
    /** Rising. */
    final int[] words;

    /** For each version, the value of each word; all different. */
    final long[][] versions;

    /** For each version, how the hash of the image differs from that of version 0. */
    final long[] hashes;

    /** The version that everything stored so far amounts to. */
    final int newest;

    Cell(int[] words, long[][] versions, long[] hashes, int newest) {
      this.words = words;
      this.versions = versions;
      this.hashes = hashes;
      this.newest = newest;
    }
  }

  private final List<Cell> cells;
  private final CrashModel model;
  private final long durableHash;

  private ImageSpace(List<Cell> cells, CrashModel model, long durableHash) {
    this.cells = cells;
    this.model = model;
    this.durableHash = durableHash;
  }

  static ImageSpace of(SimulatedMedium medium) {
    List<PendingWord> pending = medium.pendingWords();
    int wordsPerCell = medium.model().cellSize() / Long.BYTES;
    List<Cell> cells = new ArrayList<>(pending.size());
    for (int from = 0, to; from < pending.size(); from = to) {
      to = from + 1;
      while (to < pending.size()
          && pending.get(to).word / wordsPerCell == pending.get(from).word / wordsPerCell) {
        to++;
      }
      Cell cell = cell(medium, pending.subList(from, to));
      if (cell.versions.length > 1) {
        cells.add(cell);
      }
    }
    return new ImageSpace(cells, medium.model(), medium.durableHash());
  }

  private static Cell singleCell(int word, long durable, long newest) {
    long[][] versions = {{durable}, {newest}};
    int[] words = {word};
    return new Cell(words, versions, hashes(words, versions), 1);
  }

  /** Builds the cell of words that go together: its versions are the moments between stores. */
  private static Cell cell(SimulatedMedium medium, List<PendingWord> group) {
    PendingWord first = group.getFirst();
    if (group.size() == 1 && first.count() == 1) {
      return singleCell(first.word, medium.durable(first.word), first.newest());
    }
    int[] words = group.stream().mapToInt(p -> p.word).toArray();
    long[] durable = new long[words.length];
    for (int i = 0; i < words.length; i++) {
      durable[i] = medium.durable(words[i]);
    }
    List<long[]> versions = new ArrayList<>();
    versions.add(durable);
    Set<List<Long>> seen = new HashSet<>();
    seen.add(Arrays.stream(durable).boxed().toList());
    long[] now = durable;
    for (Step step : steps(group)) {
      now = now.clone();
      now[step.member] = step.value;
      if (seen.add(Arrays.stream(now).boxed().toList())) {
        versions.add(now);
      }
    }
    long[] last = now;
    int newest = 0;
    while (!Arrays.equals(versions.get(newest), last)) {
      newest++;
    }
    long[][] all = versions.toArray(long[][]::new);
    return new Cell(words, all, hashes(words, all), newest);
  }

  private record Step(long sequence, int member, long value) {}

  private static List<Step> steps(List<PendingWord> group) {
    List<Step> steps = new ArrayList<>();
    for (int member = 0; member < group.size(); member++) {
      PendingWord history = group.get(member);
      for (int i = 0; i < history.count(); i++) {
        steps.add(new Step(history.sequence(i), member, history.value(i)));
      }
    }
    steps.sort((a, b) -> Long.compare(a.sequence, b.sequence));
    return steps;
  }

  private static long[] hashes(int[] words, long[][] versions) {
    long[] hashes = new long[versions.length];
    for (int version = 1; version < versions.length; version++) {
      for (int i = 0; i < words.length; i++) {
        hashes[version] ^= hash(words[i], versions[0][i]) ^ hash(words[i], versions[version][i]);
      }
    }
    return hashes;
  }

  /** Returns a word's part in the hash of an image. Zero words have none. */
  static long hash(int word, long value) {
    return value == 0 ? 0 : mix(mix(word + 0x9e3779b97f4a7c15L) + value);
  }

  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Returns how many images there are, at most {@link Long#MAX_VALUE}. */
  long count() {
    long count = 1;
    for (Cell cell : cells) {
      long high = Math.multiplyHigh(count, cell.versions.length);
      if (high != 0 || count * cell.versions.length < 0) {
        return Long.MAX_VALUE;
      }
      count *= cell.versions.length;
    }
    return count;
  }

  int cellCount() {
    return cells.size();
  }

  int[] allDurable() {
    return new int[cells.size()];
  }

  int[] allNewest() {
    return cells.stream().mapToInt(cell -> cell.newest).toArray();
  }

  /** Returns the cells that are not as new as they could be. */
  List<Integer> lost(int[] versions) {
    List<Integer> lost = new ArrayList<>();
    for (int i = 0; i < versions.length; i++) {
      if (versions[i] != cells.get(i).newest) {
        lost.add(i);
      }
    }
    return lost;
  }

  /** Returns the image in which only these cells are as old as in another one. */
  int[] losing(List<Integer> lost, int[] versions) {
    int[] fewer = allNewest();
    for (int cell : lost) {
      fewer[cell] = versions[cell];
    }
    return fewer;
  }

  /** Chooses each cell's version: alike, or mostly durable, or mostly newest. */
  int[] random(RandomGenerator random) {
    int[] versions = new int[cells.size()];
    int bias = random.nextInt(3);
    for (int i = 0; i < versions.length; i++) {
      Cell cell = cells.get(i);
      boolean free = bias == 0 || random.nextInt(8) == 0;
      versions[i] = free ? random.nextInt(cell.versions.length) : (bias == 1 ? 0 : cell.newest);
    }
    return versions;
  }

  /** Visits every image once. */
  void all(Visitor visitor) {
    int[] versions = allDurable();
    while (true) {
      visitor.visit(versions);
      int i = 0;
      while (i < versions.length && versions[i] == cells.get(i).versions.length - 1) {
        versions[i++] = 0;
      }
      if (i == versions.length) {
        return;
      }
      versions[i]++;
    }
  }

  /**
   * Visits the images that most often tell: nothing lost, everything lost, each cell or line alone
   * lost or alone kept, at most {@code limit} of those; then {@code samples} random ones.
   */
  void some(int limit, int samples, RandomGenerator random, Visitor visitor) {
    visitor.visit(allDurable());
    visitor.visit(allNewest());
    List<int[]> telling = new ArrayList<>();
    for (int from = 0, to; from < cells.size(); from = to) {
      to = from + 1;
      while (to < cells.size() && lineOf(to) == lineOf(from)) {
        to++;
      }
      if (to > from + 1) {
        telling.add(new int[] {from, to, ALONE_LOST, 0});
        telling.add(new int[] {from, to, ALONE_KEPT, 0});
      }
      for (int i = from; i < to; i++) {
        Cell cell = cells.get(i);
        for (int version = 0; version < cell.versions.length; version++) {
          if (version != cell.newest) {
            telling.add(new int[] {i, i + 1, ALONE_LOST, version});
          }
          if (version != 0) {
            telling.add(new int[] {i, i + 1, ALONE_KEPT, version});
          }
        }
      }
    }
    if (telling.size() > limit) {
      Collections.shuffle(telling, Random.from(random));
    }
    for (int[] one : telling.subList(0, Math.min(limit, telling.size()))) {
      visitor.visit(telling(one[0], one[1], one[2] == ALONE_LOST, one[3]));
    }
    for (int i = 0; i < samples; i++) {
      visitor.visit(random(random));
    }
  }

  private int[] telling(int from, int to, boolean lost, int version) {
    int[] versions = lost ? allNewest() : allDurable();
    for (int i = from; i < to; i++) {
      boolean wholeLine = to > from + 1;
      versions[i] = !wholeLine ? version : (lost ? 0 : cells.get(i).newest);
    }
    return versions;
  }

  private int lineOf(int cell) {
    return cells.get(cell).words[0] / (SimulatedMedium.LINE_SIZE / Long.BYTES);
  }

  long hash(int[] versions) {
    long hash = durableHash;
    for (int i = 0; i < versions.length; i++) {
      hash ^= cells.get(i).hashes[versions[i]];
    }
    return hash;
  }

  /** Puts an image on a medium whose base is this space's durable content. */
  void lend(int[] versions, SimulatedMedium target, long size) {
    target.lend(size);
    for (int i = 0; i < versions.length; i++) {
      if (versions[i] != 0) {
        Cell cell = cells.get(i);
        long[] values = cell.versions[versions[i]];
        for (int j = 0; j < values.length; j++) {
          target.lendWord(cell.words[j], values[j]);
        }
      }
    }
  }

  /** Returns an image that can be kept. */
  CrashImage image(SimulatedMedium medium, int[] versions, long event) {
    List<LostWord> lost = new ArrayList<>();
    int changed = 0;
    int total = cells.stream().mapToInt(cell -> cell.words.length).sum();
    int[] words = new int[total];
    long[] values = new long[total];
    for (int i = 0; i < versions.length; i++) {
      Cell cell = cells.get(i);
      for (int j = 0; j < cell.words.length; j++) {
        long kept = cell.versions[versions[i]][j];
        long newest = cell.versions[cell.newest][j];
        words[changed] = cell.words[j];
        values[changed++] = kept;
        if (kept != newest) {
          lost.add(new LostWord((long) cell.words[j] * Long.BYTES, kept, newest));
        }
      }
    }
    String replay = new ReplayPath(model, List.of(new ReplayPath.Step(event, versions))).toString();
    return new CrashImage(medium.durableWords(), medium.maximumSize(), words, values, lost, replay);
  }

  /** Returns why an array from elsewhere is no image of this space, or an empty string. */
  String misfit(int[] versions) {
    if (versions.length != cells.size()) {
      return "%d cells, expected %d".formatted(cells.size(), versions.length);
    }
    for (int i = 0; i < versions.length; i++) {
      if (versions[i] >= cells.get(i).versions.length) {
        return "cell %d has %d versions, expected number %d"
            .formatted(i, cells.get(i).versions.length, versions[i]);
      }
    }
    return "";
  }
}
