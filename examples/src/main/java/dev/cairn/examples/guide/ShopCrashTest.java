package dev.cairn.examples.guide;

import dev.cairn.collections.PersistentHeap;
import dev.cairn.crashtest.CrashExplorer;
import dev.cairn.crashtest.CrashScenario;
import dev.cairn.crashtest.ExplorationReport;
import dev.cairn.crashtest.Operation;
import dev.cairn.crashtest.SimulatedMedium;
import dev.cairn.heap.HeapOptions;

/** Is the shop whole after a crash at any moment? The guide's crash test. */
final class ShopCrashTest {
  private ShopCrashTest() {}

  private static Shop create(SimulatedMedium medium) {
    Shop shop = new Shop(PersistentHeap.create(medium, HeapOptions.defaults()));
    shop.stock("rope", 49_00, 20);
    return shop;
  }

  private static Shop recover(SimulatedMedium medium) {
    return new Shop(PersistentHeap.open(medium, HeapOptions.defaults()));
  }

  static ExplorationReport explore() {
    return CrashExplorer.onMedium(2 << 20)
        .withExhaustiveLimit(8)
        .withSamples(4)
        .withNestedLimits(0, 0)
        .withSchedules(5)
        .explore(
            CrashScenario.of(ShopCrashTest::create, ShopCrashTest::recover)
                .withState(Shop::state) // what returned must be in it
                .withVerify(Shop::check) // and this must hold
                .thread(
                    Operation.call("Alice orders", shop -> shop.order("Alice", "rope", 2)),
                    Operation.call("Bob orders", shop -> shop.order("Bob", "rope", 1)))
                .thread(Operation.call("pack", Shop::pack)));
  }

  public static void main(String[] args) {
    System.out.println(explore());
  }
}
