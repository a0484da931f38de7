package dev.cairn.collections;

import dev.cairn.collections.World.Undo;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random operations on a map and a list: the same ones for the same seed. */
final class RandomSteps {
  private static final int KEYS = 300;

  private RandomSteps() {}

  /** One operation, or a transaction of several, which may be undone. */
  static void step(World world, Random random) {
    if (random.nextInt(4) > 0) {
      single(world, random);
      return;
    }
    int count = random.nextInt(8);
    boolean undo = random.nextInt(3) == 0;
    world.transact(
        () -> {
          for (int i = 0; i < count; i++) {
            single(world, random);
          }
          if (undo) {
            throw new Undo();
          }
        });
  }

  private static void single(World world, Random random) {
    if (random.nextBoolean()) {
      onMap(world.map(), random);
    } else {
      onList(world.list(), random);
    }
  }

  private static String value(Random random) {
    String wide = random.nextInt(8) == 0 ? "\u20ac" : "";
    return (wide + random.nextInt(1000) + "-").repeat(1 + random.nextInt(12));
  }

  private static void onMap(Map<Long, String> map, Random random) {
    long key = random.nextInt(KEYS);
    String value = value(random);
    switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> map.put(key, value);
      case 4 -> map.putIfAbsent(key, value);
      case 5, 6 -> map.remove(key);
      case 7 -> map.remove(key, map.getOrDefault(key, value));
      case 8 -> map.replace(key, value);
      case 9 -> map.replace(key, map.getOrDefault(key, value), value);
      case 10 -> map.compute(key, (k, old) -> old == null ? value : old.length() > 20 ? null : old);
      case 11 -> map.merge(key, value, (a, b) -> a.length() > 60 ? null : a + b);
      case 12 -> map.computeIfAbsent(key, k -> value);
      case 13 -> {
        for (Iterator<Map.Entry<Long, String>> i = map.entrySet().iterator(); i.hasNext(); ) {
          Map.Entry<Long, String> entry = i.next();
          if (entry.getKey() % 16 == key % 16) {
            i.remove();
          } else if (entry.getKey() % 16 == key % 15) {
            entry.setValue(value);
          }
        }
      }
      case 14 -> map.keySet().removeIf(k -> k % 32 == key % 32);
      default -> {
        if (random.nextInt(10) == 0) {
          map.clear();
        } else {
          map.replaceAll((k, v) -> k % 8 == key % 8 ? value : v);
        }
      }
    }
  }

  private static void onList(List<String> list, Random random) {
    String value = value(random);
    int size = list.size();
    int at = random.nextInt(size + 1);
    int to = at + random.nextInt(size - at + 1);
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> list.add(value);
      case 3 -> list.add(at, value);
      case 4 -> list.addAll(at, List.of(value, "b", "c"));
      case 5 -> list.addAll(new ArrayList<>(list.subList(at, to)));
      case 6, 7 -> {
        if (at < size) {
          list.set(at, value);
          list.remove(size - 1);
        }
      }
      case 8 -> list.subList(at, to).clear();
      case 9 -> list.subList(at, to).replaceAll(v -> value);
      case 10 -> list.subList(at, to).sort(null);
      case 11 -> list.sort(null);
      case 12 -> list.removeIf(v -> v.hashCode() % 7 == value.hashCode() % 7);
      case 13 -> list.subList(at, to).add(value);
      case 14 -> list.remove(value);
      default -> {
        if (random.nextInt(10) == 0) {
          list.clear();
        } else {
          list.retainAll(new ArrayList<>(list.subList(0, at)));
        }
      }
    }
  }
}
