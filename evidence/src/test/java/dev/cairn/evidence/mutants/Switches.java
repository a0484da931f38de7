package dev.cairn.evidence.mutants;

import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which calls of the instrumented code are changed now. One mutant is active at a time; its run may
 * use several threads.
 */
public final class Switches {
  /** Whether a site's call is changed. Read by instrumented code before each call. */
  @SuppressWarnings("MutablePublicArray") // read by code that cannot call anything here
  public static final boolean[] ON = new boolean[1 << 14];

  /** More than any scenario needs that comes to its end. */
  private static final long MOST_HITS = 5_000_000;

  private static volatile Map<Integer, Interceptor> active = Map.of();
  private static volatile boolean abandoned;

  /**
   * What mutants remember between two calls, for one thread in one life of a heap. The recovery of
   * an image runs in the middle of the workload, in the same thread, and must not disturb it.
   */
  private static final ThreadLocal<Map<Object, Object>> MEMORY =
      ThreadLocal.withInitial(HashMap::new);

  private static final AtomicLong HITS = new AtomicLong();
  private static final AtomicLong IMAGES = new AtomicLong();

  private Switches() {}

  /** What a mutant does instead of a call. */
  @FunctionalInterface
  interface Interceptor {
    Object instead(Call call) throws Throwable;
  }

  /** Thrown where the machinery of the mutants is wrong: never counts as a mutant caught. */
  static final class MachineryError extends Error {
    private static final long serialVersionUID = 1L;

    MachineryError(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Thrown at the next changed call of a run that took too long. */
  static final class AbandonedError extends Error {
    private static final long serialVersionUID = 1L;

    AbandonedError() {
      super("does not end");
    }
  }

  /** A call that was about to happen. */
  static final class Call {
    private final MethodHandle target;
    final List<Object> arguments;

    private Call(MethodHandle target, List<Object> arguments) {
      this.target = target;
      this.arguments = arguments;
    }

    /** The object whose method is called. */
    Object receiver() {
      return arguments.getFirst();
    }

    long longArgument(int index) {
      return (long) arguments.get(index);
    }

    /** Makes the call. */
    Object proceed() throws Throwable {
      return target.invokeWithArguments(arguments);
    }

    /** Makes the call with one other argument. */
    Object with(int index, Object argument) throws Throwable {
      Object[] changed = arguments.toArray();
      changed[index] = argument;
      return target.invokeWithArguments(changed);
    }

    /** Makes the call with other arguments. */
    Object withAll(List<Object> changed) throws Throwable {
      return target.invokeWithArguments(changed);
    }

    /** What a call that is left out returns. */
    @SuppressWarnings("NullAway") // nobody looks at it if it is no number
    Object nothing() {
      Class<?> result = target.type().returnType();
      if (result == boolean.class) {
        return false;
      }
      if (result == int.class) {
        return 0;
      }
      return result == long.class ? 0L : null;
    }
  }

  /** Makes a mutant the active one. */
  static void activate(Map<Integer, Interceptor> interceptors) {
    deactivate();
    abandoned = false;
    HITS.set(0);
    IMAGES.set(0);
    active = interceptors;
    interceptors.keySet().forEach(site -> ON[site] = true);
  }

  /** Lets all code be as it is. */
  static void deactivate() {
    active.keySet().forEach(site -> ON[site] = false);
    active = Map.of();
  }

  /** Switches one call back, while a run goes on. */
  static void release(int site) {
    ON[site] = false;
  }

  /** Ends what still runs, at its next changed call. */
  static void abandon() {
    abandoned = true;
  }

  static long hits() {
    return HITS.get();
  }

  /** The memory of the calling thread, in the life of the heap that it works on. */
  static Map<Object, Object> memory() {
    return MEMORY.get();
  }

  /**
   * Runs the recovery and the check of an image: another life of the heap.
   *
   * @param check what to run
   * @throws Exception what it throws
   */
  public static void inAnotherLife(Scenario.Body check) throws Exception {
    Map<Object, Object> interrupted = MEMORY.get();
    MEMORY.remove();
    try {
      check.run();
    } finally {
      MEMORY.set(interrupted);
    }
  }

  /** Counts a crash image that a scenario looks at. */
  public static void countImage() {
    IMAGES.incrementAndGet();
  }

  static long images() {
    return IMAGES.get();
  }

  /**
   * Called by instrumented code instead of a call that is changed.
   *
   * @param site which
   * @param target the method that would have been called
   * @param arguments the receiver, if there is one, and the arguments
   * @return what the call shall return
   * @throws Throwable what the call throws
   */
  public static Object call(int site, MethodHandle target, Object[] arguments) throws Throwable {
    if (abandoned) {
      throw new AbandonedError();
    }
    Interceptor interceptor = active.get(site);
    Call call = new Call(target, java.util.Arrays.asList(arguments));
    if (interceptor == null) {
      return call.proceed(); // switched off meanwhile
    }
    if (HITS.incrementAndGet() > MOST_HITS) {
      throw new AbandonedError();
    }
    try {
      return interceptor.instead(call);
    } catch (ClassCastException | ReflectiveOperationException e) {
      throw new MachineryError("at site " + site + ", " + Objects.toString(target), e);
    }
  }
}
