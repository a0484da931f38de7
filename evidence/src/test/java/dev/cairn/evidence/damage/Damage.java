package dev.cairn.evidence.damage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is done to an image, and how to do it again.
 *
 * @param recipe says it all in a line: what {@link DamageTest} takes to repeat it
 * @param patches the bytes that are put over it
 */
record Damage(String recipe, List<Patch> patches) {
  /**
   * Bytes of another content.
   *
   * @param offset of the first
   * @param bytes what is put there
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Patch(long offset, byte[] bytes) {}

  static Damage flip(byte[] image, long offset, int mask) {
    byte flipped = (byte) (image[(int) offset] ^ mask);
    return of("flip:0x%x:0x%x".formatted(offset, mask), offset, new byte[] {flipped});
  }

  /** Flips each byte of a range, with a mask of its own. */
  static Damage flipAll(byte[] image, long offset, int length) {
    byte[] flipped = Arrays.copyOfRange(image, (int) offset, (int) offset + length);
    for (int i = 0; i < length; i++) {
      flipped[i] ^= (byte) (1 << (offset + i) % 8);
    }
    return of("flipAll:0x%x:%d".formatted(offset, length), offset, flipped);
  }

  static Damage overwrite(long offset, byte[] bytes, String recipe) {
    return of(recipe, offset, bytes);
  }

  static Damage swap(byte[] image, long a, long b, int length) {
    byte[] atA = Arrays.copyOfRange(image, (int) a, (int) a + length);
    byte[] atB = Arrays.copyOfRange(image, (int) b, (int) b + length);
    return new Damage(
        "swap:0x%x:0x%x:%d".formatted(a, b, length), List.of(new Patch(a, atB), new Patch(b, atA)));
  }

  /** Puts the end of another image behind the beginning of this one. */
  static Damage splice(byte[] other, long boundary) {
    byte[] suffix = Arrays.copyOfRange(other, (int) boundary, other.length);
    return of("splice:0x%x".formatted(boundary), boundary, suffix);
  }

  private static Damage of(String recipe, long offset, byte[] bytes) {
    return new Damage(recipe, List.of(new Patch(offset, bytes)));
  }

  void apply(PatchedMedium medium) {
    patches.forEach(patch -> medium.put(patch.offset(), patch.bytes()));
  }

  /** The spans in which a byte really changes. */
  Set<Places.Span> touched(byte[] image, Places places) {
    Set<Places.Span> touched = new HashSet<>();
    for (Patch patch : patches) {
      long end = patch.offset() + patch.bytes().length;
      for (long at = patch.offset(); at < end; ) {
        int index = (int) (at - patch.offset());
        int next =
            Arrays.mismatch(image, (int) at, (int) end, patch.bytes(), index, patch.bytes().length);
        if (next < 0) {
          break;
        }
        Places.Span span = places.at(at + next);
        touched.add(span);
        at = span.end();
      }
    }
    return touched;
  }

  @Override
  public String toString() {
    return recipe;
  }

  /** Names of what is touched, for reports: the first few. */
  static String names(Set<Places.Span> touched) {
    List<String> names = new ArrayList<>();
    touched.stream().limit(4).forEach(span -> names.add(span.name()));
    return names + (touched.size() > 4 ? " and %d more".formatted(touched.size() - 4) : "");
  }
}
