package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a scenario return, and the states they lead to, where nothing crashes: a
 * tree of all orders that were asked for. A model cannot be copied, so one of them lives, somewhere
 * in the tree; going on from there costs one operation, and starting elsewhere a new model.
 */
final class SequentialModel<S> {
  /** Where one order of operations leads. */
  static final class Node {
    private final @Nullable Node parent;
    private final int operation;
    private final @Nullable Outcome outcome;
    private final int state;
    private final Map<Integer, Node> children = new HashMap<>();

    private Node(@Nullable Node parent, int operation, @Nullable Outcome outcome, int state) {
      this.parent = parent;
      this.operation = operation;
      this.outcome = outcome;
      this.state = state;
    }
  }

  /**
   * The states that a crash may leave.
   *
   * @param id the same for equal sets
   */
  record Allowed(int id, List<Object> states) {}

  private static final int OPERATION_BITS = 24;

  private final CrashScenario<S> scenario;
  private final CrashExplorer.Settings settings;
  private final Map<Object, Integer> stateNumbers = new HashMap<>();
  private final List<Object> states = new ArrayList<>();
  private final List<Integer> hashes = new ArrayList<>();
  private final Map<Set<Integer>, Allowed> allowed = new HashMap<>();
  private final Node root;
  private @Nullable S live;
  private Node liveAt;
  private @Nullable SimulatedMedium medium;

  SequentialModel(CrashScenario<S> scenario, CrashExplorer.Settings settings) throws Exception {
    this.scenario = scenario;
    this.settings = settings;
    S first = prepared();
    root = new Node(null, -1, null, number(first));
    if (number(first) != root.state) {
      throw new IllegalStateException(
          "withState: what was copied twice from one subject is not equal: "
              + states.get(0)
              + " and "
              + states.get(1));
    }
    live = first;
    liveAt = root;
  }

  /** Frees the medium of the model that lives. */
  void close() {
    if (medium != null) {
      medium.close();
    }
  }

  private S prepared() throws Exception {
    close();
    Callable<S> maker = scenario.model;
    S made;
    if (maker != null) {
      made = maker.call();
    } else {
      medium = SimulatedMedium.create(settings.size, settings.maximumSize);
      medium.sanitizeWith(Sanitizer.off()); // it never crashes
      made = scenario.create.open(medium);
    }
    for (Operation<S> operation : scenario.preparation) {
      Outcome _ = Outcome.of(operation, made);
    }
    return made;
  }

  private int number(S model) {
    Object state = Objects.requireNonNull(scenario.state).apply(model);
    Objects.requireNonNull(state, "withState: returned null");
    Integer known = stateNumbers.putIfAbsent(state, states.size());
    if (known != null) {
      return known;
    }
    states.add(state);
    hashes.add(state.hashCode());
    return states.size() - 1;
  }

  /** A state that changes is no copy: it may equal whatever follows. */
  private void refuseLiveState(int number) {
    if (states.get(number).hashCode() != hashes.get(number)) {
      throw new IllegalStateException(
          "withState: what it returned has changed since; expected a copy");
    }
  }

  private Node child(Node node, int thread, int index) throws Exception {
    int operation = (thread << OPERATION_BITS) | index;
    Node child = node.children.get(operation);
    if (child == null) {
      S model = at(node);
      Outcome outcome = run(model, operation);
      child = new Node(node, operation, outcome, number(model));
      refuseLiveState(node.state);
      node.children.put(operation, child);
      liveAt = child;
    }
    return child;
  }

  /** Returns a model after the operations that lead to a node. */
  private S at(Node node) throws Exception {
    S model = live;
    if (liveAt == node && model != null) {
      return model;
    }
    List<Integer> path = new ArrayList<>();
    for (Node n = node; n != null && n.parent != null; n = n.parent) {
      path.addFirst(n.operation);
    }
    model = prepared();
    for (int operation : path) {
      Outcome _ = run(model, operation);
    }
    live = model;
    liveAt = node;
    return model;
  }

  private Outcome run(S model, int operation) {
    int thread = operation >>> OPERATION_BITS;
    int index = operation & ((1 << OPERATION_BITS) - 1);
    return Outcome.of(scenario.threads.get(thread).get(index), model);
  }

  /** Finds the states of all orders that explain a history. */
  Allowed allowed(History history) throws Exception {
    Set<Integer> found = new TreeSet<>();
    search(history, root, new int[scenario.threads.size()], found, new HashSet<>());
    Allowed known = allowed.get(found);
    if (known == null) {
      known = new Allowed(allowed.size(), found.stream().map(states::get).toList());
      allowed.put(found, known);
    }
    return known;
  }

  /** What was tried: a node, and how far each thread is, which refusals may make different. */
  private record Tried(Node node, List<Integer> position) {}

  private void search(
      History history, Node node, int[] position, Set<Integer> found, Set<Tried> tried)
      throws Exception {
    if (history.threads() > 1) {
      List<Integer> copy = new ArrayList<>();
      for (int p : position) {
        copy.add(p);
      }
      if (!tried.add(new Tried(node, copy))) {
        return;
      }
    }
    boolean complete = true;
    for (int thread = 0; thread < position.length; thread++) {
      complete &= position[thread] >= history.acknowledged(thread);
    }
    if (complete) {
      found.add(node.state);
    }
    for (int thread = 0; thread < position.length; thread++) {
      int index = position[thread];
      if (!history.mayComeNext(thread, index, position)) {
        continue;
      }
      position[thread]++;
      if (index < history.acknowledged(thread)) {
        Outcome outcome = history.outcome(thread, index);
        if (scenario.refuses(outcome.thrown())) {
          search(history, node, position, found, tried);
        } else {
          Node child = child(node, thread, index);
          if (outcome.equals(child.outcome) && !outcome.isFault()) {
            search(history, child, position, found, tried);
          }
        }
      } else {
        search(history, child(node, thread, index), position, found, tried);
      }
      position[thread]--;
    }
  }
}
