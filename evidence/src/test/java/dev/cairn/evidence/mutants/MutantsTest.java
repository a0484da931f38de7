package dev.cairn.evidence.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.evidence.mutants.MutantRunner.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every mutant is caught by some scenario, and the scenarios pass without a mutant. The table in
 * {@code docs/crash-testing.md} is compared with what was seen; {@code -Dcairn.updateDocs=true}
 * writes it anew.
 */
class MutantsTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("basedir", ""), "..", "docs", "crash-testing.md");
  private static final String BEGIN = "<!-- mutants: written by MutantsTest -->\n";
  private static final String END = "<!-- end of mutants -->\n";

  @Test
  void everyMutantIsCaught() throws Exception {
    Sites sites = Sites.scan();
    MutantRunner runner = new MutantRunner(sites);
    List<Mutant> mutants = Mutants.of(sites);
    assertNamesAreUnique(mutants);
    runner.checkWithoutMutants(mutants);
    Map<Mutant, Outcome> outcomes = new LinkedHashMap<>();
    List<String> missed = new ArrayList<>();
    for (Mutant mutant : mutants) {
      if (Equivalents.contains(mutant)) {
        continue;
      }
      Outcome outcome = runner.run(mutant);
      System.out.printf(
          "%s | class %d | %s | %,d images, %,d ms%n",
          mutant.name(),
          mutant.bugClass(),
          outcome.catcher() == null ? "MISSED" : outcome.catcher(),
          outcome.images(),
          outcome.millis());
      if (outcome.catcher() == null) {
        missed.add(mutant.name() + (outcome.hits() == 0 ? " (no scenario comes there)" : ""));
      }
      outcomes.put(mutant, outcome);
    }
    assertEquals(List.of(), missed, "mutants that nothing catches");
    compareWithDocument(section(outcomes));
  }

  /** An argument for a mutant that is caught, or that is no more, is wrong. */
  @Test
  @Tag("long")
  void equivalentMutantsAreMissed() throws Exception {
    Sites sites = Sites.scan();
    MutantRunner runner = new MutantRunner(sites);
    List<Mutant> equivalents = Mutants.of(sites).stream().filter(Equivalents::contains).toList();
    runner.checkWithoutMutants(equivalents);
    for (Mutant mutant : equivalents) {
      Outcome outcome = runner.run(mutant);
      assertNull(outcome.catcher(), () -> mutant.name() + ": " + outcome.how());
      assertTrue(outcome.hits() > 0, () -> mutant.name() + " is never met");
    }
  }

  private static void assertNamesAreUnique(List<Mutant> mutants) {
    Set<String> names = new HashSet<>();
    for (Mutant mutant : mutants) {
      assertTrue(names.add(mutant.name()), () -> "two mutants: " + mutant.name());
    }
    Equivalents.arguments()
        .keySet()
        .forEach(name -> assertTrue(names.contains(name), () -> "no such mutant: " + name));
  }

  /** What {@code docs/crash-testing.md} says of mutants. */
  private static String section(Map<Mutant, Outcome> outcomes) {
    StringBuilder text = new StringBuilder("\n| class | bug | mutants |\n| --- | --- | --- |\n");
    for (BugClass bug : BugClass.ALL) {
      long count = outcomes.keySet().stream().filter(m -> m.bugClass() == bug.number()).count();
      assertEquals(bug.whyNone().isEmpty(), count > 0, () -> "mutants of class " + bug.number());
      String mutants = count > 0 ? Long.toString(count) : "none: " + bug.whyNone();
      text.append("| %d | %s | %s |%n".formatted(bug.number(), bug.what(), mutants));
    }
    text.append(
        "\n%d mutants, each with the first scenario that catches it:%n%n"
            .formatted(outcomes.size()));
    text.append("| where | mutant | class | caught by |\n| --- | --- | --- | --- |\n");
    outcomes.forEach(
        (mutant, outcome) ->
            text.append(
                "| `%s` | %s | %d | %s |%n"
                    .formatted(
                        mutant.where(), mutant.what(), mutant.bugClass(), outcome.catcher())));
    text.append("\nNot told from the code as it is by any crash, and why:\n\n");
    Equivalents.arguments().forEach((name, why) -> text.append("* %s. %s%n".formatted(name, why)));
    return text.append("\n").toString().replace(System.lineSeparator(), "\n");
  }

  private static void compareWithDocument(String section) throws IOException {
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END);
    assertTrue(begin >= 0 && end > begin, () -> DOCUMENT + " has no place for the mutants");
    if (Boolean.getBoolean("cairn.updateDocs")) {
      String before = document.substring(0, begin + BEGIN.length());
      Files.writeString(DOCUMENT, before + section + document.substring(end));
      return;
    }
    assertEquals(
        document.substring(begin + BEGIN.length(), end),
        section,
        "docs/crash-testing.md is stale: run this test with -Dcairn.updateDocs=true");
  }
}
