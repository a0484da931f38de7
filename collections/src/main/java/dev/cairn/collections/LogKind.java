package dev.cairn.collections;

import static java.util.Objects.requireNonNull;

import dev.cairn.tx.spi.Transaction;
import org.jspecify.annotations.Nullable;

/** Logs. */
final class LogKind<E> extends CollectionKind<PersistentLog<E>> {
  static final int CODE = 18;

  private final @Nullable Type<E> type;

  LogKind(String signature, @Nullable Type<E> type) {
    super(CODE, "log", signature, type);
    this.type = type;
  }

  LogKind(Type<E> type) {
    this(type.signature(), type);
  }

  @Override
  long create(OpenHeap heap, Transaction transaction, long seed) {
    return LogRecords.create(heap, transaction);
  }

  @Override
  PersistentLog<E> open(OpenHeap heap, long offset) {
    return PersistentLog.open(heap, requireNonNull(type), offset);
  }

  @Override
  void lockAll(PersistentLog<E> log, Transaction transaction) {
    log.lockAll(transaction);
  }

  @Override
  void verify(OpenHeap heap, String title, long offset, ReachedBlocks reached, Findings findings) {
    new LogVerifier(heap, title, offset, type, reached, findings).run();
  }

  @Override
  @Nullable String describe(BlockSearch search, String title, long offset) {
    return new LogDescriber(search, title, offset).describe();
  }
}
