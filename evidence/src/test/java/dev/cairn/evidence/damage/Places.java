package dev.cairn.evidence.damage;

import dev.cairn.collections.PersistentHeap;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What lies where in a specimen, by the names that the heap itself gives. */
final class Places {
  /** What damage of a place may do. */
  enum Kind {
    /** Everything right, or a typed exception. */
    METADATA,
    /** The value may be another one: there is no checksum over it. */
    VALUE,
    /** Nothing: what lies here means nothing. */
    IDLE
  }

  /** Bytes of one name. */
  record Span(long offset, long length, String name, Kind kind) {
    long end() {
      return offset + length;
    }

    boolean isInCollection() {
      return OWNED.matcher(name).lookingAt();
    }
  }

  private static final Pattern OWNED =
      Pattern.compile(
          "(entry of |value of |key of a separator of )?(catalog|map|list|log|tree|deque|reference|set)[, ]");
  private static final Pattern FREE_BLOCK =
      Pattern.compile("free block \\d+ of the run of (\\d+)-.*");
  private static final long CHUNK = 256 << 10;
  private static final long LANE = 8192;
  private static final long LANES = 65536;
  private static final long ZONES = 1 << 20;
  private static final long LARGE = 4096;

  private final List<Span> spans = new ArrayList<>();

  private Places() {}

  /** The places of a specimen; of specimens of one seed, allocated blocks are all alike. */
  static Places of(Specimen specimen, @Nullable Places alike) {
    Places places = new Places();
    PatchedMedium medium = PatchedMedium.of(specimen.image());
    try (PersistentHeap heap = PersistentHeap.open(medium, Specimen.OPTIONS)) {
      long size = specimen.image().length;
      for (long offset = 0; offset < size; ) {
        Span known = alike == null ? null : alike.at(offset);
        if (known != null && known.isInCollection()) {
          places.add(offset, known.end() - offset, known.name());
          offset = known.end();
          continue;
        }
        String name = heap.describe(offset);
        long length = Math.min(size - offset, length(heap, name, offset));
        places.add(offset, length, name);
        offset += length;
      }
    }
    return places;
  }

  /** How many bytes surely have the same name, so that not each has to be asked for. */
  static long length(PersistentHeap heap, String name, long offset) {
    Matcher free = FREE_BLOCK.matcher(name);
    if (free.matches()) {
      long length = Long.parseLong(free.group(1));
      while (length > 16 && !heap.describe(offset + length - 1).equals(name)) {
        length = Math.max(16, length / 2 & -16);
      }
      return length;
    } else if (name.startsWith("free chunk") || name.startsWith("behind the table")) {
      return CHUNK - offset % CHUNK;
    } else if (name.endsWith("log, behind its records")) {
      return LANE - offset % LANE;
    } else if (name.equals("reserved, before the lanes")) {
      return LANES - offset;
    } else if (name.equals("reserved, behind the lanes")) {
      return ZONES - offset;
    } else if (kind(name) == Kind.VALUE && isLarge(heap, name, offset)) {
      return LARGE;
    }
    boolean mixed = offset % 8 != 0 || !heap.describe(offset + 7).equals(name);
    return mixed ? 1 : 8;
  }

  /** Whether a large piece of a value begins here: no other block's header is within it. */
  private static boolean isLarge(PersistentHeap heap, String name, long offset) {
    for (long at = 0; at < LARGE; at += 72) {
      if (!heap.describe(offset + at).equals(name)) {
        return false;
      }
    }
    return heap.describe(offset + LARGE - 1).equals(name);
  }

  private void add(long offset, long length, String name) {
    Span last = spans.isEmpty() ? null : spans.getLast();
    if (last != null && last.name().equals(name)) {
      spans.set(
          spans.size() - 1, new Span(last.offset(), last.length() + length, name, last.kind()));
    } else {
      spans.add(new Span(offset, length, name, kind(name)));
    }
  }

  static Kind kind(String name) {
    if (name.endsWith(", value") || name.endsWith(", content")) {
      boolean leads =
          name.contains("catalog") || name.contains("separator") || name.startsWith("log ");
      return leads ? Kind.METADATA : Kind.VALUE;
    } else if (name.startsWith("free ")
        || name.contains("behind its end")
        || name.contains("behind the last element")
        || name.contains("behind the last record")
        || name.contains("before the first record")
        || name.endsWith(", padding")
        || name.contains("behind the end of the directory")
        || name.startsWith("behind the table")) {
      return Kind.IDLE;
    }
    return Kind.METADATA;
  }

  List<Span> spans() {
    return spans;
  }

  List<Span> spans(Kind kind) {
    return spans.stream().filter(span -> span.kind() == kind).toList();
  }

  Span at(long offset) {
    int low = 0;
    int high = spans.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (spans.get(middle).offset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return spans.get(low);
  }

  /** The first span whose name matches. */
  Span named(String regex) {
    Pattern pattern = Pattern.compile(regex);
    return spans.stream()
        .filter(span -> pattern.matcher(span.name()).matches())
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is called " + regex));
  }
}
