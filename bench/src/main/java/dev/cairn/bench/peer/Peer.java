package dev.cairn.bench.peer;

import dev.cairn.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Who is measured. The names are for the command line; their order is that of the reports. */
@SuppressWarnings("ImmutableEnumChecker") // records of Strings, and references to static methods
public enum Peer {
  /** A persistent heap. */
  CAIRN(
      "cairn",
      "Cairn",
      Promise.flushed(),
      Promise.synced("msync at every fence"),
      CairnStore::open),
  /** A log of Kryo's records. */
  LOG(
      "filechannel-log",
      "FileChannel log + force",
      Promise.synced("a Kryo record with a checksum, then force(false)"),
      LogStore::open),
  /** Slots of a file. */
  RANDOM_ACCESS(
      "randomaccessfile",
      "RandomAccessFile + sync",
      Promise.torn("Kryo in place, getFD().sync(); a crash before it can tear the entry"),
      SlotStore::openRandomAccess),
  /** Slots of a mapped file. */
  MAPPED(
      "mappedbytebuffer",
      "MappedByteBuffer + force",
      Promise.torn("Kryo in place, force(); a crash before it can tear the entry"),
      SlotStore::openMapped),
  /** H2's storage engine. */
  MVSTORE("mvstore", "H2 MVStore", Promise.synced("commit() and sync()"), MvStoreStore::open),
  /** LMDB by lmdbjava. */
  LMDB(
      "lmdb",
      "LMDB",
      Promise.synced("a transaction for each put; its commit syncs (LMDB's default)"),
      LmdbStore::open),
  /** RocksDB by its own Java binding. */
  ROCKSDB(
      "rocksdb",
      "RocksDB",
      Promise.synced("write-ahead log with WriteOptions.sync"),
      RocksDbStore::open),
  /** MapDB's hash map. */
  MAPDB("mapdb", "MapDB", Promise.synced("transactionEnable() and commit()"), MapDbStore::open),
  /** Chronicle Map. */
  CHRONICLE(
      "chronicle-map",
      "Chronicle Map",
      new Promise(
          Promise.Kind.PROCESS_ONLY,
          "nothing atomic: the mapped file survives the process, an entry cut short is dropped by"
              + " recovery"),
      ChronicleMapStore::open),
  /** A plain hash map over LLPL's transactions. */
  LLPL("llpl", "LLPL hash map", Promise.flushed(), LlplStore::open),
  /** LLPL's radix tree. */
  LLPL_ART("llpl-longart", "LLPL LongART", Promise.flushed(), LlplArtStore::open),
  /** The ceiling: nothing is kept. */
  CONCURRENT_HASH_MAP(
      "concurrenthashmap", "ConcurrentHashMap (DRAM)", Promise.nothing(), VolatileStore::open),
  /** The ceiling of sorted maps. */
  CONCURRENT_SKIP_LIST_MAP(
      "concurrentskiplistmap",
      "ConcurrentSkipListMap (DRAM)",
      Promise.nothing(),
      VolatileStore::open);

  /** Opens or creates a store. */
  interface Opener {
    /** Does it; the directory exists. */
    <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
        throws IOException;
  }

  private final String id;
  private final String title;
  private final Promise inMemory;
  private final Promise onDisk;
  private final Opener opener;

  Peer(String id, String title, Promise promise, Opener opener) {
    this(id, title, promise, promise, opener);
  }

  Peer(String id, String title, Promise inMemory, Promise onDisk, Opener opener) {
    this.id = id;
    this.title = title;
    this.inMemory = inMemory;
    this.onDisk = onDisk;
    this.opener = opener;
  }

  /**
   * Finds a peer.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Peer named(String id) {
    return Arrays.stream(values())
        .filter(peer -> peer.id.equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no peer " + id));
  }

  /** Returns the name for the command line. */
  public String id() {
    return id;
  }

  /** Returns the name for people. */
  public String title() {
    return title;
  }

  /** Says what is left after a crash. */
  public Promise promise(Place place) {
    return place == Place.DISK ? onDisk : inMemory;
  }

  /** Returns where it is measured. */
  public List<Place> places() {
    return switch (this) {
      case CONCURRENT_HASH_MAP, CONCURRENT_SKIP_LIST_MAP -> List.of(Place.DRAM);
      // Their stores are mapped memory, with nothing that a disk would add but its slowness.
      case CHRONICLE, LLPL, LLPL_ART -> List.of(Place.MEMORY);
      default -> List.of(Place.MEMORY, Place.DISK);
    };
  }

  /** Whether a transfer is one atomic change. */
  public boolean transfersAtomically() {
    return switch (this) {
      case RANDOM_ACCESS, MAPPED, CHRONICLE, CONCURRENT_HASH_MAP, CONCURRENT_SKIP_LIST_MAP -> false;
      default -> true;
    };
  }

  /**
   * Whether it can store a workload: some keep their keys in order, some do not, some know both.
   */
  public boolean stores(Workload<?, ?> workload) {
    return switch (this) {
      case CAIRN, MVSTORE, LMDB, ROCKSDB, MAPDB -> true;
      case LLPL_ART, CONCURRENT_SKIP_LIST_MAP -> workload.isSorted();
      default -> !workload.isSorted();
    };
  }

  /** Whether there is a file that a later process could open. */
  public boolean keepsFiles() {
    return this != CONCURRENT_HASH_MAP && this != CONCURRENT_SKIP_LIST_MAP;
  }

  /** Says what is missing on this machine, and how to get it; nothing if it can be measured. */
  public Optional<String> missing() {
    Supplier<Optional<String>> check =
        this == LLPL || this == LLPL_ART ? LlplStore::missing : () -> Optional.<String>empty();
    return check.get();
  }

  /**
   * Opens a store, or creates it if the directory is empty.
   *
   * @param directory exists
   * @param workload what is stored
   * @param entries how many entries there will be at most
   */
  public <K, V> Store<K, V> open(Path directory, Workload<K, V> workload, long entries)
      throws IOException {
    return opener.open(directory, workload, entries);
  }
}
