package dev.cairn.collections;

import dev.cairn.collections.Catalog.CatalogEntry;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Checks a whole heap, layer by layer; goes on after a finding where the rest can be trusted. */
final class HeapVerifier {
  private final OpenHeap heap;
  private final Catalog catalog;
  private final Function<String, @Nullable Object> opened;
  private final Findings findings;
  private final ReachedBlocks reached;

  /**
   * Creates a verifier.
   *
   * @param opened the open collection of a name, or null
   */
  HeapVerifier(OpenHeap heap, Catalog catalog, Function<String, @Nullable Object> opened) {
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
    String title = entry.kind().word + " " + Catalog.quoted(name);
    Object open = opened.apply(name);
    switch (entry.kind()) {
      case MAP -> {
        String[] types = entry.types().split("\0", 2);
        Type<?> keyType = Types.builtIn(types[0]);
        Type<?> valueType = Types.builtIn(types[types.length - 1]);
        if (open instanceof PersistentHashMap<?, ?> map) {
          keyType = map.keyType();
          valueType = map.valueType();
        }
        new MapVerifier<>(heap, title, entry.offset(), keyType, valueType, reached, findings)
            .run((key, value) -> {});
      }
      case LIST -> {
        Type<?> type =
            open instanceof PersistentArrayList<?> list
                ? list.type()
                : Types.builtIn(entry.types());
        new ListVerifier(heap, title, entry.offset(), type, reached, findings).run();
      }
      case SET -> {
        Type<?> type =
            open instanceof PersistentHashSet<?> set ? set.type() : Types.builtIn(entry.types());
        PresentType present = PresentType.INSTANCE;
        new MapVerifier<>(heap, title, entry.offset(), type, present, reached, findings)
            .run((element, value) -> {});
      }
      case LONG -> LongVerifier.run(heap, title, entry.offset(), reached, findings);
    }
  }
}
