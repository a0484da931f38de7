package dev.cairn.collections;

import dev.cairn.collections.Catalog.CatalogEntry;
import dev.cairn.tx.spi.Transaction;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The collections of a heap by name: finds them in the catalog, opens each once, makes new ones.
 */
final class NamedCollections {
  private final OpenHeap heap;
  private final Catalog catalog;

  /** Collections in use, by name; added to under its monitor, and never removed. */
  private final Map<String, Opened<?>> opened = new ConcurrentHashMap<>();

  private record Opened<C>(CollectionKind<C> kind, C collection) {
    void lockAll(Transaction transaction) {
      kind.lockAll(collection, transaction);
    }
  }

  NamedCollections(OpenHeap heap, Catalog catalog) {
    this.heap = heap;
    this.catalog = catalog;
  }

  /** Finds the collection of a name, or makes one; the same name gives the same object. */
  <C> C open(String name, CollectionKind<C> kind) {
    return open(name, kind, Catalog.seed(heap, name));
  }

  /**
   * Finds the collection of a name, or makes one.
   *
   * @param seed what a new one hashes by
   * @throws IllegalArgumentException if the name is of another kind, or has other types
   * @throws IllegalStateException if there is none, and the thread is in a transaction
   */
  <C> C open(String name, CollectionKind<C> kind, long seed) {
    Objects.requireNonNull(name);
    heap.file().checkUsable();
    // One that is open needs no look at the catalog, which would lock it inside a transaction.
    Opened<?> known = opened.get(name);
    if (known == null) {
      synchronized (opened) {
        known = opened.get(name);
        if (known == null) {
          CatalogEntry entry = catalog.find(name);
          if (entry == null) {
            entry = make(name, kind, seed);
          }
          checkKind(name, entry.kind(), kind);
          known = new Opened<>(kind, kind.open(heap, entry.offset()));
          opened.put(name, known);
        }
      }
    }
    checkKind(name, known.kind(), kind);
    checkClasses(name, known.kind(), kind);
    @SuppressWarnings("unchecked") // kind and types are the same, class and all
    C collection = (C) known.collection();
    return collection;
  }

  private void checkKind(String name, CollectionKind<?> found, CollectionKind<?> asked) {
    if (!found.isStoredAs(asked)) {
      throw new IllegalArgumentException(
          "%s: %s is a %s, and cannot be opened as a %s"
              .formatted(heap.file().name(), Catalog.quoted(name), found, asked));
    }
  }

  private void checkClasses(String name, CollectionKind<?> open, CollectionKind<?> asked) {
    if (!open.hasTypesOf(asked)) {
      throw new IllegalArgumentException(
          "%s: %s is open with %s, and cannot be opened with %s at the same time"
              .formatted(
                  heap.file().name(), Catalog.quoted(name), open.classes(), asked.classes()));
    }
  }

  private CatalogEntry make(String name, CollectionKind<?> kind, long seed) {
    boolean inTransaction = heap.transactions().current() != null;
    Transaction transaction = heap.transactions().enter();
    CatalogEntry entry;
    try {
      catalog.checkOnce();
      if (inTransaction) {
        throw new IllegalStateException(
            "%s: no collection %s yet, and a transaction cannot make one: open it before"
                .formatted(heap.file().name(), Catalog.quoted(name)));
      }
      entry = new CatalogEntry(kind, kind.create(heap, transaction, seed));
      catalog.add(name, entry);
    } catch (Throwable t) {
      throw new Guard(heap, "catalog", 0).fail(transaction, t);
    }
    transaction.exit();
    return entry;
  }

  Set<String> names() {
    return catalog.names();
  }

  int size() {
    return catalog.size();
  }

  /** Verifies the heap, with all open collections locked by a transaction. */
  void verify(Transaction transaction) {
    while (!verifyLocked(lockOpened(transaction))) {
      // A collection was opened meanwhile: it has to be locked too.
    }
  }

  /** Locks the collections that are open; returns how many they are. */
  private int lockOpened(Transaction transaction) {
    List<Opened<?>> collections = List.copyOf(opened.values());
    for (Opened<?> open : collections) {
      open.lockAll(transaction);
    }
    return collections.size();
  }

  /**
   * Verifies while no collection can be opened, unless more are open than were locked. Who opens
   * one in a transaction may hold data locks, so these come before the monitor.
   */
  private boolean verifyLocked(int locked) {
    synchronized (opened) {
      if (opened.size() != locked) {
        return false;
      }
      new HeapVerifier(heap, catalog, this::openedAs).run();
      return true;
    }
  }

  private @Nullable CollectionKind<?> openedAs(String name) {
    Opened<?> open = opened.get(name);
    return open == null ? null : open.kind();
  }
}
