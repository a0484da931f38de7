package dev.cairn.tx.spi;

import dev.cairn.heap.spi.MediumAccessor;
import java.util.Arrays;

/**
 * What a transaction changes, as the marks see it that order its records after older ones: see
 * section 6.4 of {@code docs/design.md}. Reused by one lane; hot path.
 */
final class ChangedStripes {
  private StripeMark[] marks = new StripeMark[8];
  private int count;

  /** The marks before this index are stored: the undo log took over. */
  private int storedCount;

  private boolean hasUnmarked;

  /** Adds what a lock guards; free if it is there. */
  void add(VersionedLock lock, MediumAccessor accessor) {
    StripeMark mark = lock.mark();
    if (mark == null) {
      hasUnmarked = true;
    } else if (!mark.isChanging) {
      mark.sequence(accessor); // checked before anything is changed
      mark.isChanging = true;
      if (count == marks.length) {
        marks = Arrays.copyOf(marks, 2 * count);
      }
      marks[count++] = mark;
    }
  }

  /** How many marks there are. */
  int count() {
    return count;
  }

  /** Whether something is changed that no mark speaks of. */
  boolean hasUnmarked() {
    return hasUnmarked;
  }

  boolean isEmpty() {
    return count == 0 && !hasUnmarked;
  }

  /** The greatest sequence of the stripes' last records. */
  long lastSequence(MediumAccessor accessor) {
    long last = 0;
    for (int i = 0; i < count; i++) {
      last = Math.max(last, marks[i].sequence(accessor));
    }
    return last;
  }

  /**
   * Adds what the stripes' last records have stored in place and nobody has made durable yet, but
   * for what the own publisher's next fence makes so: behind it those records are not needed.
   */
  void addUnsettled(Publisher own, LineSet target) {
    for (int i = storedCount; i < count; i++) {
      marks[i].addUnsettled(own, target);
    }
  }

  /** Adds an entry for each mark: what it is when the record has been replayed. */
  void addTo(Publisher publisher, MediumAccessor accessor) {
    for (int i = 0; i < count; i++) {
      publisher.add(PublishFormat.MARK, marks[i].offset(), marks[i].sequence(accessor));
    }
  }

  /**
   * Stores the marks that are not stored yet, when an undo log takes over; adds where. The stripes'
   * last records are durable in place.
   */
  void storeForLog(MediumAccessor accessor, LineSet target) {
    for (; storedCount < count; storedCount++) {
      StripeMark mark = marks[storedCount];
      mark.settle();
      if (mark.store(accessor)) {
        target.add(mark.offset(), Long.BYTES);
      }
    }
  }

  /** Stores all marks, behind the fence of a record; adds where. */
  void store(MediumAccessor accessor, LineSet target) {
    for (int i = 0; i < count; i++) {
      if (marks[i].store(accessor)) {
        target.add(marks[i].offset(), Long.BYTES);
      }
    }
  }

  /** Says that a publisher's newest record is the last one of the stripes. */
  void published(Publisher publisher) {
    for (int i = 0; i < count; i++) {
      marks[i].published(publisher);
    }
  }

  /** Tells who observes the medium that marks are changed under a record. */
  void announce(MediumAccessor accessor) {
    for (int i = 0; i < count; i++) {
      accessor.published(marks[i].offset(), Long.BYTES);
    }
  }

  /** Adds where marks were stored for the log. */
  void addStored(LineSet target) {
    for (int i = 0; i < storedCount; i++) {
      if (marks[i].isStored) {
        target.add(marks[i].offset(), Long.BYTES);
      }
    }
  }

  /** Forgets all, when the transaction has ended. */
  void clear() {
    for (int i = 0; i < count; i++) {
      marks[i].isChanging = false;
      marks[i].isStored = false;
    }
    Arrays.fill(marks, 0, count, null);
    count = 0;
    storedCount = 0;
    hasUnmarked = false;
  }
}
