package dev.cairn.evidence.images;

import dev.cairn.crashtest.CrashCheck;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Progress;
import dev.cairn.crashtest.Recorder;
import dev.cairn.evidence.images.Subject.State;
import dev.cairn.heap.Medium;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.opentest4j.AssertionFailedError;

/**
 * Steps that are cut short at every moment. Each of them is atomic: a check accepts the state after
 * all acknowledged steps, and that after one more.
 *
 * @param name for people
 * @param preparation happens before; not explored
 * @param steps what is explored
 */
record Case(String name, Step preparation, List<Step> steps) {
  /** Something that is done to a subject; deterministic, and atomic. */
  @FunctionalInterface
  interface Step {
    /** Nothing at all. */
    Step NONE = subject -> {};

    void on(Subject subject);
  }

  static Case of(String name, Step preparation, Step... steps) {
    return new Case(name, preparation, Arrays.asList(steps));
  }

  /** What lies between the simulated medium and the heap. */
  interface Layer {
    /** Nothing. */
    Layer NONE =
        new Layer() {
          @Override
          public Medium create(Medium below) {
            return below;
          }

          @Override
          public Medium open(Medium below) {
            return below;
          }
        };

    Medium create(Medium below) throws IOException;

    Medium open(Medium below) throws IOException;

    /** Takes leave of a medium that was created or opened, and of no other. */
    default void release(Medium medium) {}
  }

  ExplorationReport explore(CrashExplorer explorer) {
    return explore(explorer, Layer.NONE);
  }

  ExplorationReport explore(CrashExplorer explorer, Layer layer) {
    return explorer.explore(
        (medium, recorder) -> {
          Medium upper = layer.create(medium);
          try {
            run(Subject.create(upper), recorder);
          } finally {
            layer.release(upper);
          }
        },
        check(layer));
  }

  private void run(Subject subject, Recorder recorder) {
    preparation.on(subject);
    recorder.start();
    for (int i = 0; i < steps.size(); i++) {
      steps.get(i).on(subject);
      recorder.acknowledge(i);
    }
  }

  private CrashCheck check(Layer layer) {
    List<State> states = states();
    return (medium, progress) -> {
      Medium upper = layer.open(medium);
      try {
        Subject subject = Subject.open(upper);
        medium.onEvent(EventHook.NONE);
        checkState(subject, progress, states);
      } finally {
        layer.release(upper);
      }
    };
  }

  private void checkState(Subject subject, Progress progress, List<State> states) {
    subject.verify();
    int done = progress.count();
    State found = State.of(subject);
    if (!found.equals(states.get(done))
        && !(done < steps.size() && found.equals(states.get(done + 1)))) {
      throw new AssertionFailedError(
          name + ": neither before nor after step " + done, states.get(done), found);
    }
  }

  /** The states that a model goes through. */
  private List<State> states() {
    Subject model = Subject.model();
    preparation.on(model);
    List<State> states = new ArrayList<>();
    states.add(State.of(model));
    for (Step step : steps) {
      step.on(model);
      states.add(State.of(model));
    }
    return states;
  }

  /** A preparation that fills all collections. */
  static Step filled(int count) {
    return subject -> {
      for (int i = 0; i < count; i++) {
        subject.texts().put((long) i, "text " + i);
        subject.accounts().put("name " + i, new Subject.Account(i, "owner " + i));
        subject.sorted().put(2L * i, "sorted " + i);
      }
      List<Long> numbers = new ArrayList<>();
      List<String> words = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        numbers.add(i * 1000L);
        words.add("word " + i);
      }
      subject.jobs().addAll(words);
      subject.numbers().addAll(numbers);
      subject
          .words()
          .addAll(words); // what the last one stored in place is part of what is explored
    };
  }
}
