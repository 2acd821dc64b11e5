package dev.tutti.transport.tcp;

import dev.tutti.transport.NetworkException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// All connections to one peer, and the lanes that share them.
///
/// A message goes whole over the connection that is expected to be through with it first, so a
/// faster one carries more: its share is its measured rate's. The receiving side puts messages in
/// order by their position in the lane.
final class TcpLink implements AutoCloseable {
  private final TcpNetwork network;
  private final int peer;
  private final int slotBytes;
  private final BufferPool pool;
  private final TcpStream[] streams;
  private final long[] backlogs; // by stream, for one choice
  private final double[] rates;
  private final @Nullable TcpSender[] senders;
  private final @Nullable TcpReceiver[] receivers;
  private final Queue<TcpSender> waiting = new ArrayDeque<>(); // for a connection, oldest first
  private boolean closed;
  private int rail = -1; // the only one to use, -1 for all
  private int rails = 1;

  TcpLink(TcpNetwork network, int peer, int lanes, int slotBytes, int streams, BufferPool pool) {
    this.network = network;
    this.peer = peer;
    this.slotBytes = slotBytes;
    this.pool = pool;
    this.senders = new TcpSender[lanes];
    this.receivers = new TcpReceiver[lanes];
    this.streams = new TcpStream[streams];
    this.backlogs = new long[streams];
    this.rates = new double[streams];
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

  /// Sends over one rail alone from now on.
  ///
  /// @param only its number, -1 for all
  /// @param count how many there are: stream i takes rail i modulo count
  void useRail(int only, int count) {
    rail = count == 0 ? -1 : only;
    rails = Math.max(1, count);
  }

  private boolean isUsed(int stream) {
    return rail < 0 || stream % rails == rail;
  }

  /// Returns a connection on which a message can be started at once, null if there is none.
  @Nullable TcpStream idleStream(int ringBytes) {
    if (streams.length == 1) {
      return streams[0].canStart(ringBytes) ? streams[0] : null;
    }
    return quickest(ringBytes);
  }

  /// Returns the stream that would be through with one more slice first, going by the measured
  /// rates; null if that one has no room now, because waiting for it is better than using a slower
  /// one.
  private @Nullable TcpStream quickest(int ringBytes) {
    long now = System.nanoTime();
    double highest = 0;
    for (int i = 0; i < streams.length; i++) {
      backlogs[i] = isUsed(i) && streams[i].isUp() ? streams[i].backlog() : -1;
      if (backlogs[i] >= 0) {
        rates[i] = streams[i].rate(now, backlogs[i]).bytesPerNano();
        highest = Math.max(highest, rates[i]);
      }
    }
    TcpStream best = null;
    double least = Double.MAX_VALUE;
    for (int i = 0; i < streams.length; i++) {
      if (backlogs[i] >= 0) {
        double rate = rates[i] > 0 ? rates[i] : Math.max(highest, 1);
        double nanos = (backlogs[i] + slotBytes) / rate;
        if (nanos < least) {
          least = nanos;
          best = streams[i];
        }
      }
    }
    return best != null && best.canStart(ringBytes) ? best : null;
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

  /// Goes on with a sender whose last message waits for a connection: nobody may ever call the
  /// sender again.
  void keepWaiting(TcpSender sender) {
    if (!waiting.contains(sender)) {
      waiting.add(sender);
    }
  }

  boolean progress() {
    boolean moved = false;
    for (TcpStream stream : streams) {
      moved |= stream.progress();
    }
    for (TcpSender oldest = waiting.peek(); oldest != null && oldest.resume(); ) {
      TcpSender _ = waiting.remove();
      oldest = waiting.peek();
      moved = true;
    }
    return moved;
  }

  /// Writes what the sockets take; returns whether all frames of all streams have been written.
  boolean flush() {
    boolean done = true;
    for (TcpStream stream : streams) {
      done &= stream.isIdle() || stream.flush();
    }
    return done;
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
