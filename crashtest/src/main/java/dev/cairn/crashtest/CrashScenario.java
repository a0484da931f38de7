package dev.cairn.crashtest;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Operations of one to three threads on something persistent, and how to tell whether a crash left
 * it right: {@link CrashExplorer#explore(CrashScenario)} runs it.
 *
 * <p>The check after each crash is <em>durable linearizability</em>: the recovered state equals the
 * one that a sequential model reaches by all acknowledged operations, with the results that they
 * returned and in an order that respects real time, and by any of those that were under way, at
 * most one a thread, whole or not at all. What the state is, {@link #withState} says; the model is
 * a second subject that never crashes, or one of {@link #withModel}. Without a state, only {@link
 * #withVerify} judges, and no operation may throw.
 *
 * {@snippet file="dev/cairn/crashtest/ReadmeExampleTest.java" region="scenario"}
 *
 * <p>Creation, operations and recovery do the same in each run: they take no decision from the
 * clock, from unseeded random numbers or from the order of hash codes. Operations may block on
 * locks and monitors; they start no threads that use the medium.
 *
 * <p>Immutable and safe for use by many threads.
 *
 * @param <S> what the operations work on
 */
public final class CrashScenario<S> {
  private static final int MOST_THREADS = 3;

  /**
   * Makes a subject on a medium.
   *
   * @param <S> the subject
   */
  @FunctionalInterface
  public interface Opener<S> {
    /**
     * Creates or recovers.
     *
     * @param medium all zero, or what a crash left
     * @return the subject
     * @throws Exception if it cannot be done
     */
    S open(SimulatedMedium medium) throws Exception;
  }

  /**
   * Looks at a subject.
   *
   * @param <S> the subject
   */
  @FunctionalInterface
  public interface Verifier<S> {
    /**
     * Checks the invariants of a subject.
     *
     * @param subject recovered from a crash; may be changed, which is not part of recovery
     * @throws Exception if something is wrong; any throwable is a failure
     */
    void verify(S subject) throws Exception;
  }

  final Opener<S> create;
  final Opener<S> recover;
  final @Nullable Function<S, Object> state;
  final @Nullable Callable<S> model;
  final Verifier<S> verify;
  final @Nullable Function<S, WordNames> names;
  final @Nullable Class<? extends Throwable> refusal;
  final List<NamedOperation<S>> preparation;
  final List<List<NamedOperation<S>>> threads;

  private CrashScenario(
      Opener<S> create,
      Opener<S> recover,
      @Nullable Function<S, Object> state,
      @Nullable Callable<S> model,
      Verifier<S> verify,
      @Nullable Function<S, WordNames> names,
      @Nullable Class<? extends Throwable> refusal,
      List<NamedOperation<S>> preparation,
      List<List<NamedOperation<S>>> threads) {
    this.create = Objects.requireNonNull(create);
    this.recover = Objects.requireNonNull(recover);
    this.state = state;
    this.model = model;
    this.verify = verify;
    this.names = names;
    this.refusal = refusal;
    this.preparation = List.copyOf(preparation);
    this.threads = threads.stream().map(List::copyOf).toList();
  }

  /**
   * Begins a scenario.
   *
   * @param <S> what the operations work on
   * @param create makes a new subject on a medium of zeros, before anything is explored
   * @param recover opens what a crash left; whatever it stores is recovery, and is crashed too
   * @return a scenario without operations
   */
  public static <S> CrashScenario<S> of(Opener<S> create, Opener<S> recover) {
    return new CrashScenario<>(
        create, recover, null, null, subject -> {}, null, null, List.of(), List.of());
  }

  /**
   * Says what must survive.
   *
   * @param newState copies the content of a subject or model, which it does not change, into a
   *     value with {@code equals} and {@code hashCode}; not null
   * @return the changed scenario
   */
  public CrashScenario<S> withState(Function<S, Object> newState) {
    Objects.requireNonNull(newState);
    return new CrashScenario<>(
        create, recover, newState, model, verify, names, refusal, preparation, threads);
  }

  /**
   * Says what the operations do where nothing crashes. By default, that is found out on a subject
   * that is created on a medium of its own.
   *
   * @param newModel makes a new model, equal to a newly created subject
   * @return the changed scenario
   */
  public CrashScenario<S> withModel(Callable<S> newModel) {
    Objects.requireNonNull(newModel);
    return new CrashScenario<>(
        create, recover, state, newModel, verify, names, refusal, preparation, threads);
  }

  /**
   * Adds a look at each recovered subject, before its state is compared.
   *
   * @param newVerify throws if an invariant is broken
   * @return the changed scenario
   */
  public CrashScenario<S> withVerify(Verifier<S> newVerify) {
    Objects.requireNonNull(newVerify);
    return new CrashScenario<>(
        create, recover, state, model, newVerify, names, refusal, preparation, threads);
  }

  /**
   * Says how reports call words.
   *
   * @param newNames translates offsets, for a subject that was recovered from everything stored; if
   *     it fails, words are shown without names
   * @return the changed scenario
   */
  public CrashScenario<S> withWordNames(Function<S, WordNames> newNames) {
    Objects.requireNonNull(newNames);
    return new CrashScenario<>(
        create, recover, state, model, verify, newNames, refusal, preparation, threads);
  }

  /**
   * Allows operations to be refused: one that throws this has done nothing, whatever the model
   * says. For conflicts of transactions, which depend on the interleaving.
   *
   * @param newRefusal the class, or a superclass, of what is thrown
   * @return the changed scenario
   */
  public CrashScenario<S> withRefusal(Class<? extends Throwable> newRefusal) {
    Objects.requireNonNull(newRefusal);
    return new CrashScenario<>(
        create, recover, state, model, verify, names, newRefusal, preparation, threads);
  }

  /**
   * Adds operations that run before anything is explored.
   *
   * @param operations in their order
   * @return the changed scenario
   */
  @SafeVarargs
  public final CrashScenario<S> prepare(Operation<S>... operations) {
    List<NamedOperation<S>> longer = new ArrayList<>(preparation);
    for (Operation<S> operation : operations) {
      longer.add(NamedOperation.of(operation, "preparation " + (longer.size() + 1)));
    }
    return with(longer, threads);
  }

  /**
   * Adds a thread, of at most three.
   *
   * @param operations that it runs, in their order; at least one
   * @return the changed scenario
   */
  @SafeVarargs
  public final CrashScenario<S> thread(Operation<S>... operations) {
    List<Operation<S>> list = new ArrayList<>();
    for (Operation<S> operation : operations) {
      list.add(operation);
    }
    return thread(list);
  }

  /**
   * Adds a thread, of at most three.
   *
   * @param operations that it runs, in their order; at least one
   * @return the changed scenario
   */
  public CrashScenario<S> thread(List<Operation<S>> operations) {
    if (threads.size() == MOST_THREADS || operations.isEmpty()) {
      throw new IllegalArgumentException(
          "thread %d of %d operations: expected at most %d threads, and an operation"
              .formatted(threads.size() + 1, operations.size(), MOST_THREADS));
    }
    List<NamedOperation<S>> named = new ArrayList<>();
    for (Operation<S> operation : operations) {
      named.add(NamedOperation.of(operation, "operation " + (named.size() + 1)));
    }
    List<List<NamedOperation<S>>> longer = new ArrayList<>(threads);
    longer.add(named);
    return with(preparation, longer);
  }

  private CrashScenario<S> with(
      List<NamedOperation<S>> newPreparation, List<List<NamedOperation<S>>> newThreads) {
    return new CrashScenario<>(
        create, recover, state, model, verify, names, refusal, newPreparation, newThreads);
  }

  // Operations are numbered: those of the preparation first, then those of each thread.

  int operationCount() {
    return preparation.size() + threads.stream().mapToInt(List::size).sum();
  }

  /** Returns the scenario with some of its operations; threads may be left with none. */
  CrashScenario<S> keeping(BitSet operations) {
    int next = 0;
    List<NamedOperation<S>> fewerPreparation = new ArrayList<>();
    for (NamedOperation<S> operation : preparation) {
      if (operations.get(next++)) {
        fewerPreparation.add(operation);
      }
    }
    List<List<NamedOperation<S>>> fewer = new ArrayList<>();
    for (List<NamedOperation<S>> thread : threads) {
      List<NamedOperation<S>> some = new ArrayList<>();
      for (NamedOperation<S> operation : thread) {
        if (operations.get(next++)) {
          some.add(operation);
        }
      }
      fewer.add(some);
    }
    return with(fewerPreparation, fewer);
  }

  boolean refuses(@Nullable Throwable thrown) {
    return refusal != null && refusal.isInstance(thrown);
  }
}
