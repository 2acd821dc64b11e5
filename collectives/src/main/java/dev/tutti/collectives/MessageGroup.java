package dev.tutti.collectives;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.execute.MessagePort.Message;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Messages that are sent and received all at once ([Communicator#group]).
///
/// ```java
/// world.group()
///     .send(halo, n, FLOAT32, right)
///     .receive(ghost, n, FLOAT32, left)
///     .run();
/// ```
///
/// The order in which messages are added does not matter, but for those between the same two ranks
/// in the same direction: they are matched in order, also with [Communicator#send] and
/// [Communicator#receive] on the other side. Groups of ranks whose messages match cannot deadlock.
/// A rank may send to itself. Buffers of one group must not overlap, unless both are sent. A group
/// may run many times, and allocates a little each time. Used by one thread at a time.
public final class MessageGroup {
  private final CommunicatorCore core;
  private final OperationQueue queue;
  private final RegisteredMemory memory;
  private final List<Part> sends = new ArrayList<>();
  private final List<Part> receives = new ArrayList<>();

  private record Part(MemorySegment buffer, long bytes, DataType type, int peer) {}

  MessageGroup(CommunicatorCore core, OperationQueue queue, RegisteredMemory memory) {
    this.core = core;
    this.queue = queue;
    this.memory = memory;
  }

  /// Adds a message of `count` elements to a peer; returns this group.
  public MessageGroup send(MemorySegment buffer, long count, DataType type, int peer) {
    sends.add(part(buffer, count, type, peer));
    return this;
  }

  /// Adds a message of `count` elements from a peer; returns this group.
  public MessageGroup receive(MemorySegment buffer, long count, DataType type, int peer) {
    BufferChecks.writable("receive buffer", buffer);
    receives.add(part(buffer, count, type, peer));
    return this;
  }

  private Part part(MemorySegment buffer, long count, DataType type, int peer) {
    BufferChecks.rank("peer", peer, core.size);
    BufferChecks.count(count, type, 1);
    BufferChecks.size("buffer", buffer, count * type.bytes());
    return new Part(buffer, count * type.bytes(), type, peer);
  }

  /// Sends and receives all messages; returns when they are through.
  ///
  /// @throws IllegalArgumentException if the messages of this rank to itself do not match
  /// @throws MismatchException if a peer sent another count or type
  public void run() {
    queue.run(operation());
  }

  /// Starts to send and to receive all messages; the buffers belong to it until it has ended.
  public Request start() {
    return operation().enqueue();
  }

  private Exchange operation() {
    queue.checkOpen();
    core.checkUsable();
    List<Part> toSelf = sends.stream().filter(p -> p.peer() == core.index).toList();
    List<Part> fromSelf = receives.stream().filter(p -> p.peer() == core.index).toList();
    if (toSelf.size() != fromSelf.size()) {
      throw new IllegalArgumentException(
          "rank "
              + core.index
              + " sends "
              + toSelf.size()
              + " messages to itself and receives "
              + fromSelf.size());
    }
    for (int i = 0; i < toSelf.size(); i++) {
      Part sent = toSelf.get(i);
      Part received = fromSelf.get(i);
      if (sent.bytes() != received.bytes() || sent.type() != received.type()) {
        throw new IllegalArgumentException(
            "message "
                + i
                + " of rank "
                + core.index
                + " to itself: sends "
                + describe(sent)
                + ", receives "
                + describe(received));
      }
    }
    return new Exchange(this, List.copyOf(sends), List.copyOf(receives));
  }

  private static String describe(Part part) {
    return part.bytes() / part.type().bytes() + " " + part.type();
  }

  /// One run of a group.
  static final class Exchange extends QueuedOperation {
    private final CommunicatorCore core;
    private final RegisteredMemory memory;
    private final List<Part> sends;
    private final List<Part> receives;
    private long staging; // next free address for a buffer on the heap

    private Exchange(MessageGroup group, List<Part> sends, List<Part> receives) {
      super(group.core, group.queue);
      this.core = group.core;
      this.memory = group.memory;
      this.sends = sends;
      this.receives = receives;
    }

    @Override
    void execute() {
      copyToSelf();
      long heapBytes = heapBytes(sends) + heapBytes(receives);
      staging = heapBytes == 0 ? 0 : memory.staging(heapBytes);
      List<Message> out = messages(sends);
      for (int i = 0; i < out.size(); i++) {
        MemorySegment source = others(sends).get(i).buffer();
        if (!source.isNative()) {
          MemorySegment.copy(source, 0, Memory.ALL, out.get(i).address(), out.get(i).bytes());
        }
      }
      List<Message> in = messages(receives);
      core.exchange(out, in);
      for (int i = 0; i < in.size(); i++) {
        MemorySegment target = others(receives).get(i).buffer();
        if (!target.isNative()) {
          MemorySegment.copy(Memory.ALL, in.get(i).address(), target, 0, in.get(i).bytes());
        }
      }
    }

    private void copyToSelf() {
      List<Part> own = sends.stream().filter(p -> p.peer() == core.index).toList();
      int next = 0;
      for (Part received : receives) {
        if (received.peer() == core.index) {
          MemorySegment.copy(own.get(next++).buffer(), 0, received.buffer(), 0, received.bytes());
        }
      }
    }

    private List<Part> others(List<Part> parts) {
      return parts.stream().filter(p -> p.peer() != core.index).toList();
    }

    private long heapBytes(List<Part> parts) {
      return others(parts).stream()
          .filter(p -> !p.buffer().isNative())
          .mapToLong(p -> aligned(p.bytes()))
          .sum();
    }

    private static long aligned(long bytes) {
      return (bytes + 127) & -128L;
    }

    private List<Message> messages(List<Part> parts) {
      List<Message> messages = new ArrayList<>();
      for (Part part : others(parts)) {
        long address = part.buffer().address();
        if (!part.buffer().isNative()) {
          address = staging;
          staging += aligned(part.bytes());
        }
        messages.add(new Message(address, part.bytes(), part.type(), part.peer()));
      }
      return messages;
    }
  }
}
