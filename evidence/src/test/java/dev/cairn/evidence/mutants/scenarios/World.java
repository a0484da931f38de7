package dev.cairn.evidence.mutants.scenarios;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.Types;
import dev.cairn.tx.TransactionAbortedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A map, a list, and transactions over them: of a heap, or a model of it in {@code java.util}. */
interface World {
  Map<Long, String> map();

  List<String> list();

  /** All or nothing: if the body throws {@link Undo}, nothing has happened. */
  void transact(Runnable body);

  /** Something that is done to a world. */
  @FunctionalInterface
  interface Step {
    void on(World world);
  }

  /** What the collections hold. */
  record State(Map<Long, String> map, List<String> list) {
    static State of(World world) {
      return new State(new HashMap<>(world.map()), new ArrayList<>(world.list()));
    }
  }

  /** Thrown by the body of a transaction that shall be undone. */
  final class Undo extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

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

  static World of(PersistentHeap heap) {
    Map<Long, String> map = heap.map("map", Types.LONG, Types.STRING);
    List<String> list = heap.list("list", Types.STRING);
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
        } catch (TransactionAbortedException e) {
          if (!(e.getCause() instanceof Undo)) {
            throw e;
          }
        }
      }
    };
  }
}
