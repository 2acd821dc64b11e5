package dev.tutti.collectives.record;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.collectives.execute.Signature;
import dev.tutti.collectives.record.Dump.Kind;
import dev.tutti.collectives.record.Dump.State;
import dev.tutti.collectives.record.RecordLayout.Text;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a record, of this process or another, while its rank goes on writing.
final class RecordReader {
  private static final VarHandle LONG = JAVA_LONG.varHandle();

  private final MemorySegment memory;
  private final RecordLayout layout;

  private RecordReader(MemorySegment memory, RecordLayout layout) {
    this.memory = memory;
    this.layout = layout;
  }

  /// Reads a record.
  ///
  /// @throws RecordFormatException if it is none, or one of another version
  static Dump read(MemorySegment memory) {
    return new RecordReader(memory, check(memory)).dump();
  }

  /// Looks at sizes before anything is addressed by them.
  private static RecordLayout check(MemorySegment memory) {
    if (memory.byteSize() < RecordLayout.ENTRIES
        || (long) LONG.getAcquire(memory, RecordLayout.MAGIC_WORD) != RecordLayout.MAGIC) {
      throw new RecordFormatException("is not a record, or not one yet");
    }
    int version = memory.get(JAVA_INT, RecordLayout.VERSION_WORD);
    if (version != RecordLayout.VERSION) {
      throw new RecordFormatException(
          "has version " + version + ", expected " + RecordLayout.VERSION);
    }
    int members = memory.get(JAVA_INT, RecordLayout.MEMBERS);
    int capacity = memory.get(JAVA_INT, RecordLayout.CAPACITY);
    if (members < 1
        || members > RecordLayout.MAX_MEMBERS
        || capacity < 1
        || capacity > RecordLayout.MAX_CAPACITY
        || Integer.bitCount(capacity) != 1
        || memory.byteSize() < new RecordLayout(members, capacity).bytes()) {
      throw new RecordFormatException(
          "has " + members + " members, " + capacity + " entries and " + memory.byteSize() + " B");
    }
    return new RecordLayout(members, capacity);
  }

  private Dump dump() {
    Dump.Failure failure = failure();
    long completed = get(RecordLayout.value(Counter.OPERATIONS));
    long entered = isEntered(completed) ? completed + 1 : completed;
    Map<Counter, Long> counters = counters(completed);
    List<Dump.Operation> operations = operations(entered, completed, failure != null);
    List<Dump.Peer> peers = peers();
    Dump.Wait waiting = waiting();
    return new Dump(
        new Identity(
            text(Text.COMMUNICATOR),
            memory.get(JAVA_INT, RecordLayout.RANK),
            peers.stream().map(Dump.Peer::worldRank).toList(),
            text(Text.TRANSPORT),
            text(Text.HOST),
            text(Text.HOST_ID),
            get(RecordLayout.PROCESS),
            text(Text.JOB)),
        RecordWriter.wallNanos(),
        System.nanoTime(),
        get(RecordLayout.START_NANOS),
        entered,
        counters,
        failure,
        waiting,
        null,
        peers,
        operations);
  }

  /// Returns whether the operation after `completed` others has been entered. If it has ended
  /// meanwhile, the answer may be wrong, and the next look at the record will differ anyhow.
  private boolean isEntered(long completed) {
    long word = get(layout.entry(completed) + RecordLayout.ENTRY_WORD);
    return (word & RecordLayout.EVEN_LAP) == layout.lap(completed);
  }

  private Map<Counter, Long> counters(long completed) {
    Map<Counter, Long> counters = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      counters.put(counter, get(RecordLayout.value(counter)));
    }
    counters.put(Counter.OPERATIONS, completed);
    counters.put(Counter.BYTES, bytes(completed));
    return counters;
  }

  private long bytes(long completed) {
    long bytes = get(RecordLayout.value(Counter.BYTES));
    long counted = get(RecordLayout.BYTES_OPERATIONS);
    for (long k = Math.max(counted, completed - layout.capacity()); k < completed; k++) {
      bytes += Signature.bytes(get(layout.entry(k)));
    }
    return bytes;
  }

  private Dump.@Nullable Failure failure() {
    if (get(RecordLayout.FAILURE + RecordLayout.FAILURE_NOTED) == 0) {
      return null;
    }
    return new Dump.Failure(
        get(RecordLayout.FAILURE),
        text(Text.FAILURE_KIND),
        text(Text.FAILURE_MESSAGE),
        get(RecordLayout.FAILURE + RecordLayout.FAILURE_WALL),
        get(RecordLayout.FAILURE + RecordLayout.FAILURE_NANOS));
  }

  private Dump.@Nullable Wait waiting() {
    long seen = get(RecordLayout.WAIT + RecordLayout.WAIT_SEEN);
    if (seen == 0) {
      return null;
    }
    return new Dump.Wait(
        (int) get(RecordLayout.WAIT),
        get(RecordLayout.WAIT + RecordLayout.WAIT_ENTRY),
        get(RecordLayout.WAIT + RecordLayout.WAIT_SINCE),
        seen);
  }

  private List<Dump.Peer> peers() {
    List<Dump.Peer> peers = new ArrayList<>(layout.members());
    for (int m = 0; m < layout.members(); m++) {
      long at = layout.peer(m);
      peers.add(
          new Dump.Peer(
              (int) get(at + RecordLayout.PEER_RANK),
              get(at + RecordLayout.PEER_WAITS),
              get(at + RecordLayout.PEER_WAITED),
              get(at + RecordLayout.PEER_TRANSFERS),
              get(at + RecordLayout.PEER_TRANSFER_BYTES),
              get(at + RecordLayout.PEER_TRANSFER_NANOS),
              get(at + RecordLayout.PEER_BEST_RATE)));
    }
    return peers;
  }

  /// Reads the entries, and drops those that may have been overwritten meanwhile.
  private List<Dump.Operation> operations(long entered, long completed, boolean failed) {
    long first = Math.max(0, entered - layout.capacity());
    List<Dump.Operation> read = new ArrayList<>();
    for (long k = first; k < entered; k++) {
      State state =
          k < completed ? State.DONE : failed ? State.FAILED : State.RUNNING; // one runs at a time
      read.add(operation(k, state));
    }
    long now = get(RecordLayout.value(Counter.OPERATIONS));
    // If that has moved, one more may be under way, and one more half written.
    long overwritten = now == completed ? 0 : now + 2 - layout.capacity() - first;
    return read.subList(Math.clamp(overwritten, 0, read.size()), read.size());
  }

  private Dump.Operation operation(long k, State state) {
    long signature = get(layout.entry(k));
    long word = get(layout.entry(k) + RecordLayout.ENTRY_WORD);
    int flags = (int) word & 0xff;
    boolean stalled = (flags & RecordLayout.STALLED) != 0;
    boolean begun = stalled || (flags & RecordLayout.BEGUN) != 0;
    boolean ended = state == State.DONE && (flags & RecordLayout.ENDED) != 0;
    return new Dump.Operation(
        word >>> 16,
        Signature.describe(signature),
        Signature.peer(signature) < 0 ? Kind.COLLECTIVE : Kind.MESSAGE,
        Signature.bytes(signature),
        text(RecordLayout.name((int) (word >>> 8) & 0xff), RecordLayout.NAME_BYTES),
        state,
        begun ? get(layout.stamp(k)) : 0,
        ended ? get(layout.stamp(k) + Long.BYTES) : 0,
        stalled);
  }

  private String text(Text place) {
    return text(place.offset, place.bytes);
  }

  private String text(long offset, int room) {
    int length = Math.clamp(memory.get(JAVA_INT, offset), 0, room - Integer.BYTES);
    byte[] bytes = memory.asSlice(offset + Integer.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long get(long offset) {
    return (long) LONG.getAcquire(memory, offset); // acquire: pairs with the writer's releases
  }
}
