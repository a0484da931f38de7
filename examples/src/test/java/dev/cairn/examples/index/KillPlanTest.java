package dev.cairn.examples.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KillPlanTest {

  @Test
  void spreadsKillsOverTheWork() {
    List<KillPlan.Kill> kills = kills(new KillPlan(7, 5, 1000));
    assertEquals(5, kills.size());
    for (int i = 0; i < 5; i++) {
      int files = kills.get(i).afterFiles();
      assertTrue(files >= 200 * i && files < 200 * (i + 1), kills.toString());
    }
  }

  @Test
  void drawsTheSameFromTheSameSeed() {
    assertEquals(kills(new KillPlan(7, 5, 1000)), kills(new KillPlan(7, 5, 1000)));
    assertTrue(!kills(new KillPlan(7, 5, 1000)).equals(kills(new KillPlan(8, 5, 1000))));
  }

  @Test
  void killsMoreOftenThanThereAreFiles() {
    assertEquals(5, kills(new KillPlan(7, 5, 2)).size());
  }

  @Test
  void canBeEmpty() {
    assertNull(new KillPlan(7, 0, 1000).next());
  }

  private static List<KillPlan.Kill> kills(KillPlan plan) {
    List<KillPlan.Kill> kills = new ArrayList<>();
    for (KillPlan.Kill kill = plan.next(); kill != null; kill = plan.next()) {
      kills.add(kill);
      plan.taken();
    }
    return kills;
  }
}
