package dev.cairn.collections;

import dev.cairn.tx.TransactionConflictException;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;
import java.util.Spliterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A deque as a queue that waits, at its end while it is full, at its front while it is empty. */
final class DequeBlockingQueue<E> extends AbstractQueue<E> implements BlockingQueue<E> {
  private final PersistentDeque<E> deque;
  private final long capacity;

  DequeBlockingQueue(PersistentDeque<E> deque, long capacity) {
    this.deque = deque;
    this.capacity = capacity;
  }

  @Override
  public boolean offer(E element) {
    return deque.offerLast(element, capacity);
  }

  @Override
  public boolean offer(E element, long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(element);
    long deadline = System.nanoTime() + Math.max(0, unit.toNanos(timeout));
    while (deque.awaitCount(0, capacity - 1, deadline - System.nanoTime())) {
      try {
        if (offer(element)) {
          return true;
        }
      } catch (TransactionConflictException conflict) {
        deque.checkMayWait(conflict);
      }
    }
    return false;
  }

  @Override
  public void put(E element) throws InterruptedException {
    while (!offer(element, Integer.MAX_VALUE, TimeUnit.SECONDS)) {
      // That was 68 years; once more.
    }
  }

  @Override
  public @Nullable E poll() {
    return deque.pollFirst();
  }

  @Override
  public @Nullable E poll(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = System.nanoTime() + Math.max(0, unit.toNanos(timeout));
    while (deque.awaitCount(1, Long.MAX_VALUE, deadline - System.nanoTime())) {
      try {
        E element = deque.pollFirst();
        if (element != null) {
          return element;
        }
      } catch (TransactionConflictException conflict) {
        deque.checkMayWait(conflict);
      }
    }
    return null;
  }

  @Override
  public E take() throws InterruptedException {
    E element = null;
    while (element == null) {
      element = poll(Integer.MAX_VALUE, TimeUnit.SECONDS);
    }
    return element;
  }

  @Override
  public @Nullable E peek() {
    return deque.peekFirst();
  }

  @Override
  public int size() {
    return deque.size();
  }

  @Override
  public int remainingCapacity() {
    return Math.clamp(capacity - deque.elementCount(), 0, Integer.MAX_VALUE);
  }

  @Override
  public int drainTo(Collection<? super E> target) {
    return drainTo(target, Integer.MAX_VALUE);
  }

  /** In one transaction: if the target fails, nothing is taken. */
  @Override
  public int drainTo(Collection<? super E> target, int most) {
    Objects.requireNonNull(target);
    boolean isOwn =
        target == deque || (target instanceof DequeBlockingQueue<?> view && view.deque == deque);
    if (isOwn) {
      throw new IllegalArgumentException("a queue cannot be drained to itself");
    }
    return deque.drain(target, most);
  }

  @Override
  public Iterator<E> iterator() {
    return deque.iterator();
  }

  @Override
  public Spliterator<E> spliterator() {
    return deque.spliterator();
  }

  @Override
  public boolean contains(@Nullable Object object) {
    return deque.contains(object);
  }

  @Override
  public boolean remove(@Nullable Object object) {
    return deque.remove(object);
  }

  @Override
  public void clear() {
    deque.clear();
  }
}
