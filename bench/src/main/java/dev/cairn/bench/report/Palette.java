package dev.cairn.bench.report;

import dev.cairn.bench.peer.Peer;
import java.awt.Color;

/** One colour for each peer, the same in all plots; dark enough for white paper. */
final class Palette {
  static final Color INK = new Color(0x22, 0x26, 0x2b);
  static final Color FAINT = new Color(0x6b, 0x72, 0x7b);
  static final Color GRID = new Color(0xe3, 0xe6, 0xea);

  private Palette() {}

  static Color of(Peer peer) {
    return switch (peer) {
      case CAIRN -> new Color(0xc2, 0x33, 0x1b);
      case LOG -> new Color(0x1f, 0x6f, 0xb4);
      case RANDOM_ACCESS -> new Color(0x4a, 0x9b, 0xd9);
      case MAPPED -> new Color(0x12, 0x8c, 0x9e);
      case MVSTORE -> new Color(0x7a, 0x52, 0xb3);
      case LMDB -> new Color(0x2e, 0x8b, 0x57);
      case ROCKSDB -> new Color(0xb5, 0x7c, 0x12);
      case MAPDB -> new Color(0xa8, 0x4f, 0x8d);
      case CHRONICLE -> new Color(0x6d, 0x8f, 0x1f);
      case LLPL, LLPL_ART -> new Color(0x2b, 0x3f, 0x9c);
      case CONCURRENT_HASH_MAP, CONCURRENT_SKIP_LIST_MAP -> new Color(0x80, 0x86, 0x8e);
    };
  }

  /** Returns the colour as CSS writes it. */
  static String css(Peer peer) {
    return String.format("#%06x", of(peer).getRGB() & 0xFFFFFF);
  }
}
