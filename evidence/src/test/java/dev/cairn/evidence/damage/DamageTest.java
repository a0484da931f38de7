package dev.cairn.evidence.damage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.evidence.damage.Examination.Outcome;
import dev.cairn.evidence.damage.Places.Kind;
import dev.cairn.evidence.damage.Places.Span;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Damages heaps that hold one of everything, in every way that a medium might, and looks whether
 * what comes of it is right content or a typed exception.
 *
 * <p>The everyday tests take a sample, whose seed they print and take from {@code cairn.seed}. A
 * failure prints {@code -Dcairn.damage=...}, which makes {@link #repeatsOneImage} show that image
 * alone.
 */
class DamageTest {
  private static final long CONTENT_SEED = 1;
  private static final int LINE = 64;
  private static final int PAGE = 4096;
  private static final int CHUNK = 256 << 10;
  private static final int LONGEST_OVERWRITE = 4096;

  /** How many images of one sort, about, a long run looks at. */
  private static final long MOST_IMAGES = Long.getLong("cairn.damage.most", 40_000);

  private final long seed = Long.getLong("cairn.seed", System.nanoTime());

  private RandomGenerator random(String test) {
    System.out.println("DamageTest." + test + ": -Dcairn.seed=" + seed);
    return new SplittableRandom(seed);
  }

  // Samples for every day.

  @Test
  void survivesASampleOfDamage() throws InterruptedException {
    RandomGenerator random = random("survivesASampleOfDamage");
    int images = Integer.getInteger("cairn.damage.images", 1500);
    for (Specimen specimen : Specimen.all(CONTENT_SEED)) {
      Laboratory laboratory = new Laboratory(specimen);
      Sampler sampler = new Sampler(laboratory, random);
      laboratory.examineAll(Stream.generate(sampler::any).limit(images), 0);
      System.out.println(laboratory);
      assertTrue(laboratory.count(Outcome.RIGHT) > 0, "no image was harmless");
      assertTrue(laboratory.count(Outcome.REFUSED) > 0, "no image was refused");
      assertTrue(laboratory.count(Outcome.TOLD) > 0, "no damage was told by a read");
      assertTrue(laboratory.count(Outcome.VERIFIED) > 0, "no damage was found by verify alone");
      assertTrue(laboratory.count(Outcome.OTHER_VALUE) > 0, "no value was damaged");
    }
  }

  // Everything of one sort, or as many evenly chosen images of it as an hour has room for.

  @Test
  @Tag("long")
  void survivesEachBitOfMetadata() throws InterruptedException {
    forAll(
        "survivesEachBitOfMetadata",
        laboratory -> bits(laboratory.specimen(), laboratory.places().spans(Kind.METADATA)));
  }

  /** Where many bytes have one name, and mean nothing or are one large value, a line at a time. */
  @Test
  @Tag("long")
  void survivesEachOtherByte() throws InterruptedException {
    forAll(
        "survivesEachOtherByte",
        laboratory ->
            laboratory.places().spans().stream()
                .filter(span -> span.kind() != Kind.METADATA || span.length() > PAGE)
                .flatMap(span -> bytes(laboratory.specimen(), span)));
  }

  @Test
  @Tag("long")
  void survivesSwappedBlocks() throws InterruptedException {
    RandomGenerator random = new SplittableRandom(seed);
    forAll(
        "survivesSwappedBlocks",
        laboratory -> {
          Sampler sampler = new Sampler(laboratory, random);
          return Stream.concat(
              Stream.generate(sampler::swap).limit(MOST_IMAGES), chunkSwaps(laboratory.specimen()));
        });
  }

  @Test
  @Tag("long")
  void survivesRandomOverwrites() throws InterruptedException {
    RandomGenerator random = new SplittableRandom(seed);
    forAll(
        "survivesRandomOverwrites",
        laboratory ->
            Stream.generate(new Sampler(laboratory, random)::overwrite).limit(MOST_IMAGES));
  }

  @Test
  @Tag("long")
  void survivesSplicesAtEachLine() throws InterruptedException {
    Laboratory other = new Laboratory(Specimen.all(CONTENT_SEED + 1).getFirst());
    forAll(
        "survivesSplicesAtEachLine",
        laboratory ->
            LongStream.range(1, laboratory.specimen().image().length / LINE)
                .mapToObj(line -> splice(laboratory.splicedWith(other), line * LINE)));
  }

  @Test
  void survivesASampleOfSplices() throws InterruptedException {
    RandomGenerator random = random("survivesASampleOfSplices");
    Laboratory laboratory =
        new Laboratory(Specimen.all(CONTENT_SEED).getFirst())
            .splicedWith(new Laboratory(Specimen.all(CONTENT_SEED + 1).getFirst()));
    Sampler sampler = new Sampler(laboratory, random);
    laboratory.examineAll(Stream.generate(sampler::splice).limit(150), 0);
    System.out.println(laboratory);
  }

  private static Damage splice(Laboratory laboratory, long boundary) {
    return Damage.splice(laboratory.other().specimen().image(), boundary);
  }

  /** Shows one image, named by a failure of the others. */
  @Test
  void repeatsOneImage() throws InterruptedException {
    String path = System.getProperty("cairn.damage", "closed/flip:0x2000:0x1");
    String name = path.substring(0, path.indexOf('/'));
    Specimen specimen =
        Specimen.all(CONTENT_SEED).stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow();
    Laboratory laboratory =
        new Laboratory(specimen)
            .splicedWith(new Laboratory(Specimen.all(CONTENT_SEED + 1).getFirst()));
    Damage damage = parse(path.substring(name.length() + 1), laboratory);
    laboratory.examineAll(Stream.of(damage), 0);
    System.out.println(laboratory);
  }

  /** Makes the images of a specimen. */
  private interface Images {
    Stream<Damage> of(Laboratory laboratory);
  }

  private void forAll(String test, Images images) throws InterruptedException {
    RandomGenerator random = random(test);
    for (Specimen specimen : Specimen.all(CONTENT_SEED)) {
      Laboratory laboratory = new Laboratory(specimen);
      long all = images.of(laboratory).count();
      System.out.printf(
          "%s: %s, %,d of %,d images%n", test, specimen.name(), Math.min(all, MOST_IMAGES), all);
      double share = (double) MOST_IMAGES / all;
      laboratory.examineAll(
          images.of(laboratory).filter(damage -> random.nextDouble() < share), 20_000);
      System.out.println(laboratory);
    }
  }

  private static Stream<Damage> bits(Specimen specimen, List<Span> spans) {
    return spans.stream()
        .filter(span -> span.length() <= PAGE)
        .flatMap(
            span ->
                LongStream.range(8 * span.offset(), 8 * span.end())
                    .mapToObj(bit -> Damage.flip(specimen.image(), bit / 8, 1 << bit % 8)));
  }

  private static Stream<Damage> bytes(Specimen specimen, Span span) {
    if (span.length() <= 8 * LINE) {
      return LongStream.range(span.offset(), span.end())
          .mapToObj(at -> Damage.flip(specimen.image(), at, 1 << at % 8));
    }
    return LongStream.rangeClosed(span.offset() / LINE, (span.end() - 1) / LINE)
        .mapToObj(
            line -> {
              long from = Math.max(line * LINE, span.offset());
              long to = Math.min((line + 1) * LINE, span.end());
              return Damage.flipAll(specimen.image(), from, (int) (to - from));
            });
  }

  private static Stream<Damage> chunkSwaps(Specimen specimen) {
    int chunks = specimen.image().length / CHUNK;
    return IntStream.range(0, chunks)
        .boxed()
        .flatMap(
            a ->
                IntStream.range(a + 1, chunks)
                    .mapToObj(
                        b ->
                            Damage.swap(
                                specimen.image(), (long) a * CHUNK, (long) b * CHUNK, CHUNK)));
  }

  private static Damage parse(String recipe, Laboratory laboratory) {
    Specimen specimen = laboratory.specimen();
    String[] parts = recipe.split(":", -1);
    long first = Long.decode(parts[1]);
    return switch (parts[0]) {
      case "flip" -> Damage.flip(specimen.image(), first, Integer.decode(parts[2]));
      case "flipAll" -> Damage.flipAll(specimen.image(), first, Integer.decode(parts[2]));
      case "swap" ->
          Damage.swap(specimen.image(), first, Long.decode(parts[2]), Integer.decode(parts[3]));
      case "overwrite" -> overwrite(first, Integer.decode(parts[2]), Long.decode(parts[3]));
      case "splice" -> splice(laboratory, first);
      default -> throw new IllegalArgumentException(recipe);
    };
  }

  private static Damage overwrite(long offset, int length, long contentSeed) {
    byte[] bytes = new byte[length];
    new Random(contentSeed).nextBytes(bytes);
    return Damage.overwrite(
        offset, bytes, "overwrite:0x%x:%d:%d".formatted(offset, length, contentSeed));
  }

  /** Chooses damage at random, more often where something lies. */
  private static final class Sampler {
    private final Laboratory laboratory;
    private final Specimen specimen;
    private final RandomGenerator random;
    private final List<Span> used;
    private final List<Span> metadata;

    Sampler(Laboratory laboratory, RandomGenerator random) {
      this.laboratory = laboratory;
      this.specimen = laboratory.specimen();
      this.random = random;
      this.used =
          laboratory.places().spans().stream()
              .filter(span -> span.kind() != Kind.IDLE && span.length() <= PAGE)
              .toList();
      this.metadata = laboratory.places().spans(Kind.METADATA);
    }

    Damage any() {
      return switch (random.nextInt(10)) {
        case 0 -> Damage.flip(specimen.image(), anywhere(), 1 << random.nextInt(8));
        case 1, 2, 3, 4 -> Damage.flip(specimen.image(), in(metadata), 1 << random.nextInt(8));
        case 5, 6 -> Damage.flip(specimen.image(), in(used), 1 << random.nextInt(8));
        case 7 -> swap();
        default -> overwrite();
      };
    }

    Damage swap() {
      int length =
          switch (random.nextInt(8)) {
            case 0 -> CHUNK;
            case 1 -> PAGE;
            case 2 -> 8;
            default -> LINE;
          };
      long a = in(used) & -length;
      long b = (random.nextInt(4) == 0 ? anywhere() : in(used)) & -length;
      return Damage.swap(specimen.image(), a, b, length);
    }

    Damage overwrite() {
      int length =
          random.nextBoolean() ? 1 + random.nextInt(16) : 1 + random.nextInt(LONGEST_OVERWRITE);
      long start = Math.min(in(used), specimen.image().length - length);
      return DamageTest.overwrite(start, length, random.nextInt());
    }

    Damage splice() {
      return DamageTest.splice(laboratory, in(used) & -LINE);
    }

    private long anywhere() {
      return random.nextLong(specimen.image().length);
    }

    /** A byte of one of these spans: each is as likely, however long it is. */
    private long in(List<Span> spans) {
      Span span = spans.get(random.nextInt(spans.size()));
      return span.offset() + random.nextLong(span.length());
    }
  }
}
