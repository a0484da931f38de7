package dev.cairn.crashtest.kill;

import dev.cairn.crashtest.kill.KillMoment.AfterLine;
import dev.cairn.crashtest.kill.KillMoment.AfterStart;
import dev.cairn.crashtest.kill.KillMoment.AtEvent;
import dev.cairn.crashtest.kill.KillMoment.Place;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Draws the moment of each kill. The same seed draws the same moments; what the program does until
 * then may still differ, as its threads do.
 */
@FunctionalInterface
public interface KillPlan {

  /**
   * Draws the moment of the next kill.
   *
   * @param round counts the kills from 0
   * @param random what to draw by
   * @return the moment
   */
  KillMoment draw(int round, RandomGenerator random);

  /**
   * Kills after a delay from the start of the JVM, which itself takes some tenths of a second.
   *
   * @param least shortest delay
   * @param most longest delay
   * @return the plan
   */
  static KillPlan afterStart(Duration least, Duration most) {
    checkOrder(least.toNanos(), most.toNanos());
    return (round, random) -> new AfterStart(between(least, most, random));
  }

  /**
   * Kills after a delay from the first line of output that matches: for a program that says when it
   * has begun.
   *
   * @param pattern a regular expression, found in the line somewhere
   * @param most longest delay; the shortest is none
   * @return the plan
   */
  static KillPlan afterLine(String pattern, Duration most) {
    checkOrder(0, most.toNanos());
    Pattern line = Pattern.compile(pattern);
    return (round, random) -> new AfterLine(line, between(Duration.ZERO, most, random));
  }

  /**
   * Kills at an event of the medium, which the program must have opened with {@link KillPoint#arm}.
   * A program that ends, or is silent, before it comes to the event fails the run.
   *
   * @param place at which event
   * @param least its lowest number, from 1
   * @param most its highest number
   * @return the plan
   */
  static KillPlan at(Place place, long least, long most) {
    Objects.requireNonNull(place);
    checkOrder(least, most);
    return (round, random) -> new AtEvent(place, random.nextLong(least, most + 1));
  }

  /**
   * Draws a plan for each kill, each as likely as the others. One that is named twice is twice as
   * likely.
   *
   * @param plans one or more
   * @return the plan
   */
  static KillPlan anyOf(KillPlan... plans) {
    List<KillPlan> all = List.of(plans);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("no plan to draw from");
    }
    return (round, random) -> all.get(random.nextInt(all.size())).draw(round, random);
  }

  private static Duration between(Duration least, Duration most, RandomGenerator random) {
    return Duration.ofNanos(random.nextLong(least.toNanos(), most.toNanos() + 1));
  }

  private static void checkOrder(long least, long most) {
    if (least < 0 || least > most) {
      throw new IllegalArgumentException("from %d to %d: expected a range".formatted(least, most));
    }
  }
}
