package dev.cairn.crashtest;

import dev.cairn.crashtest.Exploration.AbandonedException;
import dev.cairn.crashtest.ReplayPath.Switch;
import dev.cairn.crashtest.Schedules.Alternative;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the threads of a scenario run one at a time, and decides at each of their steps who goes on.
 *
 * <p>Steps are taken by the threads themselves, so that going on costs nothing. Whoever has the
 * turn keeps it, unless a switch says otherwise; one that ends, {@linkplain #yieldTurn yields} or
 * blocks hands it to the next one that can go on. That a thread blocks on a monitor or lock is seen
 * by the thread that {@linkplain #supervise supervises}: its owner is then another of these
 * threads. When the lock is free again, the blocked thread runs up to its next step, and only then
 * the owner goes on.
 */
final class Turns {
  private static final int NOBODY = -1;
  private static final int MOST_STEPS = 1_000_000;
  private static final int MOST_IDLE_YIELDS = 1000;
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long HANG_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long DEADLOCK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long JOIN_MILLIS = 2000;

  /** Polls without progress before a thread without an owner to wait for counts as blocked. */
  private static final int PATIENCE = 10;

  private static final int FRAMES_SHOWN = 24;
  private static final int HANDOVERS_TOLD = 40;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** What a thread can do. */
  enum Can {
    /** Has the turn, or can have it. */
    READY,
    /** Has yielded: what it waits for may be there after another thread's operation. */
    WAITING,
    BLOCKED,
    FINISHED
  }

  /** What a thread does between its turns. */
  @FunctionalInterface
  interface Body {
    void run();
  }

  /** One of the threads. */
  final class Worker extends Thread {
    final int index;
    private final Body body;
    Can state = Can.READY;

    /** Whether it is in code of this class, where its state says nothing about the scenario. */
    volatile boolean inside = true;

    Worker(int index, String name, Body body) {
      super(null, null, name, 0, false);
      this.index = index;
      this.body = body;
      setDaemon(true);
    }

    Turns turns() {
      return Turns.this;
    }

    @Override
    public void run() {
      try {
        awaitTurn(this);
        inside = false;
        body.run();
      } catch (AbandonedException e) {
        // Somebody has reported why.
      } catch (Throwable e) {
        failure = e;
      } finally {
        inside = true;
        finish(this);
      }
    }
  }

  private final List<Worker> workers = new ArrayList<>();
  private final Map<Integer, Integer> switches = new HashMap<>();
  private final int lastSwitch;
  private final boolean tells;
  private final BooleanSupplier busy;

  private volatile int current = NOBODY;
  private volatile boolean abandoned;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread supervisor;

  // Guarded by the monitor.
  private int step;
  private int idleYields;
  private boolean diverged;
  private final List<Alternative> alternatives = new ArrayList<>();
  private final List<String> handovers = new ArrayList<>();

  /** Rises with each decision: who does not see it rise sees no progress. */
  private volatile int beat;

  /**
   * Prepares a run.
   *
   * @param schedule where another thread than otherwise goes on, by rising step
   * @param tells whether to keep a record of who went on when, and why
   * @param busy says whether whoever has the turn does something that may take its time
   */
  Turns(List<Switch> schedule, boolean tells, BooleanSupplier busy) {
    for (Switch one : schedule) {
      switches.put(one.step(), one.thread());
    }
    lastSwitch = schedule.isEmpty() ? -1 : schedule.getLast().step();
    this.tells = tells;
    this.busy = busy;
  }

  void add(String name, Body body) {
    workers.add(new Worker(workers.size(), name, body));
  }

  // What the threads call.

  /** Takes a step: another thread may go on here. Threads of others take none. */
  void point(String before) {
    if (me() instanceof Worker me) {
      step(me, before, false);
    }
  }

  /** Takes a step between two operations: those that wait may find what they wait for. */
  void boundary() {
    if (me() instanceof Worker me) {
      step(me, "an operation", true);
    }
  }

  /** Waits for the turn, if it was lost while the thread was blocked. */
  void arrive() {
    if (me() instanceof Worker me) {
      me.inside = true;
      awaitTurn(me);
      me.inside = false;
    }
  }

  /** Lets others go on, since the thread waits for them; says whether the thread is one of ours. */
  boolean yieldTurn() {
    if (!(me() instanceof Worker me)) {
      return false;
    }
    me.inside = true;
    while (true) {
      awaitTurn(me);
      synchronized (this) {
        if (current == me.index) {
          me.state = Can.WAITING;
          handOver(me, "to wait");
          break;
        }
      }
    }
    awaitTurn(me);
    me.inside = false;
    return true;
  }

  private @Nullable Thread me() {
    return Thread.currentThread() instanceof Worker worker && worker.turns() == this
        ? worker
        : null;
  }

  private void step(Worker me, String before, boolean boundary) {
    me.inside = true;
    while (true) {
      awaitTurn(me);
      synchronized (this) {
        if (current == me.index) {
          if (boundary) {
            wakeWaiting();
          }
          idleYields = 0;
          goOn(me, before);
          break;
        }
      }
    }
    awaitTurn(me);
    me.inside = false;
  }

  private void awaitTurn(Worker me) {
    while (current != me.index) {
      if (abandoned) {
        throw new AbandonedException();
      }
      LockSupport.park(this);
    }
    if (abandoned) {
      throw new AbandonedException();
    }
  }

  private void finish(Worker me) {
    while (true) {
      while (current != me.index && !abandoned) {
        LockSupport.park(this);
      }
      synchronized (this) {
        if (current == me.index || abandoned) {
          me.state = Can.FINISHED;
          wakeWaiting();
          if (current == me.index) {
            handOver(me, "at its end");
          }
          break;
        }
      }
    }
    LockSupport.unpark(supervisor);
  }

  // Decisions. Called under the monitor by whoever has the turn, or if nobody has.

  private void wakeWaiting() {
    for (Worker worker : workers) {
      if (worker.state == Can.WAITING) {
        worker.state = Can.READY;
      }
    }
  }

  /** Lets a thread go on that can, or another one. */
  private void goOn(Worker me, String before) {
    collectUnblocked();
    List<Worker> others = inOrderAfter(me.index);
    others.removeIf(worker -> worker.state != Can.READY);
    others.remove(me);
    Worker next = decide(me, others, true);
    if (next != me) {
      tell(me, "before " + before, next);
      give(next);
    }
  }

  /** Lets another thread go on, since this one cannot. */
  private void handOver(@Nullable Worker me, String why) {
    collectUnblocked();
    List<Worker> others = inOrderAfter(me == null ? NOBODY : me.index);
    List<Worker> ready = others.stream().filter(w -> w.state == Can.READY).toList();
    Worker next = null;
    if (!ready.isEmpty()) {
      next = decide(ready.getFirst(), ready.subList(1, ready.size()), false);
    } else {
      for (Worker worker : others) {
        if (worker.state == Can.WAITING && next == null) {
          next = worker;
        }
      }
      if (next != null && idleYields++ > MOST_IDLE_YIELDS) {
        next = null;
      }
    }
    if (next == null) {
      current = NOBODY;
      LockSupport.unpark(supervisor);
    } else {
      if (me != null) {
        tell(me, why, next);
      }
      next.state = Can.READY;
      give(next);
    }
  }

  /** Chooses between a thread and others, and remembers what else could have been chosen. */
  private Worker decide(Worker first, List<Worker> others, boolean preemptive) {
    int now = step++;
    beat = step;
    if (now >= MOST_STEPS) {
      failure = new IllegalStateException("a run of more than %,d steps".formatted(MOST_STEPS));
      abandoned = true;
      throw new AbandonedException();
    }
    Integer wanted = switches.get(now);
    if (wanted != null) {
      for (Worker other : others) {
        if (other.index == wanted) {
          return other;
        }
      }
      diverged = true;
    } else if (now > lastSwitch) {
      for (Worker other : others) {
        alternatives.add(new Alternative(new Switch(now, other.index), preemptive));
      }
    }
    return first;
  }

  private void give(Worker next) {
    current = next.index;
    LockSupport.unpark(next);
  }

  private List<Worker> inOrderAfter(int index) {
    List<Worker> order = new ArrayList<>();
    for (int i = 1; i <= workers.size(); i++) {
      order.add(workers.get((index + i) % workers.size()));
    }
    return order;
  }

  private void tell(Worker from, String why, Worker to) {
    if (tells && handovers.size() < HANDOVERS_TOLD) {
      CodePlace place =
          Thread.currentThread() == from ? CodePlace.here() : CodePlace.of(from.getStackTrace());
      handovers.add(
          "%s stopped %s%s; %s went on"
              .formatted(from.getName(), why, place.isKnown() ? " at " + place : "", to.getName()));
    }
  }

  // Threads that block, and the one that watches them.

  /**
   * Waits until threads whose lock has become free have come to their next step, so that they run
   * alone up to there, or nearly so.
   */
  private void collectUnblocked() {
    for (Worker worker : workers) {
      for (int polls = 0; worker.state == Can.BLOCKED; polls++) {
        if (worker.inside) {
          worker.state = Can.READY;
        } else if (isBlocked(worker, polls)) {
          break;
        } else {
          LockSupport.parkNanos(this, POLL_NANOS / 4);
        }
      }
    }
  }

  private boolean isBlocked(Worker worker, int polls) {
    if (!worker.isAlive()) {
      return true;
    }
    ThreadInfo info = THREADS.getThreadInfo(worker.threadId());
    if (info == null) {
      return true;
    }
    boolean runs =
        switch (info.getThreadState()) {
          case NEW, RUNNABLE, TERMINATED -> true;
          case BLOCKED -> info.getLockOwnerId() < 0;
          case WAITING, TIMED_WAITING -> info.getLockOwnerId() < 0 && polls < PATIENCE;
        };
    return !runs;
  }

  /**
   * Starts the threads, and stays with them to their end. If this thread is interrupted, whoever
   * has the turn is.
   *
   * @return why they cannot go on, or null
   */
  @Nullable StuckException supervise() {
    supervisor = Thread.currentThread();
    workers.forEach(Thread::start);
    synchronized (this) {
      handOver(null, "");
    }
    StuckException stuck = null;
    int seen = -1;
    int still = 0;
    long lastProgress = System.nanoTime();
    boolean interrupted = false;
    while (!abandoned && !allFinished()) {
      LockSupport.parkNanos(this, POLL_NANOS);
      int turn = current;
      if (Thread.interrupted()) {
        interrupted = true;
        workers.get(Math.max(turn, 0)).interrupt();
      }
      long now = System.nanoTime();
      if (turn == NOBODY) {
        boolean ends = now - lastProgress > DEADLOCK_NANOS || allWaitForOneAnother();
        if (!resume() && ends && !allFinished() && failure == null) {
          stuck = new StuckException("the threads wait for one another" + stacks());
          abandoned = true;
        }
        continue;
      }
      Worker worker = workers.get(turn);
      if (worker.inside || busy.getAsBoolean() || beat != seen) {
        seen = beat;
        still = 0;
        lastProgress = now;
        continue;
      }
      if (worker.getState() == Thread.State.RUNNABLE) {
        still = 0;
        if (now - lastProgress > HANG_NANOS) {
          stuck = new StuckException(worker.getName() + " runs on without a step" + stacks());
          abandoned = true;
        }
      } else if (isBlocked(worker, ++still)) {
        block(worker, seen);
        lastProgress = now;
      }
    }
    end();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return stuck;
  }

  private synchronized void block(Worker worker, int seen) {
    if (current == worker.index && !worker.inside && beat == seen) {
      worker.state = Can.BLOCKED;
      handOver(worker, "blocked");
    }
  }

  /** Gives the turn to a thread that is no longer blocked, if nobody has it. */
  private synchronized boolean resume() {
    if (current != NOBODY || idleYields > MOST_IDLE_YIELDS) {
      return current != NOBODY;
    }
    handOver(null, "");
    return current != NOBODY;
  }

  private synchronized boolean allWaitForOneAnother() {
    if (idleYields > MOST_IDLE_YIELDS) {
      return true;
    }
    for (Worker worker : workers) {
      if (worker.state == Can.BLOCKED) {
        ThreadInfo info = THREADS.getThreadInfo(worker.threadId());
        if (info == null || info.getLockOwnerId() < 0) {
          return false;
        }
      }
    }
    return true;
  }

  private synchronized boolean allFinished() {
    return workers.stream().allMatch(worker -> worker.state == Can.FINISHED);
  }

  private String stacks() {
    StringBuilder text = new StringBuilder();
    for (Worker worker : workers) {
      StackTraceElement[] stack = worker.getStackTrace();
      if (stack.length > 0) {
        text.append("%n    %s, %s".formatted(worker.getName(), worker.getState()));
        Arrays.stream(stack)
            .filter(frame -> !frame.getClassName().startsWith(Turns.class.getName()))
            .limit(FRAMES_SHOWN)
            .forEach(frame -> text.append("%n        at %s".formatted(frame)));
      }
    }
    return text.toString();
  }

  /** Ends what is left of the threads; those in a deadlock are left to themselves. */
  private void end() {
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
    boolean interrupted = false;
    for (Worker worker : workers) {
      try {
        if (worker.getState() != Thread.State.BLOCKED) {
          worker.join(JOIN_MILLIS);
        }
        if (worker.isAlive()) {
          worker.interrupt();
          worker.join(JOIN_MILLIS / 20);
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the run: each thread stops at its next step. */
  void abandon() {
    abandoned = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  /** Threads that wait for one another, or for something that will not happen. */
  static final class StuckException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StuckException(String message) {
      super(message, null, false, false);
    }
  }

  // After the run.

  @Nullable Throwable failure() {
    return failure;
  }

  /** Whether the run was not the one that the schedule meant. */
  synchronized boolean diverged() {
    return diverged;
  }

  synchronized List<Alternative> alternatives() {
    return List.copyOf(alternatives);
  }

  synchronized List<String> handovers() {
    return List.copyOf(handovers);
  }
}
