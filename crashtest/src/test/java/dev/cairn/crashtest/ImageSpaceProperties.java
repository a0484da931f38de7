package dev.cairn.crashtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Compares the medium with the crash model written down a second time, as plainly as possible. */
class ImageSpaceProperties {
  /** Words that share lines, and words that do not. */
  private static final List<Long> OFFSETS = List.of(0L, 8L, 56L, 64L, 192L);

  private static final int THREADS = 2;

  /** One step: a store of a word if value is not negative; else a flush or a fence. */
  record Step(int thread, int place, int value, boolean fence) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, THREADS - 1),
            Arbitraries.integers().between(0, OFFSETS.size() - 1),
            Arbitraries.integers().between(-3, 2),
            Arbitraries.of(true, false, false))
        .as(Step::new)
        .list()
        .ofMaxSize(24);
  }

  /** Each word's values; the index of the durable one; what each thread's flushes cover. */
  private static final class Model {
    final List<List<Long>> values = new ArrayList<>();
    final int[] durable = new int[OFFSETS.size()];

    /** For each thread and word, the index of the newest value that was flushed. */
    final int[][] flushed = new int[THREADS][OFFSETS.size()];

    Model() {
      for (int place = 0; place < OFFSETS.size(); place++) {
        values.add(new ArrayList<>(List.of(0L)));
      }
    }

    void flush(int thread, long line) {
      for (int place = 0; place < OFFSETS.size(); place++) {
        if (OFFSETS.get(place) / 64 == line) {
          flushed[thread][place] = values.get(place).size() - 1;
        }
      }
    }

    void fence(int thread) {
      for (int place = 0; place < OFFSETS.size(); place++) {
        durable[place] = Math.max(durable[place], flushed[thread][place]);
      }
    }

    Set<List<Long>> images() {
      Set<List<Long>> images = Set.of(List.of());
      for (int place = 0; place < OFFSETS.size(); place++) {
        List<Long> all = values.get(place);
        Set<List<Long>> longer = new HashSet<>();
        for (long value : new LinkedHashSet<>(all.subList(durable[place], all.size()))) {
          for (List<Long> image : images) {
            List<Long> extended = new ArrayList<>(image);
            extended.add(value);
            longer.add(extended);
          }
        }
        images = longer;
      }
      return images;
    }
  }

  @Property(tries = 300)
  void imagesAreThoseOfTheModel(@ForAll("steps") List<Step> steps) throws Exception {
    List<ExecutorService> threads =
        List.of(Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor());
    try (SimulatedMedium medium = SimulatedMedium.create(256, 256)) {
      medium.sanitizeWith(Sanitizer.off()); // it flushes and fences at random
      Model model = new Model();
      for (Step step : steps) {
        Future<?> done = threads.get(step.thread).submit(() -> apply(step, medium, model));
        done.get();
        assertEquals(model.images(), images(medium, OFFSETS));
        assertEquals(model.images().size(), medium.imageCount());
      }
    } finally {
      threads.forEach(ExecutorService::close);
    }
  }

  /** One step of one thread: a store of a word if value is not negative; else a flush or fence. */
  private static void applyToCells(Step step, SimulatedMedium medium, CellModel model) {
    long offset = CELL_OFFSETS.get(step.place);
    if (step.value >= 0) {
      medium.putLong(offset, step.value);
      model.store(step.place, step.value);
    } else if (step.fence) {
      medium.fence();
      model.durable.putAll(model.flushed);
    } else {
      medium.flush(offset, 8);
      long cell = offset / model.cellSize;
      model.flushed.put(cell, model.moments.size() - 1);
    }
  }

  private static final List<Long> CELL_OFFSETS = List.of(0L, 8L, 64L, 512L, 576L);

  /** The whole content after each store, and for each cell which of these is durable or flushed. */
  private static final class CellModel {
    final int cellSize;
    final List<List<Long>> moments = new ArrayList<>();
    final Map<Long, Integer> durable = new HashMap<>();
    final Map<Long, Integer> flushed = new HashMap<>();

    CellModel(int cellSize) {
      this.cellSize = cellSize;
      moments.add(Collections.nCopies(CELL_OFFSETS.size(), 0L));
    }

    void store(int place, long value) {
      List<Long> next = new ArrayList<>(moments.getLast());
      next.set(place, value);
      moments.add(next);
    }

    Set<List<Long>> images() {
      Set<List<Long>> images = Set.of(moments.getLast());
      for (long cell : CELL_OFFSETS.stream().map(offset -> offset / cellSize).distinct().toList()) {
        Set<List<Long>> more = new HashSet<>();
        for (List<Long> moment : moments.subList(durable.getOrDefault(cell, 0), moments.size())) {
          for (List<Long> image : images) {
            List<Long> changed = new ArrayList<>(image);
            for (int place = 0; place < CELL_OFFSETS.size(); place++) {
              if (CELL_OFFSETS.get(place) / cellSize == cell) {
                changed.set(place, moment.get(place));
              }
            }
            more.add(changed);
          }
        }
        images = more;
      }
      return images;
    }
  }

  @Property(tries = 300)
  void cellsAreAsTheyWereAtOneMoment(@ForAll("steps") List<Step> steps) {
    for (CrashModel model : List.of(CrashModel.WORDS, CrashModel.LINES, CrashModel.SECTORS)) {
      CellModel expected = new CellModel(model == CrashModel.WORDS ? 64 : model.cellSize());
      try (SimulatedMedium medium = SimulatedMedium.create(1024, 1024, model)) {
        medium.sanitizeWith(Sanitizer.off()); // it flushes and fences at random
        for (Step step : steps) {
          applyToCells(step, medium, expected);
          Set<List<Long>> images = images(medium, CELL_OFFSETS);
          if (model == CrashModel.WORDS) {
            assertTrue(images.containsAll(expected.images()), "fewer than lines have");
          } else {
            assertEquals(expected.images(), images);
          }
        }
      }
    }
  }

  private static void apply(Step step, SimulatedMedium medium, Model model) {
    long offset = OFFSETS.get(step.place);
    if (step.value >= 0) {
      medium.putLong(offset, step.value);
      model.values.get(step.place).add((long) step.value);
    } else if (step.fence) {
      medium.fence();
      model.fence(step.thread);
    } else {
      medium.flush(offset, 8);
      model.flush(step.thread, offset / 64);
    }
  }

  private static Set<List<Long>> images(SimulatedMedium medium, List<Long> offsets) {
    ImageSpace space = ImageSpace.of(medium);
    Set<List<Long>> images = new HashSet<>();
    Set<Long> hashes = new HashSet<>();
    space.all(
        versions -> {
          CrashImage image = space.image(medium, versions, 0);
          images.add(offsets.stream().map(image::word).toList());
          hashes.add(space.hash(versions));
        });
    assertEquals(images.size(), hashes.size(), "hashes of different images");
    return images;
  }
}
