package dev.cairn.examples.guide;

import dev.cairn.collections.PersistentDeque;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentLog;
import dev.cairn.collections.PersistentLong;
import dev.cairn.collections.PersistentTreeMap;
import dev.cairn.collections.Types;
import dev.cairn.tx.TransactionAbortedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A shop: what is in stock, what was ordered, and what is still to be packed. The guide's program.
 */
final class Shop {
  record Item(String name, long cents, int inStock) {
    Item less(int count) {
      return new Item(name, cents, inStock - count);
    }
  }

  record Order(String customer, String item, int count) {}

  private final PersistentHeap heap;
  private final PersistentHashMap<String, Item> items;
  private final PersistentTreeMap<Long, Order> orders;
  private final PersistentDeque<Long> toPack;
  private final PersistentLog<Long> packed;
  private final PersistentLong lastOrder;

  Shop(PersistentHeap heap) {
    this.heap = heap;
    items = heap.map("items", Types.STRING, Types.record(Item.class));
    orders = heap.treeMap("orders", Types.LONG, Types.record(Order.class));
    toPack = heap.deque("to pack", Types.LONG);
    packed = heap.log("packed", Types.LONG);
    lastOrder = heap.longValue("last order");
  }

  void stock(String name, long cents, int count) {
    items.put(name, new Item(name, cents, count));
  }

  long order(String customer, String name, int count) {
    return heap.transact(
        () -> {
          Item item = items.get(name);
          if (item == null || item.inStock() < count) {
            throw new IllegalArgumentException("not in stock: %d x %s".formatted(count, name));
          }
          items.put(name, item.less(count));
          long number = lastOrder.incrementAndGet();
          orders.put(number, new Order(customer, name, count));
          toPack.addLast(number);
          return number;
        });
  }

  /** Packs the next order; null if there is none. */
  @Nullable Order pack() {
    return heap.transact(
        () -> {
          Long number = toPack.pollFirst();
          if (number == null) {
            return null;
          }
          packed.append(number);
          return orders.get(number);
        });
  }

  int inStock(String name) {
    Item item = items.get(name);
    return item == null ? 0 : item.inStock();
  }

  int ordered(String name) {
    return orders.values().stream()
        .filter(order -> order.item().equals(name))
        .mapToInt(Order::count)
        .sum();
  }

  /** What the shop holds, as values that can be compared. */
  record State(Map<String, Item> items, Map<Long, Order> orders, List<Long> toPack, long packed) {}

  State state() {
    return new State(Map.copyOf(items), Map.copyOf(orders), List.copyOf(toPack), packed.size());
  }

  /** Throws if something is not as it must always be. */
  void check() {
    heap.verify();
    if (!orders.isEmpty() && orders.lastKey() != lastOrder.get()) {
      throw new AssertionError("order %s of %s".formatted(orders.lastKey(), lastOrder));
    }
    if (orders.size() != toPack.size() + packed.size()) {
      throw new AssertionError(
          "%d orders, %d to be packed, %d packed"
              .formatted(orders.size(), toPack.size(), packed.size()));
    }
  }

  public static void main(String[] args) throws IOException {
    Path path = Path.of(args[0]);
    try (PersistentHeap heap = PersistentHeap.openOrCreate(path)) {
      System.out.println(heap.durability());
      Shop shop = new Shop(heap);
      shop.stock("tent", 199_00, 5);
      shop.stock("rope", 49_00, 20);
      System.out.println("Order " + shop.order("Alice", "rope", 2));
      System.out.println("Order " + shop.order("Bob", "tent", 1));
      try {
        shop.order("Carol", "tent", 7);
      } catch (TransactionAbortedException e) {
        System.out.println("No order, because of " + e.getCause());
      }
    }
    try (PersistentHeap heap = PersistentHeap.open(path)) { // the next day
      Shop shop = new Shop(heap);
      System.out.println("Packed: " + shop.pack());
      System.out.printf("Rope: %d left, %d ordered%n", shop.inStock("rope"), shop.ordered("rope"));
    }
  }
}
