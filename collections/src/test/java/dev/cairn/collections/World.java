package dev.cairn.collections;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A map, a list, and transactions over them: persistent ones, or a model of them in {@code
 * java.util}, so that the same code can be run on both.
 */
interface World {
  Map<Long, String> map();

  List<String> list();

  /** All or nothing: if the body throws, nothing has happened, and this returns. */
  void transact(Runnable body);

  /** What the collections hold. */
  record State(Map<Long, String> map, List<String> list) {
    static State of(World world) {
      return new State(new HashMap<>(world.map()), new ArrayList<>(world.list()));
    }
  }

  /** Something that is done to a world; deterministic. */
  @FunctionalInterface
  interface Step {
    void on(World world);
  }

  /** The model. */
  static World model() {
    Map<Long, String> map = new HashMap<>();
    List<String> list = new ArrayList<>();
    return new World() {
      @Override
      public Map<Long, String> map() {
        return map;
      }

      @Override
      public List<String> list() {
        return list;
      }

      @Override
      public void transact(Runnable body) {
        State before = State.of(this);
        try {
          body.run();
        } catch (Undo e) {
          map.clear();
          map.putAll(before.map());
          list.clear();
          list.addAll(before.list());
        }
      }
    };
  }

  /** Collections of a heap, with a known seed. */
  static World of(PersistentHeap heap) {
    PersistentHashMap<Long, String> map =
        heap.map("map", Types.LONG, Types.STRING, Collisions.SEED);
    PersistentArrayList<String> list = heap.list("list", Types.STRING);
    return new World() {
      @Override
      public Map<Long, String> map() {
        return map;
      }

      @Override
      public List<String> list() {
        return list;
      }

      @Override
      public void transact(Runnable body) {
        try {
          heap.transact(body::run);
        } catch (dev.cairn.tx.TransactionAbortedException e) {
          if (!(e.getCause() instanceof Undo)) {
            throw e;
          }
        }
      }
    };
  }

  /** Thrown by the body of a transaction that shall be undone. */
  final class Undo extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
