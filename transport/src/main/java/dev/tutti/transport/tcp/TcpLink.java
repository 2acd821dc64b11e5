package dev.tutti.transport.tcp;

import dev.tutti.transport.NetworkException;
import org.jspecify.annotations.Nullable;

/// All connections to one peer, and the lanes that share them.
///
/// A message goes whole over whichever connection is free and has the least under way, so a faster
/// one carries more; the receiving side puts them in order by their position in the lane.
final class TcpLink implements AutoCloseable {
  private final TcpNetwork network;
  private final int peer;
  private final int slotBytes;
  private final BufferPool pool;
  private final TcpStream[] streams;
  private final @Nullable TcpSender[] senders;
  private final @Nullable TcpReceiver[] receivers;
  private boolean closed;

  TcpLink(TcpNetwork network, int peer, int lanes, int slotBytes, int streams, BufferPool pool) {
    this.network = network;
    this.peer = peer;
    this.slotBytes = slotBytes;
    this.pool = pool;
    this.senders = new TcpSender[lanes];
    this.receivers = new TcpReceiver[lanes];
    this.streams = new TcpStream[streams];
    for (int i = 0; i < streams; i++) {
      this.streams[i] = new TcpStream(this, pool);
    }
  }

  TcpNetwork network() {
    return network;
  }

  BufferPool pool() {
    return pool;
  }

  int peer() {
    return peer;
  }

  TcpStream[] streams() {
    return streams;
  }

  TcpSender sender(int lane) {
    TcpSender sender = senders[lane];
    if (sender == null) {
      sender = new TcpSender(this, pool, lane, slotBytes);
      senders[lane] = sender;
    }
    return sender;
  }

  TcpReceiver receiver(int lane) {
    TcpReceiver receiver = receivers[lane];
    if (receiver == null) {
      receiver = new TcpReceiver(this, pool, slotBytes);
      receivers[lane] = receiver;
    }
    return receiver;
  }

  /// Refuses what no peer of the same job sends.
  void checkMessage(int lane, int bytes, long position) {
    if (lane < 0 || lane >= receivers.length || bytes > slotBytes) {
      throw new NetworkException(
          peer, "rank " + peer + " sent " + bytes + " bytes on lane " + lane + ", which is absurd");
    }
    if (!receiver(lane).isPlausible(position, streams.length)) {
      throw new NetworkException(
          peer,
          "rank " + peer + " sent position " + position + " of lane " + lane + ", which is absurd");
    }
  }

  /// Returns a connection on which a message can be started at once, null if there is none.
  @Nullable TcpStream idleStream(int ringBytes) {
    if (streams.length == 1) {
      return streams[0].canStart(ringBytes) ? streams[0] : null;
    }
    TcpStream best = null;
    long least = Long.MAX_VALUE;
    for (TcpStream stream : streams) {
      if (stream.canStart(ringBytes)) {
        long backlog = stream.backlog();
        if (backlog < least) {
          least = backlog;
          best = stream;
        }
      }
    }
    return best;
  }

  /// Returns whether the peer has closed its end in order and all it sent has been received.
  boolean isOver() {
    for (TcpStream stream : streams) {
      if (!stream.isOver()) {
        return false;
      }
    }
    return true;
  }

  boolean progress() {
    boolean moved = false;
    for (TcpStream stream : streams) {
      moved |= stream.progress();
    }
    return moved;
  }

  void settle(long address, long bytes) {
    for (TcpStream stream : streams) {
      stream.settle(address, bytes);
    }
  }

  void settleAll() {
    for (TcpStream stream : streams) {
      stream.settleAll();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      for (TcpStream stream : streams) {
        stream.close();
      }
    }
  }
}
