package dev.cairn.evidence.mutants;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Every mutant is caught by some scenario, and the scenarios pass without a mutant. */
class MutantsTest {
  @Test
  void everyMutantIsCaught() throws Exception {
    Sites sites = Sites.scan();
    MutantRunner runner = new MutantRunner(sites);
    List<Mutant> mutants = Mutants.of(sites);
    runner.checkWithoutMutants(mutants);
    for (Mutant mutant : mutants) {
      System.out.println(mutant.name() + " | " + mutant.bugClass() + " | " + runner.run(mutant));
    }
  }
}
