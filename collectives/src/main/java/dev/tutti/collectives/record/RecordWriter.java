package dev.tutti.collectives.record;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.record.RecordLayout.Text;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// Writes the rare things into a record: who it is about, names, waits, the failure.
final class RecordWriter {
  private static final String TOO_MANY = "(more algorithms)";

  private final long base;
  private final RecordLayout layout;
  private final String[] names = new String[RecordLayout.MAX_NAMES];
  private int nameCount;

  RecordWriter(long base, RecordLayout layout) {
    this.base = base;
    this.layout = layout;
    algorithm(""); // number 0: none, for messages
  }

  /// Returns the time since 1970 in nanoseconds.
  static long wallNanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  void identify(Identity identity) {
    Memory.putInt(base + RecordLayout.VERSION_WORD, RecordLayout.VERSION);
    Memory.putInt(base + RecordLayout.MEMBERS, layout.members());
    Memory.putInt(base + RecordLayout.CAPACITY, layout.capacity());
    Memory.putInt(base + RecordLayout.RANK, identity.rank());
    Memory.putLong(base + RecordLayout.PROCESS, identity.processId());
    Memory.putLong(base + RecordLayout.START_WALL, wallNanos());
    Memory.putLong(base + RecordLayout.START_NANOS, System.nanoTime());
    Memory.putLong(base + RecordLayout.WAIT, -1);
    Memory.putLong(base + RecordLayout.WAIT + RecordLayout.WAIT_ENTRY, -1);
    text(Text.COMMUNICATOR, identity.communicator());
    text(Text.TRANSPORT, identity.transport());
    text(Text.HOST, identity.host());
    text(Text.HOST_ID, identity.hostId());
    text(Text.JOB, identity.job());
    for (int m = 0; m < layout.members(); m++) {
      Memory.putLong(base + layout.peer(m) + RecordLayout.PEER_RANK, identity.members().get(m));
    }
    // release: whoever sees the magic word sees the rest
    Memory.putLongRelease(base + RecordLayout.MAGIC_WORD, RecordLayout.MAGIC);
  }

  int algorithm(String name) {
    for (int i = 0; i < nameCount; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    int number = Math.min(nameCount, RecordLayout.MAX_NAMES - 1);
    names[number] = number == RecordLayout.MAX_NAMES - 1 ? TOO_MANY : name;
    nameCount = number + 1;
    text(base + RecordLayout.name(number), RecordLayout.NAME_BYTES, names[number]);
    return number;
  }

  String algorithmName(int number) {
    return names[number];
  }

  void add(long address, long more) {
    Memory.putLongRelease(address, Memory.getLong(address) + more); // this rank alone writes it
  }

  void beginWait(int peer, long entry, long start) {
    long wait = base + RecordLayout.WAIT;
    Memory.putLong(wait, peer);
    Memory.putLong(wait + RecordLayout.WAIT_ENTRY, entry);
    Memory.putLong(wait + RecordLayout.WAIT_SINCE, start);
  }

  void failed(long operation, String kind, String message) {
    long failure = base + RecordLayout.FAILURE;
    if (Memory.getLong(failure + RecordLayout.FAILURE_NOTED) != 0) {
      return;
    }
    Memory.putLong(failure, operation);
    Memory.putLong(failure + RecordLayout.FAILURE_WALL, wallNanos());
    Memory.putLong(failure + RecordLayout.FAILURE_NANOS, System.nanoTime());
    text(Text.FAILURE_KIND, kind);
    text(Text.FAILURE_MESSAGE, message);
    Memory.putLongRelease(failure + RecordLayout.FAILURE_NOTED, 1);
    add(base + RecordLayout.value(Counter.FAILURES), 1);
  }

  private void text(Text place, String value) {
    text(base + place.offset, place.bytes, value);
  }

  /// Writes as many whole characters as fit.
  private static void text(long address, int room, String value) {
    int most = room - Integer.BYTES;
    String kept = value;
    byte[] bytes = kept.getBytes(StandardCharsets.UTF_8);
    while (bytes.length > most) {
      kept = kept.substring(0, Math.min(kept.length() - 1, most));
      bytes = kept.getBytes(StandardCharsets.UTF_8);
    }
    MemorySegment.copy(
        bytes, 0, Memory.ALL, ValueLayout.JAVA_BYTE, address + Integer.BYTES, bytes.length);
    Memory.putInt(address, bytes.length);
  }
}
