package dev.cairn.allocator.spi;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.heap.HeapCorruptedException;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.spi.HeapFile;
import dev.cairn.heap.spi.MediumAccessor;
import dev.cairn.heap.spi.MemoryMedium;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs, and what is in flight in them, with transactions played by the test. */
class RunTest {
  private static final int RUNS = 40;

  private HeapFile file;
  private MediumAccessor accessor;
  private InFlight inFlight;

  @BeforeEach
  void createHeap() throws Exception {
    long size = TestHeap.ZONE + (RUNS + 1) * TestHeap.CHUNK;
    file = HeapFile.create(MemoryMedium.anonymous(size, size), HeapOptions.defaults());
    accessor = file.accessor();
    inFlight = InFlight.create(accessor);
  }

  @AfterEach
  void closeHeap() {
    file.close();
  }

  /** Where a block can be between two calls of the allocator and the commit. */
  private enum State {
    RESERVED,
    ALLOCATED,
    /** A transaction has freed it, and has not committed. */
    LEAVING,
    /** Its bit is clear, and nobody has said so: the commit may not be durable yet. */
    CLEARED
  }

  private static final class Model {
    private final SplittableRandom random;
    private final MediumAccessor accessor;
    private final List<Run> runs = new ArrayList<>();
    private final Map<Long, Run> runOf = new TreeMap<>();
    private final Map<Long, State> states = new TreeMap<>();

    Model(long seed, MediumAccessor accessor) {
      this.random = new SplittableRandom(seed);
      this.accessor = accessor;
    }

    private List<Long> in(State state) {
      List<Long> blocks = new ArrayList<>();
      states.forEach(
          (block, its) -> {
            if (its == state) {
              blocks.add(block);
            }
          });
      return blocks;
    }

    /** Takes the first block that the reference knows as free. */
    void take(Run run) {
      long block = run.take();
      for (int index = 0; ; index++) {
        long expected = index < run.sizeClass.blockCount() ? run.blockOffset(index) : 0;
        if (expected == 0 || !states.containsKey(expected)) {
          assertEquals(expected, block);
          break;
        }
      }
      if (block != 0) {
        runOf.put(block, run);
        states.put(block, State.RESERVED);
      }
    }

    private void release(Run run, long block) {
      run.release(block);
      states.remove(block);
    }

    void step() {
      boolean fills = random.nextInt(4) < 3;
      if (fills || states.isEmpty()) {
        Run run = runs.get(random.nextInt(runs.size()));
        for (int n = random.nextInt(200); n > 0; n--) {
          take(run);
        }
      }
      List<Long> all = new ArrayList<>(states.keySet());
      for (int n = random.nextInt(300); n > 0 && !all.isEmpty(); n--) {
        change(all.get(random.nextInt(all.size())));
      }
    }

    private void change(long block) {
      State state = states.get(block);
      if (state == null) {
        return;
      }
      Run run = Objects.requireNonNull(runOf.get(block));
      long word = run.bitmapWord(block);
      long mask = run.bitmapMask(block);
      switch (state) {
        case RESERVED -> {
          if (random.nextInt(4) == 0) {
            release(run, block);
            assertFalse(run.startFree(block), "a free block was freed");
          } else {
            accessor.setBits(word, mask);
            states.put(block, State.ALLOCATED);
          }
        }
        case ALLOCATED -> {
          assertTrue(run.startFree(block));
          states.put(block, State.LEAVING);
        }
        case LEAVING -> {
          assertFalse(run.startFree(block), "freed twice");
          if (random.nextInt(4) == 0) {
            run.keep(block);
            states.put(block, State.ALLOCATED);
          } else {
            accessor.clearBits(word, mask);
            states.put(block, State.CLEARED);
          }
        }
        case CLEARED -> {
          assertFalse(run.startFree(block), "freed twice");
          if (random.nextBoolean()) {
            release(run, block);
          }
        }
      }
    }

    void verify() {
      runs.forEach(Run::verify);
    }

    /** Ends all transactions and frees all blocks: then, and only then, runs can be given back. */
    void empty() {
      for (State state : State.values()) {
        for (long block : in(state)) {
          Run run = Objects.requireNonNull(runOf.get(block));
          assertFalse(run.kill(), "given back with a block in use");
          if (state == State.ALLOCATED) {
            assertTrue(run.startFree(block));
          }
          if (state == State.ALLOCATED || state == State.LEAVING) {
            accessor.clearBits(run.bitmapWord(block), run.bitmapMask(block));
          }
          release(run, block);
        }
      }
      runs.forEach(run -> assertTrue(run.kill()));
    }
  }

  /** The bits of runs of many sizes go their ways, released late, aborted, published or not. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void handsOutWhatASimpleReferenceCallsFree(long seed) {
    Model model = new Model(seed, accessor);
    for (int chunk = 1; chunk <= RUNS; chunk++) {
      SizeClass sizeClass = SizeClasses.get(new int[] {0, 7, 20, 40}[chunk % 4]);
      model.runs.add(Run.empty(inFlight, chunk, sizeClass));
    }
    for (int step = 0; step < 1500; step++) {
      model.step();
      if (step % 50 == 0) {
        model.verify();
      }
    }
    model.verify();
    model.empty();
    assertEquals(0, model.states.size());
  }

  @Test
  void aClearBitIsNotEnoughToBeFree() {
    Run run = Run.empty(inFlight, 1, SizeClasses.get(7));
    long block = run.take();
    accessor.setBits(run.bitmapWord(block), run.bitmapMask(block));
    assertTrue(run.startFree(block));
    accessor.clearBits(run.bitmapWord(block), run.bitmapMask(block));
    // The commit is under way. Whatever else happens in the table, the block is not free yet.
    for (int chunk = 2; chunk <= RUNS; chunk++) {
      Run other = Run.empty(inFlight, chunk, SizeClasses.get(0));
      for (long taken = other.take(); taken != 0; taken = other.take()) {
        accessor.setBits(other.bitmapWord(taken), other.bitmapMask(taken));
      }
    }
    for (long taken = run.take(); taken != 0; taken = run.take()) {
      assertNotEquals(block, taken);
    }
    assertFalse(run.startFree(block));
    run.release(block);
    assertEquals(block, run.take());
  }

  /** A search without end, or a block in two hands, is worse than an exception. */
  @Test
  void bitsSetBehindItsBackAreNoticed() {
    Run run = Run.empty(inFlight, 1, SizeClasses.get(40));
    assertDoesNotThrow(run::verify);
    for (int word = 0; word < run.sizeClass.bitmapWords(); word++) {
      accessor.setBits(TestHeap.ZONE + TestHeap.CHUNK + word * 8L, run.sizeClass.wordMask(word));
    }
    assertThrows(HeapCorruptedException.class, run::verify);
    assertThrows(HeapCorruptedException.class, run::take);
  }
}
