package dev.cairn.evidence.mutants;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Mutants that follow from the code: of every call that makes something durable, or prepares it.
 * New calls become mutants by themselves.
 */
final class AutomaticMutants {
  private static final String ACCESSOR = "MediumAccessor.";

  /** What a call does, as far as the order of steps is concerned. */
  private enum Kind {
    STORE,
    FLUSH,
    FENCE,
    PERSIST,
    /** Says what will be stored; nothing happens to the medium. */
    DECLARE,
    SEAL,
    /** Volatile: lets others have what this transaction had. */
    RELEASE,
    /** A named step of a protocol. */
    STEP
  }

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry(ACCESSOR + "putWord", Kind.STORE),
          Map.entry(ACCESSOR + "putWordRelease", Kind.STORE),
          Map.entry(ACCESSOR + "putLong", Kind.STORE),
          Map.entry(ACCESSOR + "put", Kind.STORE),
          Map.entry(ACCESSOR + "copy", Kind.STORE),
          Map.entry(ACCESSOR + "fill", Kind.STORE),
          Map.entry(ACCESSOR + "flush", Kind.FLUSH),
          Map.entry(ACCESSOR + "fence", Kind.FENCE),
          Map.entry(ACCESSOR + "persist", Kind.PERSIST),
          Map.entry("LineSet.flush", Kind.FLUSH),
          Map.entry("Publisher.write", Kind.STEP),
          Map.entry("Publisher.fence", Kind.FENCE),
          Map.entry("Publisher.flushUnsettled", Kind.STEP),
          Map.entry("Publisher.voidRecords", Kind.STEP),
          Map.entry("LogRecovery.raiseEra", Kind.STEP),
          Map.entry("PublishReplay.run", Kind.STEP),
          Map.entry("UndoLog.flushWritten", Kind.FLUSH),
          Map.entry("UndoLog.closeRecord", Kind.STEP),
          Map.entry("UndoLog.flush", Kind.FLUSH),
          Map.entry("UndoLog.voidRecords", Kind.STEP),
          Map.entry("Transaction.declareWord", Kind.DECLARE),
          Map.entry("Transaction.declareRange", Kind.DECLARE),
          Map.entry("Transaction.declareUnwritten", Kind.DECLARE),
          Map.entry("Transaction.written", Kind.DECLARE),
          Map.entry("Transaction.declareAllocated", Kind.DECLARE),
          Map.entry("Transaction.declareFreed", Kind.DECLARE),
          Map.entry("Transaction.fresh", Kind.DECLARE),
          Map.entry("Allocator.free", Kind.DECLARE),
          Map.entry("Transaction.seal", Kind.SEAL),
          Map.entry("Transaction.putWord", Kind.STORE),
          Map.entry("BlockChanges.store", Kind.STEP),
          Map.entry("Transaction.constant", Kind.DECLARE),
          Map.entry("Transaction.revisable", Kind.DECLARE),
          Map.entry("BlockChanges.releaseFreed", Kind.RELEASE),
          Map.entry("BlockChanges.undo", Kind.RELEASE),
          Map.entry("Transaction.end", Kind.RELEASE),
          Map.entry("LogSpace.release", Kind.RELEASE),
          Map.entry("ChunkTable.give", Kind.RELEASE),
          Map.entry("HeapFile.writeSlot", Kind.STEP),
          Map.entry("HeapFile.markInUse", Kind.STEP),
          Map.entry("HeapFile.update", Kind.STEP),
          Map.entry("Medium.grow", Kind.STEP),
          Map.entry("Allocator.load", Kind.STEP));

  private AutomaticMutants() {}

  static List<Mutant> of(Sites sites) {
    List<Mutant> mutants = new ArrayList<>();
    Site previous = null;
    for (Site site : sites.all()) {
      Kind kind = KINDS.get(site.calls());
      if (kind == null) {
        continue;
      }
      addLeftOut(mutants, site, kind);
      // LineSet and UndoLog forget what they have flushed: twice is once.
      boolean reachesMedium = kind == Kind.FLUSH || kind == Kind.FENCE || kind == Kind.PERSIST;
      if (reachesMedium && site.calls().startsWith(ACCESSOR)) {
        mutants.add(Mutant.twice(site));
      }
      if (previous != null && isOneMethod(previous, site)) {
        addSwapped(mutants, previous, site);
      }
      previous = site;
    }
    return mutants;
  }

  private static Kind kind(Site site) {
    return Objects.requireNonNull(KINDS.get(site.calls()));
  }

  private static boolean isOneMethod(Site a, Site b) {
    return a.caller().equals(b.caller()) && a.method().equals(b.method());
  }

  private static void addLeftOut(List<Mutant> mutants, Site site, Kind kind) {
    String callee = site.callee();
    switch (kind) {
      case FLUSH -> mutants.add(Mutant.leftOut(site, 1));
      case FENCE -> mutants.add(Mutant.leftOut(site, 2));
      case PERSIST -> {
        mutants.add(Mutant.leftOut(site, 1));
        if (site.calls().startsWith(ACCESSOR)) {
          mutants.add(
              Mutant.at(
                  site,
                  Mutant.called(site) + " without its flush",
                  1,
                  call -> Mutant.invoke(call.receiver(), "fence")));
          mutants.add(
              Mutant.at(
                  site,
                  Mutant.called(site) + " without its fence",
                  2,
                  call ->
                      Mutant.invoke(
                          call.receiver(), "flush", call.longArgument(1), call.longArgument(2))));
        }
      }
      case SEAL -> mutants.add(Mutant.leftOut(site, 6));
      case DECLARE -> mutants.add(Mutant.leftOut(site, classOfDeclaration(callee)));
      case RELEASE, STEP -> mutants.add(Mutant.leftOut(site, classOfStep(site)));
      case STORE -> {
        if (callee.equals("fill")) {
          mutants.add(Mutant.leftOut(site, 16));
        }
      }
    }
  }

  private static int classOfDeclaration(String callee) {
    return switch (callee) {
      case "fresh", "constant", "revisable", "written" -> 1;
      case "free", "declareFreed" -> 13;
      case "declareAllocated" -> 14;
      default -> 6;
    };
  }

  private static int classOfStep(Site site) {
    return switch (site.callee()) {
      case "grow", "update" -> 18;
      case "load" -> 19;
      case "markInUse", "writeSlot" -> 24;
      case "closeRecord" -> 10;
      case "voidRecords" -> 20;
      case "release", "releaseFreed", "undo", "give" -> 13;
      case "end" -> 21;
      default -> 5;
    };
  }

  /**
   * Two steps in the wrong order. Left out are pairs whose order no crash and no thread can tell:
   * two stores, flushes or declarations (each word may be durable or not, alone), a declaration and
   * a store (it is told apart by the seal between them), and a store that comes before a flush of
   * something else.
   */
  private static void addSwapped(List<Mutant> mutants, Site first, Site second) {
    Kind a = kind(first);
    Kind b = kind(second);
    Set<Kind> both = Set.copyOf(List.of(a, b));
    boolean alike = a == b && a != Kind.PERSIST && a != Kind.STEP;
    boolean unordered =
        both.equals(Set.of(Kind.STORE, Kind.DECLARE))
            || (a == Kind.FLUSH && (b == Kind.STORE || b == Kind.DECLARE));
    if (!alike && !unordered) {
      mutants.add(Mutant.swapped(first, second, classOfOrder(a, b)));
    }
  }

  private static int classOfOrder(Kind a, Kind b) {
    return switch (b) {
      case FLUSH, FENCE, PERSIST -> 3;
      case STORE -> a == Kind.SEAL ? 6 : 5;
      case SEAL, DECLARE -> 6;
      case RELEASE -> 15;
      case STEP -> 7;
    };
  }
}
