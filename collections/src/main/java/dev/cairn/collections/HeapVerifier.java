package dev.cairn.collections;

import dev.cairn.collections.Catalog.CatalogEntry;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Checks a whole heap, layer by layer; goes on after a finding where the rest can be trusted. */
final class HeapVerifier {
  private final OpenHeap heap;
  private final Catalog catalog;
  private final Function<String, @Nullable CollectionKind<?>> opened;
  private final Findings findings;
  private final ReachedBlocks reached;

  /**
   * Creates a verifier.
   *
   * @param opened the kind that the collection of a name is open as, which knows its types; or null
   */
  HeapVerifier(
      OpenHeap heap, Catalog catalog, Function<String, @Nullable CollectionKind<?>> opened) {
    this.heap = heap;
    this.catalog = catalog;
    this.opened = opened;
    this.findings = new Findings(heap);
    this.reached = new ReachedBlocks(heap);
  }

  /** Checks the heap, whose collections are locked, and none can be opened. */
  void run() {
    heap.file().verify(findings::add);
    heap.transactions().verify(findings::add);
    boolean allocatorIsSound = heap.allocator().verify(findings::add);
    int before = findings.size();
    catalog.verify(reached, findings).forEach(this::verify);
    if (!allocatorIsSound) {
      findings.throwIfAny();
    }
    if (findings.size() == before) {
      reached.compareWithAllocated(findings);
    } else {
      reached.checkAllocated(findings); // what was not reached has not leaked: the walk was cut
    }
    findings.throwIfAny();
  }

  private void verify(String name, CatalogEntry entry) {
    CollectionKind<?> kind = opened.apply(name);
    if (kind == null) {
      kind = entry.kind();
    }
    kind.verify(heap, kind.title(name), entry.offset(), reached, findings);
  }
}
