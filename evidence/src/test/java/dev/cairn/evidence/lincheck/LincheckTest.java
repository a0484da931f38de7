package dev.cairn.evidence.lincheck;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.heap.HeapOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Are single operations linearizable? Lincheck makes scenarios of two threads, and runs each of
 * them in many interleavings, which it chooses itself between the accesses to shared memory that it
 * sees: those to objects. What a heap's memory holds it does not see; {@code InterleavingTest} has
 * those.
 */
public class LincheckTest {
  private static final int SIZE = 4 << 20;

  /** Loops over all lanes and size classes are long, and end all the same. */
  private static final int LONGEST_LOOP = 100_000;

  private static PersistentHeap heap() {
    return PersistentHeap.create(new ObservedMemory(SIZE), HeapOptions.defaults());
  }

  private static void check(Class<?> operations, Class<?> model, int scenarios, int interleavings) {
    new ModelCheckingOptions()
        .iterations(scenarios)
        .invocationsPerIteration(interleavings)
        .threads(2)
        .actorsBefore(1)
        .actorsPerThread(2)
        .actorsAfter(1)
        .loopBound(LONGEST_LOOP)
        .minimizeFailedScenario(false)
        .sequentialSpecification(model)
        .check(operations);
  }

  /** Operations of any map. */
  @Param(name = "key", gen = IntGen.class, conf = "1:3")
  @Param(name = "value", gen = IntGen.class, conf = "1:9")
  public abstract static class MapOperations {
    private final Map<Integer, Integer> map;

    MapOperations(Map<Integer, Integer> map) {
      this.map = map;
    }

    @Operation
    public @Nullable Integer put(@Param(name = "key") int key, @Param(name = "value") int value) {
      return map.put(key, value);
    }

    @Operation
    public @Nullable Integer get(@Param(name = "key") int key) {
      return map.get(key);
    }

    @Operation
    public @Nullable Integer remove(@Param(name = "key") int key) {
      return map.remove(key);
    }

    @Operation
    public @Nullable Integer add(@Param(name = "key") int key, @Param(name = "value") int value) {
      return map.merge(key, value, Integer::sum);
    }

    @Operation
    public int size() {
      return map.size();
    }
  }

  /** Those of a hash map. */
  public static final class HashMapOperations extends MapOperations {
    public HashMapOperations() {
      super(heap().map("map", Types.INT, Types.INT));
    }
  }

  /** Those of a tree map. */
  public static final class TreeMapOperations extends MapOperations {
    public TreeMapOperations() {
      super(heap().treeMap("map", Types.INT, Types.INT));
    }
  }

  /** Those of the model. */
  public static final class MapModel extends MapOperations {
    public MapModel() {
      super(new HashMap<>());
    }
  }

  /** Those of a map that miscounts. */
  public static final class WrongModel extends MapOperations {
    public WrongModel() {
      super(new HashMap<>());
    }

    @Override
    public int size() {
      return super.size() + 1;
    }
  }

  /** Operations of any deque. */
  @Param(name = "element", gen = IntGen.class, conf = "1:9")
  public abstract static class DequeOperations {
    private final Deque<Integer> deque;

    DequeOperations(Deque<Integer> deque) {
      this.deque = deque;
    }

    @Operation
    public void addFirst(@Param(name = "element") int element) {
      deque.addFirst(element);
    }

    @Operation
    public void addLast(@Param(name = "element") int element) {
      deque.addLast(element);
    }

    @Operation
    public @Nullable Integer pollFirst() {
      return deque.pollFirst();
    }

    @Operation
    public @Nullable Integer pollLast() {
      return deque.pollLast();
    }

    @Operation
    public @Nullable Integer peekFirst() {
      return deque.peekFirst();
    }

    @Operation
    public int size() {
      return deque.size();
    }
  }

  /** Those of a persistent one. */
  public static final class PersistentDequeOperations extends DequeOperations {
    public PersistentDequeOperations() {
      super(heap().deque("deque", Types.INT));
    }
  }

  /** Those of the model. */
  public static final class DequeModel extends DequeOperations {
    public DequeModel() {
      super(new ArrayDeque<>());
    }
  }

  /** What must not be taken for one operation. */
  public static final class CarelessOperations {
    private final Map<Integer, Integer> map = heap().map("map", Types.INT, Types.INT);

    @Operation
    public int increment() {
      int next = map.getOrDefault(1, 0) + 1;
      map.put(1, next);
      return next;
    }
  }

  @Test
  void hashMapsAreLinearizable() {
    check(HashMapOperations.class, MapModel.class, 3, 25);
  }

  @Test
  void treeMapsAreLinearizable() {
    check(TreeMapOperations.class, MapModel.class, 3, 25);
  }

  @Test
  void dequesAreLinearizable() {
    check(PersistentDequeOperations.class, DequeModel.class, 3, 25);
  }

  @Test
  @Tag("long")
  void manyScenariosAreLinearizable() {
    check(HashMapOperations.class, MapModel.class, 40, 200);
    check(TreeMapOperations.class, MapModel.class, 40, 200);
    check(PersistentDequeOperations.class, DequeModel.class, 40, 200);
  }

  /** That the operations are run, and compared. */
  @Test
  void aWrongModelIsFound() {
    AssertionError found =
        assertThrows(
            AssertionError.class, () -> check(HashMapOperations.class, WrongModel.class, 10, 1));
    assertTrue(String.valueOf(found.getMessage()).contains("Invalid execution results"));
  }

  /** That interleavings are found. */
  @Test
  void twoOperationsAreNotOne() {
    AssertionError found =
        assertThrows(
            AssertionError.class,
            () ->
                new ModelCheckingOptions()
                    .iterations(1)
                    .invocationsPerIteration(100)
                    .threads(2)
                    .actorsBefore(0)
                    .actorsPerThread(1)
                    .actorsAfter(0)
                    .loopBound(LONGEST_LOOP)
                    .minimizeFailedScenario(false)
                    .check(CarelessOperations.class));
    assertTrue(String.valueOf(found.getMessage()).contains("Invalid execution results"));
  }
}
