package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.Channel;
import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.Waiter;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The TCP connections of one rank to the other members of one communicator, made when they are
/// first needed.
///
/// Used by one thread at a time.
public final class TcpNetwork implements Network {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long GOODBYE_NANOS = 1_000_000_000;

  private final TcpEndpoint endpoint;
  private final long communicator;
  private final int[] members; // world rank by member
  private final int index;
  private final int lanes;
  private final Waiter.Check check;
  private final BufferPool pool;
  private final @Nullable TcpLink[] links; // by member
  private TcpLink[] connected = new TcpLink[0];
  private long pollTable;
  private long pollBytes;
  private long operation;
  private long signature;
  private boolean closed;

  TcpNetwork(
      TcpEndpoint endpoint,
      long communicator,
      int[] members,
      int index,
      int lanes,
      Waiter.Check check) {
    this.endpoint = endpoint;
    this.communicator = communicator;
    this.members = members.clone();
    this.index = index;
    this.lanes = lanes;
    this.check = check;
    this.pool = new BufferPool(endpoint.options().sliceBytes());
    this.links = new TcpLink[members.length];
  }

  long operation() {
    return operation;
  }

  long signature() {
    return signature;
  }

  @Override
  public String transport() {
    return "tcp";
  }

  @Override
  public void connect(int peer) {
    if (links[peer] != null) {
      return;
    }
    TcpOptions options = endpoint.options();
    TcpLink link =
        new TcpLink(this, peer, lanes, options.sliceBytes(), options.streamsPerPeer(), pool);
    boolean done = false;
    try {
      TcpStream[] streams = link.streams();
      for (int i = 0; i < streams.length; i++) {
        StreamKey key = new StreamKey(communicator, members[peer], i);
        streams[i].attach(
            index < peer ? endpoint.connect(key, check) : endpoint.awaitConnection(key, check));
      }
      done = true;
    } finally {
      if (!done) {
        link.close();
      }
    }
    links[peer] = link;
    TcpLink[] more = Arrays.copyOf(connected, connected.length + 1);
    more[connected.length] = link;
    connected = more;
  }

  private TcpLink link(int peer) {
    TcpLink link = links[peer];
    if (link == null) {
      throw new IllegalStateException("member " + peer + " is not connected");
    }
    return link;
  }

  @Override
  public Channel.Sender sender(int peer, int lane) {
    return link(peer).sender(lane);
  }

  @Override
  public Channel.Receiver receiver(int peer, int lane) {
    return link(peer).receiver(lane);
  }

  @Override
  public void begin(long number, long what) {
    operation = number;
    signature = what;
  }

  @Override
  public boolean progress() {
    boolean moved = false;
    TcpLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      moved |= all[i].progress();
    }
    return moved;
  }

  @Override
  public void await(long nanos) {
    int sockets = 0;
    TcpLink[] all = connected;
    for (TcpLink link : all) {
      sockets += link.streams().length;
    }
    if (Sockets.pollBytes(sockets) > pollBytes) {
      growPollTable(sockets);
    }
    int entries = 0;
    for (TcpLink link : all) {
      for (TcpStream stream : link.streams()) {
        if (stream.isUp()) {
          int events = LinuxConstants.POLLIN | (stream.isIdle() ? 0 : LinuxConstants.POLLOUT);
          Sockets.pollEntry(pollTable, entries++, stream.fd(), events);
        }
      }
    }
    long millis = Math.max(1, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    int _ = Sockets.poll(pollTable, entries, (int) millis);
  }

  private void growPollTable(int sockets) {
    if (pollBytes > 0) {
      Linux.munmap(pollTable, pollBytes);
    }
    pollBytes = (Sockets.pollBytes(sockets) + 4095) & -4096L;
    pollTable = BufferPool.map(pollBytes);
    Memory.putLong(pollTable, 0);
  }

  /// A connection of a link broke.
  void brokenDown(TcpLink link) {
    if (closed) {
      return;
    }
    TcpStream[] streams = link.streams();
    for (TcpStream stream : streams) {
      if (!stream.isUp() && !stream.hasGoodbye()) {
        throw new NetworkException(
            link.peer(), "the connection to rank " + link.peer() + " broke: " + stream.breakdown());
      }
    }
  }

  @Override
  public void settle(long address, long bytes) {
    TcpLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      all[i].settle(address, bytes);
    }
  }

  @Override
  public void end() {
    TcpLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      all[i].settleAll();
    }
  }

  /// Says goodbye to all peers and waits until their kernels have all that was sent, but not long.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    forEachStream(TcpStream::sayGoodbye);
    long deadline = System.nanoTime() + GOODBYE_NANOS;
    while (!isDelivered() && System.nanoTime() < deadline) {
      await(NANOS_PER_MILLI);
    }
    for (TcpLink link : connected) {
      link.close();
    }
    pool.close();
    if (pollBytes > 0) {
      Linux.munmap(pollTable, pollBytes);
    }
  }

  private boolean isDelivered() {
    boolean delivered = true;
    for (TcpLink link : connected) {
      for (TcpStream stream : link.streams()) {
        delivered &= stream.isDelivered();
      }
    }
    return delivered;
  }

  private void forEachStream(Consumer<TcpStream> action) {
    for (TcpLink link : connected) {
      for (TcpStream stream : link.streams()) {
        action.accept(stream);
      }
    }
  }
}
