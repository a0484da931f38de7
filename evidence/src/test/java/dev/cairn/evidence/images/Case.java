package dev.cairn.evidence.images;

import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.EventHook;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.evidence.images.Subject.State;
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

  ExplorationReport explore(CrashExplorer explorer) {
    List<State> states = states();
    return explorer.explore(
        (medium, recorder) -> {
          Subject subject = Subject.create(medium);
          preparation.on(subject);
          recorder.start();
          for (int i = 0; i < steps.size(); i++) {
            steps.get(i).on(subject);
            recorder.acknowledge(i);
          }
        },
        (medium, progress) -> {
          Subject subject = Subject.open(medium);
          medium.onEvent(EventHook.NONE);
          subject.verify();
          int done = progress.count();
          State found = State.of(subject);
          if (!found.equals(states.get(done))
              && !(done < steps.size() && found.equals(states.get(done + 1)))) {
            throw new AssertionFailedError(
                name + ": neither before nor after step " + done, states.get(done), found);
          }
        });
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

  /** A preparation that fills the maps and lists. */
  static Step filled(int count) {
    return subject -> {
      for (int i = 0; i < count; i++) {
        subject.texts().put((long) i, "text " + i);
        subject.accounts().put("name " + i, new Subject.Account(i, "owner " + i));
      }
      List<Long> numbers = new ArrayList<>();
      List<String> words = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        numbers.add(i * 1000L);
        words.add("word " + i);
      }
      subject.numbers().addAll(numbers);
      subject.words().addAll(words);
    };
  }
}
