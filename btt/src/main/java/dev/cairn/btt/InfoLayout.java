package dev.cairn.btt;

/** Where the fields of an info block lie. All numbers are little-endian. */
final class InfoLayout {
  static final int INFO_SIZE = 4096;

  /** Each area of an arena begins at a multiple of this. */
  static final int ALIGNMENT = 4096;

  /** The first half of the signature, {@code BTT_AREN}: stored last, so it vouches for the rest. */
  static final long SIGNATURE_FIRST = 0x4e4552415f545442L;

  /** The second half, {@code A_INFO} and two zero bytes. */
  static final long SIGNATURE_SECOND = 0x00004f464e495f41L;

  static final int SIGNATURE_FIRST_OFFSET = 0;
  static final int SIGNATURE_SECOND_OFFSET = 8;
  static final int UUID_OFFSET = 16;
  static final int PARENT_UUID_OFFSET = 32;
  static final int FLAGS_OFFSET = 48;
  static final int MAJOR_OFFSET = 52;
  static final int MINOR_OFFSET = 54;
  static final int EXTERNAL_BLOCK_SIZE_OFFSET = 56;
  static final int EXTERNAL_BLOCKS_OFFSET = 60;
  static final int INTERNAL_BLOCK_SIZE_OFFSET = 64;
  static final int INTERNAL_BLOCKS_OFFSET = 68;
  static final int FREE_BLOCKS_OFFSET = 72;
  static final int INFO_SIZE_OFFSET = 76;
  static final int NEXT_OFFSET = 80;
  static final int DATA_OFFSET = 88;
  static final int MAP_OFFSET = 96;
  static final int FLOG_OFFSET = 104;
  static final int BACKUP_OFFSET = 112;
  static final int CHECKSUM_OFFSET = 4088;

  /** The flag of an arena that must not be written any more. */
  static final int FLAG_ERROR = 1;

  private InfoLayout() {}
}
