package dev.cairn.crashtest;

import dev.cairn.crashtest.ReplayPath.Switch;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The interleavings still to be run: all with at most so many preemptions, fewer preemptions first.
 * Each run tells which other ways there were, and so leads to more. Where the limit does not allow
 * all of one number of preemptions, random ones are taken, and half of what is left of the limit is
 * kept for those with more.
 */
final class Schedules {
  /**
   * Where a run leaves that of its parent.
   *
   * @param preemptions how many threads were interrupted up to here
   */
  record Schedule(@Nullable Schedule parent, @Nullable Switch last, int preemptions) {
    static final Schedule UNDISTURBED = new Schedule(null, null, 0);

    List<Switch> switches() {
      List<Switch> all = new ArrayList<>();
      for (Schedule s = this; s != null; s = s.parent) {
        if (s.last != null) {
          all.addFirst(s.last);
        }
      }
      return all;
    }
  }

  /**
   * Another way that a run could have gone.
   *
   * @param preemptive whether it interrupts a thread that could go on
   */
  record Alternative(Switch way, boolean preemptive) {}

  private final SplittableRandom random;
  private final List<List<Schedule>> waiting = new ArrayList<>();
  private int level;
  private int left;

  /** How much may be left when the next number of preemptions has its turn. */
  private int keep;

  private int next;

  Schedules(int preemptions, int limit, long seed) {
    random = new SplittableRandom(ImageSpace.mix(seed));
    left = limit;
    for (int i = 0; i <= preemptions; i++) {
      waiting.add(new ArrayList<>());
    }
    waiting.getFirst().add(Schedule.UNDISTURBED);
    keep = level == preemptions ? 0 : limit / 2;
  }

  /** Adds what a run found. */
  void add(Schedule run, List<Alternative> alternatives) {
    for (Alternative alternative : alternatives) {
      int preemptions = run.preemptions + (alternative.preemptive ? 1 : 0);
      if (preemptions < waiting.size()) {
        waiting.get(preemptions).add(new Schedule(run, alternative.way, preemptions));
      }
    }
  }

  /** Returns the next one to run, or null if there is none, or the limit is reached. */
  @Nullable Schedule next() {
    while (level < waiting.size()) {
      List<Schedule> here = waiting.get(level);
      int todo = here.size() - next;
      if (todo > 0 && left > keep) {
        left--;
        if (todo > left + 1 - keep) {
          int chosen = next + random.nextInt(todo);
          Schedule other = here.get(chosen);
          here.set(chosen, here.get(next));
          here.set(next, other);
        }
        return here.get(next++);
      }
      here.clear();
      next = 0;
      level++;
      keep = level + 1 >= waiting.size() ? 0 : left / 2;
    }
    return null;
  }
}
