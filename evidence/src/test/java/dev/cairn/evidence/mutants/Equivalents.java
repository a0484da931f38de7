package dev.cairn.evidence.mutants;

import java.util.Map;
import java.util.TreeMap;

/** Mutants that no crash can tell from the code as it is, each with the argument why. */
final class Equivalents {
  private static final Map<String, String> ARGUMENTS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "HeapFile.update: `writeSlot` after `writeSlot 2`",
                  "Either slot may come first: the other one is whole and durable meanwhile, and"
                      + " both are written before the update is acknowledged."),
              Map.entry(
                  "PersistentHeap.open: `load 2` after `markInUse`",
                  "The one reads chunk headers, the other stores to superblocks."),
              Map.entry(
                  "HeapFile.create: `flush` without the first line",
                  "What the line may keep are words 1 to 7 of the old slot 0. With the new magic"
                      + " they count only if the slot's checksum is right; it lies in the second"
                      + " line, and is zero, or that of the new slot, in which these words differ.")));

  private Equivalents() {}

  static Map<String, String> arguments() {
    return ARGUMENTS;
  }

  static boolean contains(Mutant mutant) {
    return ARGUMENTS.containsKey(mutant.name());
  }
}
