package dev.cairn.evidence.mutants;

import static dev.cairn.evidence.mutants.Mutant.at;
import static dev.cairn.evidence.mutants.Mutant.field;
import static dev.cairn.evidence.mutants.Mutant.invoke;
import static dev.cairn.evidence.mutants.Mutant.swapped;

import dev.cairn.evidence.mutants.Switches.Call;
import dev.cairn.evidence.mutants.Switches.Interceptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** The table of mutants: those that follow from the code, and those that were thought of. */
final class Mutants {
  private static final int LINE = 64;

  private final Sites sites;
  private final List<Mutant> mutants = new ArrayList<>();

  private Mutants(Sites sites) {
    this.sites = sites;
  }

  static List<Mutant> of(Sites sites) {
    Mutants table = new Mutants(sites);
    table.mutants.addAll(AutomaticMutants.of(sites));
    table.addRanges();
    table.addChecksums();
    table.addTransactions();
    table.addRecovery();
    table.addPublishing();
    table.addPublishRecords();
    table.addReplay();
    table.addReplayChecks();
    table.addLogs();
    table.addHeap();
    table.addAllocator();
    table.addCollections();
    table.addCosts();
    return table.mutants;
  }

  private void add(Mutant mutant) {
    mutants.add(mutant);
  }

  private void add(Site site, String what, int bugClass, Interceptor interceptor) {
    add(at(site, what, bugClass, interceptor));
  }

  /** A mutant that changes several calls in the same way. */
  private void addAll(
      Collection<Site> changed, String where, String what, int bugClass, Interceptor interceptor) {
    Map<Integer, Interceptor> changes = new HashMap<>();
    changed.forEach(site -> changes.put(site.id(), interceptor));
    addStateful(changed.iterator().next(), where, what, bugClass, () -> changes);
  }

  private void addStateful(
      Site site,
      String where,
      String what,
      int bugClass,
      Supplier<Map<Integer, Interceptor>> changes) {
    add(new Mutant(where, what, bugClass, Mutant.areaOf(site), changes));
  }

  /** Flushes that leave out the first or the last line of their range. */
  private void addRanges() {
    List<Site> ranges =
        List.of(
            sites.one("LineSet.flush", "flush"),
            sites.one("UndoLog.flushWritten", "flush"),
            sites.one("HeapFile.writeSlot", "persist"),
            sites.one("HeapFile.repairSlot", "flush"),
            sites.one("HeapFile.create", "flush"),
            sites.one("Allocator.writeRun", "persist"));
    for (Site range : ranges) {
      add(range, Mutant.called(range) + " without the first line", 4, Mutants::withoutFirstLine);
      add(range, Mutant.called(range) + " without the last line", 4, Mutants::withoutLastLine);
    }
  }

  private static Object withoutFirstLine(Call call) throws Throwable {
    long offset = call.longArgument(1);
    long end = offset + call.longArgument(2);
    return flush(call, (offset & -LINE) + LINE, end);
  }

  private static Object withoutLastLine(Call call) throws Throwable {
    long offset = call.longArgument(1);
    long end = offset + call.longArgument(2);
    return flush(call, offset, (end - 1) & -LINE);
  }

  private static Object flush(Call call, long offset, long end) throws Throwable {
    List<Object> changed = new ArrayList<>(call.arguments);
    changed.set(1, offset);
    changed.set(2, Math.max(0, end - offset));
    return call.withAll(changed);
  }

  private void addChecksums() {
    Site written = sites.one("UndoLog.closeRecord", "mix");
    Site writtenEntry = sites.one("UndoLog.put", "mix");
    Site readEntry = sites.one("LogRollback.isValid", "mix");
    Site read = sites.one("LogRollback.isValid", "mix", 2);
    List<Site> seeds = sites.calling("LogFormat.seed");
    addAll(List.of(written, read), "LogFormat", "the checksum is a constant", 10, call -> 42L);
    addAll(
        List.of(writtenEntry, readEntry),
        "LogFormat",
        "the checksum does not cover entries",
        10,
        call -> call.arguments.getFirst());
    addAll(
        List.of(written, read),
        "LogFormat",
        "the checksum does not cover length and sequence",
        10,
        call -> call.arguments.getFirst());
    addAll(seeds, "LogFormat", "the checksum does not cover the lane", 8, call -> call.with(0, 0));
    addAll(
        seeds,
        "LogFormat",
        "the checksum does not cover the generation",
        8,
        call -> call.with(1, 1L));
    addAll(seeds, "LogFormat", "the checksum does not cover the era", 8, call -> call.with(2, 1L));
    add(
        sites.one("LogRollback.collect", "isValid"),
        "any sequence is believed",
        10,
        call -> {
          long word =
              (long)
                  invoke(field(call.receiver(), "accessor"), "getWord", call.longArgument(1) + 8);
          return call.with(3, (int) (word >>> 32));
        });
    addAll(
        sites.calling("Superblock.checksum"),
        "Superblock",
        "the checksum is a constant",
        10,
        call -> 42L);
    addAll(
        sites.calling("Catalog$CatalogEntry.checksum"),
        "Catalog.CatalogEntry",
        "the checksum is a constant",
        10,
        call -> 42L);
    addAll(
        sites.calling("ChunkHeader.guarded"),
        "ChunkHeader",
        "the guard is a constant",
        10,
        call -> (int) call.arguments.getFirst() & 0xFFFF_FFFFL);
    addAll(
        sites.calling("ChunkHeader.guarded"),
        "ChunkHeader",
        "the guard does not cover the chunk",
        10,
        call -> call.with(1, 0L));
  }

  private void addTransactions() {
    Site seal = sites.one("Transaction.seal", "fence");
    add(swapped(seal, sites.one("Transaction.putWord", "putWord"), 6));
    Site retire = sites.one("Transaction.commit", "voidLog");
    add(swapped(retire, sites.one("Transaction.commit", "end"), 20));
    Site abortRetire = sites.one("Transaction.abort", "voidLog");
    add(swapped(abortRetire, sites.one("Transaction.abort", "end"), 22));
    add(sites.one("Transaction.abort", "run"), "nothing is undone", 22, call -> true);
    add(
        sites.one("Transaction.exitOutermost", "seal"),
        "the commit does not seal",
        6,
        Call::nothing);
    add(
        sites.one("BlockChanges.drop", "withhold"),
        "blocks of a failed seal are released at once",
        15,
        call -> invoke(field(call.receiver(), "space"), "release", call.longArgument(1)));
    addAll(
        sites.calling("VersionedLock.awaitOptimisticRead"),
        "VersionedLock.awaitOptimisticRead",
        "readers do not wait for who holds the lock",
        21,
        call -> field(call.receiver(), "version"));
    add(sites.one("BlockChanges.store", "add"), "lines of bits are not flushed", 1, Call::nothing);
    add(
        sites.one("Transaction.declareWord", "add"),
        "lines of words are not flushed",
        1,
        Call::nothing);
    add(
        sites.one("Transaction.declareRange", "add"),
        "lines of ranges are not flushed",
        1,
        Call::nothing);
    add(
        sites.one("Transaction.addFresh", "add"),
        "lines of fresh memory are not flushed",
        1,
        Call::nothing);
    add(
        sites.one("Declarations.addWord", "add"),
        "only the first word of a transaction is logged",
        6,
        call -> {
          boolean isNew = (boolean) call.proceed();
          return isNew && (int) invoke(call.receiver(), "size") == 1;
        });
    add(
        sites.one("BlockChanges.store", "setBits"),
        "bits are set in two stores",
        9,
        call -> {
          long mask = call.longArgument(2);
          call.with(2, mask & 0xFFFF_FFFFL);
          return call.with(2, mask & ~0xFFFF_FFFFL);
        });
  }

  private void addRecovery() {
    add(sites.one("LogRecovery.run", "undo"), "nothing is undone", 20, Call::nothing);
    Site undo = sites.one("LogRollback.undo", "undo");
    add(
        undo,
        "entries are undone oldest first",
        22,
        call -> {
          long[] entries = (long[]) field(call.receiver(), "entries");
          int count = (int) field(call.receiver(), "count");
          int i = 0;
          while (entries[i] != call.longArgument(1)) {
            i++;
          }
          return call.with(1, entries[count - 1 - i]);
        });
    add(
        undo,
        "an entry is erased once it is undone",
        17,
        call -> {
          call.proceed();
          Object accessor = field(call.receiver(), "accessor");
          return invoke(accessor, "putWord", call.longArgument(1), 0L);
        });
    addAll(
        List.of(
            sites.one("LogRollback.undo", "clearBits"), sites.one("LogRollback.undo", "setBits")),
        "LogRollback.undo",
        "bits are flipped instead of set or cleared",
        17,
        call -> {
          long word = call.longArgument(1);
          long before = (long) invoke(call.receiver(), "getWord", word);
          invoke(call.receiver(), "putWord", word, before ^ call.longArgument(2));
          return before;
        });
    add(sites.one("LogRollback.undo", "add"), "lines are not flushed", 1, Call::nothing);
  }

  /** The one-fence commit: see section 6.4 of docs/design.md. */
  private void addPublishing() {
    add(
        sites.one("Publisher.addContent", "checksum"),
        "the checksum does not cover the contents",
        10,
        call -> 0L);
    addAll(
        sites.calling("PublishFormat.slot"),
        "PublishFormat",
        "both records of a lane have one slot",
        8,
        call -> call.with(1, 0));
    add(
        sites.one("Transaction.addUnsettled", "addUnsettled"),
        "what the lane stored is not flushed",
        8,
        Call::nothing);
    add(
        sites.one("ChangedStripes.addUnsettled", "addUnsettled"),
        "what other lanes stored is not flushed",
        8,
        Call::nothing);
    add(sites.one("ChangedStripes.store", "store"), "marks are not stored", 8, call -> false);
    add(sites.one("ChangedStripes.store", "add"), "marks are not flushed", 1, Call::nothing);
    add(sites.one("ChangedStripes.storeForLog", "store"), "marks are not stored", 8, call -> false);
    add(sites.one("PublishReplay.collect", "isDead"), "marks are ignored", 8, call -> false);
    add(sites.one("PublishReplay.read", "isValid"), "any record is believed", 10, call -> true);
    add(
        sites.one("LogRecovery.run", "confirm"),
        "records are not confirmed before what they vouch for is changed",
        17,
        Call::nothing);
    for (String overwrite : List.of("KeyTable.isFresh", "ListElements.set")) {
      add(
          sites.one(overwrite, "isDeferred"),
          "what the same record vouches for is changed in place",
          9,
          call -> false);
    }
    add(
        sites.one("KeyTable.isFresh", "isDeferred", 2),
        "an entry of a first table is changed in place",
        9,
        call -> false);
    add(
        sites.one("FreshContent.mustBeFenced", "isRevised"),
        "a record vouches for content that it changes",
        9,
        call -> false);
    add(
        sites.one("Transaction.writeRecord", "begin"),
        "sequences do not rise with the stripe's",
        8,
        call -> call.with(1, 0L));
    add(
        sites.one("Publisher.begin", "releaseFreed"),
        "freed blocks are released two publications early",
        15,
        call -> call.with(1, ((int) call.arguments.get(1) + 2) & 3));
    add(
        sites.one("BlockChanges.handFreedTo", "addFreed"),
        "freed blocks are released at once",
        15,
        call -> invoke(field(call.receiver(), "space"), "release", call.longArgument(1)));
    add(
        sites.one("Transaction.publish", "mustBeFenced"),
        "content that changes later gets no fence of its own",
        2,
        call -> false);
  }

  /** What a record says, and what its checksum covers. */
  private void addPublishRecords() {
    add(
        sites.one("Transaction.writeRecord", "addWords"),
        "a record without its words",
        20,
        Call::nothing);
    add(sites.one("BlockChanges.addTo", "add"), "a record without its bits", 20, Call::nothing);
    add(sites.one("ChangedStripes.addTo", "add"), "a record without its marks", 8, Call::nothing);
    add(
        sites.one("FreshContent.addTo", "addContent"),
        "a record without its contents",
        10,
        Call::nothing);
    addOwnMarks();
    List<Site> seeds = sites.calling("PublishFormat.seed");
    String format = "PublishFormat";
    addAll(seeds, format, "the checksum does not cover the lane", 8, call -> call.with(0, 0));
    addAll(seeds, format, "the checksum does not cover the slot", 8, call -> call.with(1, 0));
    addAll(seeds, format, "the checksum does not cover the era", 8, call -> call.with(2, 1L));
    List<Site> sums =
        List.of(
            sites.one("Publisher.write", "checksum"),
            sites.one("PublishReplay.checksum", "checksum"));
    addAll(sums, format, "the checksum is a constant", 10, call -> 42L);
    addAll(sums, format, "the checksum does not cover the sequence", 8, call -> call.with(2, 2));
    addAll(sums, format, "the checksum does not cover entries", 10, call -> call.with(3, 3));
  }

  /** Each record is dead as soon as its mark is durable: its words may not be. */
  private void addOwnMarks() {
    Site begin = sites.one("Transaction.writeRecord", "begin");
    Site store = sites.one("ChangedStripes.store", "store");
    addStateful(
        store,
        store.where(),
        "marks get the sequence of the record itself",
        20,
        () ->
            Map.of(
                begin.id(),
                call -> {
                  Switches.memory().put(begin, call.receiver());
                  return call.proceed();
                },
                store.id(),
                call -> {
                  Object publisher = Objects.requireNonNull(Switches.memory().get(begin));
                  Object mark = call.receiver();
                  Object own = invoke(publisher, "sequence");
                  invoke(call.arguments.get(1), "putWord", invoke(mark, "offset"), own);
                  return true;
                }));
  }

  private void addReplay() {
    Site sort = sites.one("PublishReplay.collect", "putInOrder");
    add(sort, "records are replayed in the order of their slots", 8, Call::nothing);
    add(
        sort,
        "the last record is replayed first",
        8,
        call -> {
          Object result = call.proceed();
          Collections.reverse((List<?>) field(call.receiver(), "records"));
          return result;
        });
    add(
        sites.one("PublishReplay.run", "store"),
        "bits are not replayed",
        20,
        call -> {
          int kind = (int) (((long[]) call.arguments.get(1))[(int) call.arguments.get(2)] >>> 56);
          return kind == 1 || kind == 8 ? call.proceed() : call.nothing();
        });
    add(sites.one("PublishReplay.store", "add"), "lines are not flushed", 1, Call::nothing);
  }

  /** What is looked at before a record is believed, and before anything is stored. */
  private void addReplayChecks() {
    add(
        sites.one("PublishReplay.read", "isInZones"),
        "contents may lie anywhere",
        10,
        call -> true);
    add(
        sites.one("PublishReplay.isDead", "isInZones"),
        "targets may lie anywhere",
        10,
        call -> true);
    add(sites.one("PublishReplay.isDead", "check"), "any kind is right", 10, Call::nothing);
    add(sites.one("PublishReplay.collect", "check"), "any sequence is right", 10, Call::nothing);
    add(
        sites.one("PublishReplay.checkTargets", "isOutsideExtents"),
        "targets may lie in logs",
        10,
        call -> true);
    add(
        sites.one("LogRecovery.read", "checkTargets", 2),
        "targets of records are not checked",
        10,
        Call::nothing);
  }

  private void addLogs() {
    for (Site site : sites.calling("Transaction.sealIfLarge")) {
      add(Mutant.leftOut(site, 23));
    }
    Site reserve = sites.one("UndoLog.reserve", "reserveWithEffort");
    add(
        reserve,
        "an extent is released at once",
        23,
        call -> {
          Object extent = call.proceed();
          invoke(field(call.receiver(), "space"), "release", extent);
          return extent;
        });
    add(
        sites.one("LogRollback.collect", "collectEntries"),
        "links are not followed",
        23,
        call -> {
          call.proceed();
          return 0L;
        });
    add(
        sites.one("UndoLog.makeRoom", "extend"),
        "the log runs over the end of its extent",
        23,
        Call::nothing);
  }

  private void addHeap() {
    add(sites.one("HeapFile.close", "update"), "closed, and not marked as such", 24, Call::nothing);
  }

  private void addAllocator() {
    Site persistBitmap = sites.one("Allocator.writeRun", "persist");
    add(swapped(persistBitmap, sites.one("Allocator.writeRun", "persist", 2), 5));
    add(
        sites.one("Allocator.writeRun", "putWord"),
        "the header is stored in two halves",
        9,
        call -> {
          long header = call.longArgument(2);
          invoke(call.receiver(), "putInt", call.longArgument(1), (int) header);
          return invoke(call.receiver(), "putInt", call.longArgument(1) + 4, (int) (header >>> 32));
        });
    addAll(
        List.of(sites.one("RunPool.take", "take")),
        "Run.take",
        "a block is handed out twice",
        14,
        call -> {
          Object last = Switches.memory().remove("last");
          if (last != null && (long) last != 0) {
            return last;
          }
          Object block = call.proceed();
          Switches.memory().put("last", block);
          return block;
        });
    addAll(
        sites.calling("Run.load"),
        "Run.load",
        "a run's bitmap is not read",
        19,
        call -> {
          Object run = call.proceed();
          java.lang.reflect.Method empty =
              Arrays.stream(run.getClass().getDeclaredMethods())
                  .filter(method -> method.getName().equals("empty"))
                  .findAny()
                  .orElseThrow();
          empty.setAccessible(true);
          return empty.invoke(null, call.arguments.toArray());
        });
    add(
        sites.one("ChunkTable.readZone", "chunks"),
        "chunks inside a span count as free",
        19,
        call -> 1);
    add(
        sites.one("Allocator.free", "startFree"),
        "a block is freed twice",
        14,
        call -> {
          call.proceed();
          return true;
        });
    add(
        sites.one("Allocator.reclaimEmptyRuns", "kill"),
        "a run in use is given back",
        14,
        call -> {
          call.proceed();
          return true;
        });
  }

  private void addCollections() {
    for (Site site : sites.calling("HashStripe.putHint")) {
      add(site, Mutant.called(site) + " left out", 19, Call::nothing);
    }
    for (String change :
        List.of("Transaction.putWord", "Transaction.deferWord", "Transaction.deferWords")) {
      for (Site site : sites.calling(change)) {
        add(site, Mutant.called(site) + " left out", 18, Call::nothing);
      }
    }
    add(sites.one("BPlusTree.splitLeaf", "writeKey"), "separators have no keys", 18, call -> 0L);
    add(
        sites.one("TreeNodes.deferNumbers", "deferWord"),
        "slot numbers behind the first seven are left out",
        18,
        call -> call.longArgument(1) % LINE == 8 ? call.proceed() : call.nothing());
  }

  private void addCosts() {
    add(
        sites.one("Transaction.publish", "isEmpty"),
        "an empty transaction is committed",
        25,
        call -> false);
    add(
        sites.one("Declarations.addWord", "add"),
        "a word is logged again",
        25,
        call -> {
          call.proceed();
          return true;
        });
    add(
        sites.one("LineSet.flush", "flush"),
        "a clean line is flushed as well",
        25,
        call -> call.with(2, call.longArgument(2) + LINE));
    add(
        sites.one("UndoLog.flushWritten", "flush"),
        "the line before is flushed again",
        25,
        call ->
            flush(call, call.longArgument(1) - LINE, call.longArgument(1) + call.longArgument(2)));
  }
}
