package dev.cairn.crashtest.kill;

import dev.cairn.crashtest.kill.KillMoment.AtEvent;
import dev.cairn.crashtest.kill.KillMoment.Place;
import dev.cairn.heap.HeapOptions;
import dev.cairn.heap.Medium;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The child's side of a {@link KillHarness}: stops the program at the flush or fence where it is to
 * be killed.
 *
 * {@snippet :
 * HeapOptions options = KillPoint.arm(HeapOptions.defaults());
 * try (PersistentHeap heap = PersistentHeap.openOrCreate(path, options)) {
 *   // work until the kill comes
 * }
 * }
 *
 * <p>The harness says by system properties which event it is. The thread that comes to it tells the
 * harness, by a line on standard output that the harness keeps to itself, and waits there for its
 * death; every other thread stops at its next flush, fence or growth. In a JVM that no harness
 * started, {@link #arm} changes nothing.
 *
 * <p>The kernel keeps what a killed process has stored, flushed or not. So this decides between
 * which two stores the program dies, not which of them are lost: before and after a fence differ
 * only in what the fence itself does on the medium.
 */
public final class KillPoint {
  private static final String CHILD_PROPERTY = "cairn.crashtest.child";
  private static final String PLACE_PROPERTY = "cairn.crashtest.killPlace";
  private static final String COUNT_PROPERTY = "cairn.crashtest.killCount";

  /** What the child says when it waits for its death. */
  static final String HELD = "cairn.crashtest: held at the kill point";

  private static final int ORPHANED = 3;

  private static final @Nullable KillPoint POINT = ofProperties();

  private final AtEvent moment;
  private final AtomicLong count = new AtomicLong();
  private volatile boolean held;

  private KillPoint(AtEvent moment) {
    this.moment = moment;
  }

  /**
   * Makes heaps that are created and opened with these options stop where the harness wants to kill
   * them. Also sees to it that the program ends when the harness does: it reads standard input, and
   * halts the JVM at its end.
   *
   * @param options how the heap is to be opened
   * @return the same with a medium decorator; unchanged in a JVM that no harness started
   */
  public static HeapOptions arm(HeapOptions options) {
    OrphanWatch.start();
    KillPoint point = POINT;
    if (point == null) {
      return options;
    }
    UnaryOperator<Medium> before = options.mediumDecorator();
    return options.withMediumDecorator(medium -> new KillPointMedium(before.apply(medium), point));
  }

  /** Returns the options of a JVM that is to be killed at a moment. */
  static List<String> jvmOptions(KillMoment moment) {
    String child = "-D" + CHILD_PROPERTY + "=true";
    return moment instanceof AtEvent event
        ? List.of(
            child,
            "-D" + PLACE_PROPERTY + '=' + event.place(),
            "-D" + COUNT_PROPERTY + '=' + event.count())
        : List.of(child);
  }

  private static @Nullable KillPoint ofProperties() {
    return Optional.ofNullable(System.getProperty(PLACE_PROPERTY))
        .map(place -> new AtEvent(Place.valueOf(place), Long.getLong(COUNT_PROPERTY, 1)))
        .map(KillPoint::new)
        .orElse(null);
  }

  /** Called by every thread that comes to some place: does not return if it is to die here. */
  void reached(Place place) {
    if (place == moment.place() && count.incrementAndGet() == moment.count()) {
      held = true;
      tellHarness();
    }
    holdIfOthersAre();
  }

  /** Does not return if the program is to die. */
  void holdIfOthersAre() {
    while (held) {
      LockSupport.park(this);
    }
  }

  /** One write, which a pipe takes whole; a line of its own, even if another was begun. */
  private static void tellHarness() {
    try {
      @SuppressWarnings("resource") // not ours to close
      FileOutputStream out = new FileOutputStream(FileDescriptor.out);
      out.write(('\n' + HELD + '\n').getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      Runtime.getRuntime().halt(ORPHANED); // Nobody listens, so nobody will kill.
    }
  }

  /** Ends this JVM when the one that started it is gone. */
  private static final class OrphanWatch {
    private static boolean started;

    static synchronized void start() {
      if (started || !Boolean.getBoolean(CHILD_PROPERTY)) {
        return;
      }
      started = true;
      Thread.ofPlatform().daemon().name("orphan-watch").start(OrphanWatch::watch);
    }

    private static void watch() {
      try {
        while (System.in.read() >= 0) {
          // The harness says nothing.
        }
      } catch (IOException e) {
        // Its end, too.
      }
      Runtime.getRuntime().halt(ORPHANED);
    }
  }
}
