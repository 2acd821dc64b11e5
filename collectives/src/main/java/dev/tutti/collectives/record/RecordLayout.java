package dev.tutti.collectives.record;

/// Where things lie in a record: the memory of one communicator on one rank, and at the same time
/// the counters file that other processes map.
///
/// ```
///       0  magic: long, version: int, members: int, capacity: int, rank: int, pid: long,
///          start: wall ns, nanoTime, operations that `bytes` counts: long
///     128  wait      peer: long, entry: long, since: long, seen: long (nanoTime)
///     256  failure   operation: long, wall ns: long, nanoTime: long, count of notes: long
///     512  texts     communicator 256 | transport 64 | host 256 | host id 64 | job 64 | kind 64
///                    | message 2048     each: length: int, UTF-8
///    4096  names     64 algorithms of 64 bytes each, as texts
///    8192  labels    the metadata buffer of Agrona's counters, 512 bytes per counter
///   16384  values    the values buffer of Agrona's counters, 128 bytes per counter
///   20480  entries   16 bytes per operation: signature; operation number << 16 | algorithm << 8 |
///                    flags
///       .  stamps    16 bytes per operation: begin, end (nanoTime), valid as the flags say
///       .  peers     64 bytes per member: rank in the world, waits, waited ns, transfers, bytes,
///                    ns, best bytes/s
/// ```
///
/// Operation i (counting from 0 all that have been entered) lies in entry i % capacity. The rank
/// writes, anybody reads. Nothing counts the operations that were entered: the counter `operations`
/// says how many have ended, and the next one has been entered if its entry carries the flag of its
/// lap around the ring, which changes from lap to lap. The counter `bytes` is brought up to date
/// now and then; the reader adds the operations since then from their signatures.
///
/// @param members number of ranks of the communicator
/// @param capacity operations remembered, a power of two
record RecordLayout(int members, int capacity) {
  static final long MAGIC = 0x5455_5454_4952_4543L; // "TUTTIREC"
  static final int VERSION = 1;

  static final int MAGIC_WORD = 0;
  static final int VERSION_WORD = 8;
  static final int MEMBERS = 12;
  static final int CAPACITY = 16;
  static final int RANK = 20;
  static final int PROCESS = 24;
  static final int START_WALL = 32;
  static final int START_NANOS = 40;

  static final int BYTES_OPERATIONS = 48;

  static final int WAIT = 128;
  static final int WAIT_ENTRY = 8;
  static final int WAIT_SINCE = 16;
  static final int WAIT_SEEN = 24;

  static final int FAILURE = 256;
  static final int FAILURE_WALL = 8;
  static final int FAILURE_NANOS = 16;
  static final int FAILURE_NOTED = 24;

  /// A text of bounded length at a fixed place.
  enum Text {
    COMMUNICATOR(512, 256),
    TRANSPORT(768, 64),
    HOST(832, 256),
    HOST_ID(1088, 64),
    JOB(1152, 64),
    FAILURE_KIND(1216, 64),
    FAILURE_MESSAGE(1280, 2048);

    final int offset;
    final int bytes;

    Text(int offset, int bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  static final int NAMES = 4096;
  static final int MAX_NAMES = 64;
  static final int NAME_BYTES = 64;

  static final int LABELS = 8192;
  static final int LABEL_BYTES = 512; // Agrona's CountersReader.METADATA_LENGTH
  static final int VALUES = 16384;
  static final int VALUE_BYTES = 128; // Agrona's CountersReader.COUNTER_LENGTH
  static final int MAX_COUNTERS = 16;

  static final int ENTRIES = 20480;
  static final int ENTRY_BYTES = 16;
  static final int ENTRY_WORD = 8;

  /// Flag: the begin stamp is valid.
  static final int BEGUN = 1;

  /// Flag: the end stamp is valid.
  static final int ENDED = 2;

  /// Flag: the operation waited for long; begin is the begin of the first wait, unless BEGUN.
  static final int STALLED = 4;

  /// Flag: the entry was written in an even lap (0, 2, ...) around the ring.
  static final int EVEN_LAP = 8;

  static final int PEER_BYTES = 64;
  static final int PEER_RANK = 0;
  static final int PEER_WAITS = 8;
  static final int PEER_WAITED = 16;
  static final int PEER_TRANSFERS = 24;
  static final int PEER_TRANSFER_BYTES = 32;
  static final int PEER_TRANSFER_NANOS = 40;
  static final int PEER_BEST_RATE = 48;

  static final int MAX_MEMBERS = 1 << 20;
  static final int MAX_CAPACITY = 1 << 16;

  static long value(Counter counter) {
    return VALUES + (long) counter.ordinal() * VALUE_BYTES;
  }

  static long name(int algorithm) {
    return NAMES + (long) algorithm * NAME_BYTES;
  }

  /// Returns the flag of an operation's lap.
  int lap(long operation) {
    return (operation & capacity) == 0 ? EVEN_LAP : 0;
  }

  long entry(long operation) {
    return ENTRIES + (operation & (capacity - 1)) * ENTRY_BYTES;
  }

  long stamp(long operation) {
    return entry(operation) + (long) capacity * ENTRY_BYTES;
  }

  long peer(int member) {
    return ENTRIES + 2L * capacity * ENTRY_BYTES + (long) member * PEER_BYTES;
  }

  long bytes() {
    return (peer(members) + 4095) & -4096L;
  }
}
