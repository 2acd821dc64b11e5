package dev.tutti.collectives;

import dev.tutti.bindings.Memory;
import java.lang.foreign.MemorySegment;

/// The messages between two ranks of one communicator: checks them, lets the queued operations go
/// first, and copies buffers on the heap through shared memory.
final class PeerMessages {
  private final CommunicatorCore core;
  private final OperationQueue queue;
  private final RegisteredMemory memory;

  PeerMessages(CommunicatorCore core, OperationQueue queue, RegisteredMemory memory) {
    this.core = core;
    this.queue = queue;
    this.memory = memory;
  }

  /// See [Communicator#send].
  void send(MemorySegment buffer, long count, DataType type, int peer) {
    checkPeer(peer);
    long bytes = checkMessage(buffer, count, type);
    awaitTurn();
    if (buffer.isNative()) {
      core.send(buffer.address(), bytes, type, peer);
    } else {
      long staged = memory.staging(bytes);
      MemorySegment.copy(buffer, 0, Memory.ALL, staged, bytes);
      core.send(staged, bytes, type, peer);
    }
  }

  /// See [Communicator#receive].
  void receive(MemorySegment buffer, long count, DataType type, int peer) {
    checkPeer(peer);
    long bytes = checkMessage(buffer, count, type);
    BufferChecks.writable("receive buffer", buffer);
    awaitTurn();
    if (buffer.isNative()) {
      core.receive(buffer.address(), bytes, type, peer);
    } else {
      long staged = memory.staging(bytes);
      core.receive(staged, bytes, type, peer);
      MemorySegment.copy(Memory.ALL, staged, buffer, 0, bytes);
    }
  }

  private void checkPeer(int peer) {
    BufferChecks.rank("peer", peer, core.size);
    if (peer == core.index) {
      throw new IllegalArgumentException("rank " + peer + " cannot send to or receive from itself");
    }
  }

  private long checkMessage(MemorySegment buffer, long count, DataType type) {
    queue.checkOpen();
    BufferChecks.count(count, type, 1);
    long bytes = count * type.bytes();
    BufferChecks.size("buffer", buffer, bytes);
    return bytes;
  }

  private void awaitTurn() {
    queue.awaitIdle();
    core.checkUsable();
  }
}
