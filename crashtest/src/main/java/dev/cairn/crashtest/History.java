package dev.cairn.crashtest;

import dev.cairn.crashtest.SequentialModel.Allowed;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of a scenario began and what was returned to them, up to one moment. Immutable;
 * each event makes a longer one.
 */
final class History implements Standing {
  /** When something had not happened yet. */
  private static final int NEVER = Integer.MAX_VALUE;

  private final CrashScenario<?> scenario;
  private final @Nullable SequentialModel<?> model;
  private final @Nullable History before;
  private final int thread;
  private final @Nullable Outcome outcome;
  private final int time;

  // Derived when first needed.
  private @Nullable Calls calls;
  private @Nullable Allowed allowed;

  /** Per thread and operation, when it was invoked, when it returned, and what. */
  private static final class Calls {
    final int[][] invoked;
    final int[][] returned;
    final Outcome[][] outcomes;
    final int[] begun;
    final int[] acknowledged;
    final List<Object> labels = new ArrayList<>();

    Calls(CrashScenario<?> scenario) {
      int count = scenario.threads.size();
      invoked = new int[count][];
      returned = new int[count][];
      outcomes = new Outcome[count][];
      begun = new int[count];
      acknowledged = new int[count];
      for (int thread = 0; thread < count; thread++) {
        int operations = scenario.threads.get(thread).size();
        invoked[thread] = new int[operations];
        returned[thread] = new int[operations];
        outcomes[thread] = new Outcome[operations];
      }
    }
  }

  private History(
      CrashScenario<?> scenario,
      @Nullable SequentialModel<?> model,
      @Nullable History before,
      int thread,
      @Nullable Outcome outcome) {
    this.scenario = scenario;
    this.model = model;
    this.before = before;
    this.thread = thread;
    this.outcome = outcome;
    time = before == null ? 0 : before.time + 1;
  }

  /** Returns the history of nothing; without a model, all histories are judged alike. */
  static History of(CrashScenario<?> scenario, @Nullable SequentialModel<?> model) {
    return new History(scenario, model, null, -1, null);
  }

  /** Returns this history and the begin of a thread's next operation. */
  History invoked(int byThread) {
    return new History(scenario, model, this, byThread, null);
  }

  /** Returns this history and the end of a thread's operation. */
  History returned(int byThread, Outcome newOutcome) {
    return new History(scenario, model, this, byThread, newOutcome);
  }

  private Calls calls() {
    Calls known = calls;
    if (known != null) {
      return known;
    }
    List<History> events = new ArrayList<>();
    for (History h = this; h != null && h.before != null; h = h.before) {
      events.add(h);
    }
    Calls made = new Calls(scenario);
    for (History event : events.reversed()) {
      Outcome result = event.outcome;
      if (result == null) {
        int index = made.begun[event.thread]++;
        made.invoked[event.thread][index] = event.time;
        made.returned[event.thread][index] = NEVER;
      } else {
        int index = made.acknowledged[event.thread]++;
        made.returned[event.thread][index] = event.time;
        made.outcomes[event.thread][index] = result;
        made.labels.add(scenario.threads.get(event.thread).get(index).name());
      }
    }
    calls = made;
    return made;
  }

  int threads() {
    return scenario.threads.size();
  }

  int begun(int ofThread) {
    return calls().begun[ofThread];
  }

  int acknowledged(int ofThread) {
    return calls().acknowledged[ofThread];
  }

  Outcome outcome(int ofThread, int index) {
    return calls().outcomes[ofThread][index];
  }

  /**
   * Says whether an operation may take effect before all others that have not yet: it has begun,
   * and none of those had returned by then.
   *
   * @param position how many operations of each thread have taken effect
   */
  boolean mayComeNext(int ofThread, int index, int[] position) {
    Calls known = calls();
    if (index >= known.begun[ofThread]) {
      return false;
    }
    int begin = known.invoked[ofThread][index];
    for (int other = 0; other < position.length; other++) {
      int next = position[other];
      if (next < known.acknowledged[other] && known.returned[other][next] < begin) {
        return false;
      }
    }
    return true;
  }

  /** Returns what a crash may leave, or null if there is no model. */
  @Nullable Allowed allowed() {
    if (allowed == null && model != null) {
      try {
        allowed = model.allowed(this);
      } catch (Exception e) {
        throw new IllegalStateException("the model failed: " + e, e);
      }
    }
    return allowed;
  }

  @Override
  public List<Object> acknowledged() {
    return calls().labels;
  }

  @Override
  public long key() {
    Allowed known = allowed();
    return known != null ? known.id() : (thrown().isEmpty() ? 0 : 1);
  }

  /** Says of each operation what came of it, thread by thread. */
  void describe(StringBuilder message) {
    for (int t = 0; t < threads(); t++) {
      List<? extends NamedOperation<?>> operations = scenario.threads.get(t);
      if (operations.isEmpty()) {
        continue;
      }
      message.append("%n  thread %d:".formatted(t + 1));
      for (int i = 0; i < operations.size(); i++) {
        message.append("%n    %s: ".formatted(operations.get(i).name()));
        if (i < acknowledged(t)) {
          message.append("acknowledged, ").append(outcome(t, i));
        } else {
          message.append(i < begun(t) ? "in flight" : "not begun");
        }
      }
    }
  }

  /** Returns what operations threw that were not expected to, for reports. */
  List<Throwable> thrown() {
    List<Throwable> thrown = new ArrayList<>();
    for (int t = 0; t < threads(); t++) {
      for (int i = 0; i < acknowledged(t); i++) {
        Throwable one = outcome(t, i).thrown();
        if (one != null && !scenario.refuses(one)) {
          thrown.add(one);
        }
      }
    }
    return thrown;
  }
}
