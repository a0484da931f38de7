package dev.cairn.evidence.damage;

import static dev.cairn.collections.Types.BYTES;
import static dev.cairn.collections.Types.DOUBLE;
import static dev.cairn.collections.Types.INT;
import static dev.cairn.collections.Types.LONG;
import static dev.cairn.collections.Types.STRING;
import static dev.cairn.collections.Types.UUID;

import dev.cairn.collections.KeyOrder;
import dev.cairn.collections.LogEntry;
import dev.cairn.collections.PersistentArrayList;
import dev.cairn.collections.PersistentDeque;
import dev.cairn.collections.PersistentHashMap;
import dev.cairn.collections.PersistentHashSet;
import dev.cairn.collections.PersistentHeap;
import dev.cairn.collections.PersistentLog;
import dev.cairn.collections.PersistentLong;
import dev.cairn.collections.PersistentReference;
import dev.cairn.collections.PersistentTreeMap;
import dev.cairn.collections.PersistentTreeSet;
import dev.cairn.collections.Type;
import dev.cairn.collections.Types;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the collections of a specimen hold, so that it can be compared: a value for each key of each
 * map, for each element of each set, for each index of each list, and for each long.
 *
 * @param values by collection and key
 */
record Content(Map<Place, Object> values) {
  /** An entry or an element. */
  record Place(String collection, Object key) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by content by the collections
  record Account(String owner, long balance, byte[] secret, boolean open) {}

  record Point(int x, short y, double z) {}

  static final Type<Account> ACCOUNT = Types.record(Account.class);
  static final Type<Point> POINT = Types.record(Point.class);

  /** The names of the collections that every specimen has. */
  static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              "accounts",
              "numbers",
              "texts",
              "blobs",
              "by point",
              "no map",
              "words",
              "points",
              "no list",
              "tags",
              "no set",
              "sorted",
              "by name",
              "no tree",
              "ordered",
              "jobs",
              "readings",
              "no deque",
              "current",
              "no reference",
              "events",
              "no log",
              "next",
              "no number"));

  static PersistentHashMap<String, Account> accounts(PersistentHeap heap) {
    return heap.map("accounts", STRING, ACCOUNT);
  }

  static PersistentHashMap<Long, Long> numbers(PersistentHeap heap) {
    return heap.map("numbers", LONG, LONG);
  }

  static PersistentHashMap<String, String> texts(PersistentHeap heap) {
    return heap.map("texts", STRING, STRING);
  }

  static PersistentHashMap<java.util.UUID, byte[]> blobs(PersistentHeap heap) {
    return heap.map("blobs", UUID, BYTES);
  }

  static PersistentHashMap<Point, Integer> byPoint(PersistentHeap heap) {
    return heap.map("by point", POINT, INT);
  }

  static PersistentArrayList<String> words(PersistentHeap heap) {
    return heap.list("words", STRING);
  }

  static PersistentArrayList<Point> points(PersistentHeap heap) {
    return heap.list("points", POINT);
  }

  static PersistentHashSet<String> tags(PersistentHeap heap) {
    return heap.set("tags", STRING);
  }

  static PersistentTreeMap<Long, Long> sorted(PersistentHeap heap) {
    return heap.treeMap("sorted", LONG, LONG);
  }

  static PersistentTreeMap<String, String> byName(PersistentHeap heap) {
    return heap.treeMap("by name", STRING, STRING);
  }

  static PersistentTreeSet<String> ordered(PersistentHeap heap) {
    return heap.treeSet(
        "ordered", STRING, KeyOrder.of("ignoring case", String.CASE_INSENSITIVE_ORDER));
  }

  static PersistentDeque<String> jobs(PersistentHeap heap) {
    return heap.deque("jobs", STRING);
  }

  static PersistentDeque<Integer> readings(PersistentHeap heap) {
    return heap.deque("readings", INT);
  }

  static PersistentReference<Account> current(PersistentHeap heap) {
    return heap.reference("current", ACCOUNT);
  }

  static PersistentLog<String> events(PersistentHeap heap) {
    return heap.log("events", STRING);
  }

  static PersistentLong next(PersistentHeap heap) {
    return heap.longValue("next");
  }

  /** Reads one collection, all of it, in each way that there is. */
  static Content read(PersistentHeap heap, String name) {
    Map<Place, Object> values = new HashMap<>();
    switch (name) {
      case "accounts" -> readMap(name, accounts(heap), values);
      case "numbers" -> readMap(name, numbers(heap), values);
      case "texts" -> readMap(name, texts(heap), values);
      case "blobs" -> readMap(name, blobs(heap), values);
      case "by point" -> readMap(name, byPoint(heap), values);
      case "no map" -> readMap(name, heap.map(name, INT, DOUBLE), values);
      case "words" -> readList(name, words(heap), values);
      case "points" -> readList(name, points(heap), values);
      case "no list" -> readList(name, heap.list(name, LONG), values);
      case "tags" -> readSet(name, tags(heap), values);
      case "no set" -> readSet(name, heap.set(name, LONG), values);
      case "sorted" -> readMap(name, sorted(heap), values);
      case "by name" -> readMap(name, byName(heap), values);
      case "no tree" -> readMap(name, heap.treeMap(name, INT, INT), values);
      case "ordered" -> readSet(name, ordered(heap), values);
      case "jobs" -> readDeque(name, jobs(heap), values);
      case "readings" -> readDeque(name, readings(heap), values);
      case "no deque" -> readDeque(name, heap.deque(name, LONG), values);
      case "current" -> readReference(name, current(heap), values);
      case "no reference" -> readReference(name, heap.reference(name, STRING), values);
      case "events" -> readLog(name, events(heap), values);
      case "no log" -> readLog(name, heap.log(name, LONG), values);
      case "next" -> values.put(new Place(name, "value"), next(heap).get());
      case "no number" -> values.put(new Place(name, "value"), heap.longValue(name).get());
      default -> throw new AssertionError(name);
    }
    return new Content(values);
  }

  static Content readAll(PersistentHeap heap) {
    Map<Place, Object> values = new HashMap<>();
    NAMES.forEach(name -> values.putAll(read(heap, name).values()));
    values.put(new Place("catalog", "names"), heap.names());
    return new Content(values);
  }

  private static <K, V> void readMap(String name, Map<K, V> map, Map<Place, Object> values) {
    long count = 0;
    for (Map.Entry<K, V> entry : map.entrySet()) {
      values.put(new Place(name, comparable(entry.getKey())), comparable(entry.getValue()));
      count++;
      V value = map.get(entry.getKey());
      if (value == null || !comparable(value).equals(comparable(entry.getValue()))) {
        values.put(new Place(name, "get of " + comparable(entry.getKey())), comparable(count));
      }
    }
    values.put(new Place(name, "size"), map.size());
    values.put(new Place(name, "iterated"), count);
  }

  private static <E> void readSet(String name, Set<E> set, Map<Place, Object> values) {
    long count = 0;
    for (E element : set) {
      values.put(new Place(name, comparable(element)), set.contains(element));
      count++;
    }
    values.put(new Place(name, "size"), set.size());
    values.put(new Place(name, "iterated"), count);
  }

  private static <E> void readList(
      String name, PersistentArrayList<E> list, Map<Place, Object> values) {
    int size = list.size();
    values.put(new Place(name, "size"), size);
    for (Object element : list.toArray()) {
      values.put(new Place(name, values.size()), comparable(element));
    }
    if (size > 0) {
      values.put(new Place(name, "last"), comparable(list.get(size - 1)));
    }
  }

  private static <E> void readDeque(
      String name, PersistentDeque<E> deque, Map<Place, Object> values) {
    values.put(new Place(name, "size"), deque.size());
    for (E element : deque) {
      values.put(new Place(name, values.size()), element);
    }
    int place = values.size();
    for (Iterator<E> down = deque.descendingIterator(); down.hasNext(); ) {
      E element = down.next();
      if (!element.equals(values.get(new Place(name, --place)))) {
        values.put(new Place(name, "downwards " + place), element);
      }
    }
    values.put(new Place(name, "first"), String.valueOf(deque.peekFirst()));
    values.put(new Place(name, "last"), String.valueOf(deque.peekLast()));
    values.put(new Place(name, "iterated"), place);
  }

  private static <E> void readLog(String name, PersistentLog<E> log, Map<Place, Object> values) {
    long count = 0;
    for (LogEntry<E> entry : log) {
      values.put(new Place(name, entry.index()), entry.value());
      values.put(new Place(name, "get " + entry.index()), log.get(entry.index()));
      count++;
    }
    values.put(new Place(name, "first index"), log.firstIndex());
    values.put(new Place(name, "next index"), log.nextIndex());
    values.put(new Place(name, "iterated"), count);
  }

  private static <T> void readReference(
      String name, PersistentReference<T> reference, Map<Place, Object> values) {
    T value = reference.get();
    values.put(new Place(name, "value"), value == null ? "none" : comparable(value));
  }

  private static Object comparable(Object value) {
    return switch (value) {
      case byte[] bytes -> bytes.length + " bytes " + Arrays.hashCode(bytes);
      case Account a ->
          a.owner() + "|" + a.balance() + "|" + Arrays.toString(a.secret()) + "|" + a.open();
      default -> value;
    };
  }

  /** The places at which this and another content differ. */
  Set<Place> differences(Content other) {
    if (values.equals(other.values)) {
      return Set.of();
    }
    Set<Place> places = new HashSet<>(values.keySet());
    places.addAll(other.values.keySet());
    places.removeIf(
        place ->
            values.containsKey(place)
                && other.values.containsKey(place)
                && values.get(place).equals(other.values.get(place)));
    return places;
  }

  /** Whether both have the same keys, and lists of the same length. */
  boolean hasShapeOf(Content other) {
    return values.keySet().equals(other.values.keySet());
  }
}
