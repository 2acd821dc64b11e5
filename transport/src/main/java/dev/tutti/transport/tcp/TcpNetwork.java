package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.Channel;
import dev.tutti.transport.Network;
import dev.tutti.transport.Waiter;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The TCP connections of one rank to the other members of one communicator, made when they are
/// first needed.
///
/// Used by one thread at a time, the owner. While that is in no operation, a thread of the network
/// sends again what was lost with a connection: whoever wants to touch the streams enters first
/// ([#enter]).
public final class TcpNetwork implements Network {
  private static final System.Logger LOGGER = System.getLogger(TcpNetwork.class.getName());
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long GOODBYE_NANOS = 1_000_000_000;
  private static final long ANSWER_NANOS = 100_000_000; // a peer may be in no operation
  private static final long WATCH_NANOS = 250_000_000;

  private static final int FREE = 0;
  private static final int OWNER = 1;
  private static final int SERVICE = 2;
  private static final long SERVICE_NAP_NANOS = 2_000_000;

  private final AtomicInteger user = new AtomicInteger(FREE); // who may touch the streams
  private final AtomicBoolean serving = new AtomicBoolean();
  private final TcpEndpoint endpoint;
  private final long communicator;
  private final int[] members; // world rank by member
  private final int lanes;
  private final Waiter.Check check;
  private final BufferPool pool;
  private final @Nullable FrameChecksum checksum;
  private final @Nullable TcpLink[] links; // by member
  private TcpLink[] connected = new TcpLink[0];
  private long pollTable;
  private long pollBytes;
  private long operation;
  private long signature;
  private long watched = System.nanoTime();
  private volatile boolean closed;
  private boolean abandoned; // an operation has failed, and its memory may be gone

  TcpNetwork(
      TcpEndpoint endpoint, long communicator, int[] members, int lanes, Waiter.Check check) {
    this.endpoint = endpoint;
    this.communicator = communicator;
    this.members = members.clone();
    this.lanes = lanes;
    this.check = check;
    this.pool = new BufferPool(endpoint.options().sliceBytes());
    this.checksum =
        endpoint.options().checksum() == TcpOptions.Checksum.NONE ? null : new FrameChecksum();
    this.links = new TcpLink[members.length];
  }

  long operation() {
    return operation;
  }

  long signature() {
    return signature;
  }

  /// Returns what checks data, null if nothing does.
  @Nullable FrameChecksum checksum() {
    return checksum;
  }

  /// Counts a frame that arrived damaged.
  void damaged() {
    endpoint.damaged();
  }

  @Override
  public String transport() {
    return "tcp";
  }

  /// Makes the owner the one who touches the streams; returns whether it was not already.
  private boolean enter() {
    if (user.get() == OWNER) {
      return false;
    }
    while (!user.compareAndSet(FREE, OWNER)) {
      Thread.onSpinWait(); // the service never waits while it is in
    }
    return true;
  }

  private void leave() {
    user.set(FREE);
  }

  /// Sends what has to be sent again, in the background as soon as the owner is in no operation.
  /// May be called by any thread.
  void serve() {
    if (serving.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("tutti-tcp-serve").start(this::serveUntilDone);
    }
  }

  private void serveUntilDone() {
    boolean done = false;
    while (!done && !closed) {
      LockSupport.parkNanos(SERVICE_NAP_NANOS);
      if (user.compareAndSet(FREE, SERVICE)) {
        serving.set(false); // news from now on need another thread
        try {
          done = serveStreams() || !serving.compareAndSet(false, true);
        } catch (RuntimeException e) {
          done = true; // the owner will meet the same
          LOGGER.log(Level.DEBUG, "sending again failed: {0}", String.valueOf(e.getMessage()));
        } finally {
          user.set(FREE);
        }
      }
    }
  }

  private boolean serveStreams() {
    boolean done = true;
    for (TcpLink link : connected) {
      for (TcpStream stream : link.streams()) {
        done &= stream.serve();
      }
    }
    return done;
  }

  @Override
  public void connect(int peer) {
    if (links[peer] != null) {
      return;
    }
    boolean entered = enter();
    try {
      connectNow(peer);
    } finally {
      if (entered) {
        leave();
      }
    }
  }

  private void connectNow(int peer) {
    TcpOptions options = endpoint.options();
    TcpLink link = new TcpLink(this, peer, lanes, options.sliceBytes(), options.streams(), pool);
    boolean done = false;
    try {
      TcpStream[] streams = link.streams();
      for (int i = 0; i < streams.length; i++) {
        StreamKey key = new StreamKey(communicator, members[peer], i);
        streams[i].attach(endpoint.connect(key, peer, check));
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

  @Override
  public void useRail(int peer, int rail) {
    link(peer).useRail(rail, endpoint.railsTo(members[peer]));
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
    boolean _ = enter();
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
      sockets += 2 * link.streams().length;
    }
    if (Sockets.pollBytes(sockets) > pollBytes) {
      growPollTable(sockets);
    }
    int entries = 0;
    for (TcpLink link : all) {
      for (TcpStream stream : link.streams()) {
        entries = stream.poll(pollTable, entries);
      }
    }
    long millis = Math.max(1, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    int _ = Sockets.poll(pollTable, entries, (int) millis);
    long now = System.nanoTime();
    if (now - watched > WATCH_NANOS) {
      watched = now;
      forEachStream(TcpStream::watch);
    }
  }

  private void growPollTable(int sockets) {
    if (pollBytes > 0) {
      Linux.munmap(pollTable, pollBytes);
    }
    pollBytes = (Sockets.pollBytes(sockets) + 4095) & -4096L;
    pollTable = BufferPool.map(pollBytes);
    Memory.putLong(pollTable, 0);
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
    leave();
  }

  /// What has arrived is not taken any more, and what has not been sent stays unsent, until
  /// [#close] closes the connections without a word. The service stays out: the operation has not
  /// ended.
  @Override
  public void abandon() {
    abandoned = true;
  }

  /// Says goodbye to all peers and waits until their kernels have all that was sent, and a moment
  /// for those that have to say themselves that they have it.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    boolean _ = enter();
    closed = true;
    try {
      if (!abandoned) {
        deliver();
      }
    } finally {
      endpoint.forget(communicator);
      for (TcpLink link : connected) {
        link.close(); // gives buffers back to the pool
      }
      pool.close();
      if (pollBytes > 0) {
        Linux.munmap(pollTable, pollBytes);
      }
    }
  }

  private void deliver() {
    long deadline = System.nanoTime() + GOODBYE_NANOS;
    try {
      forEachStream(TcpStream::sayGoodbye);
      while (!all(TcpStream::isDelivered) && System.nanoTime() < deadline) {
        check.run();
        await(NANOS_PER_MILLI);
      }
      deadline = Math.min(deadline, System.nanoTime() + ANSWER_NANOS);
      while (!all(TcpStream::isAcknowledged) && System.nanoTime() < deadline) {
        check.run();
        boolean _ = progress();
        await(NANOS_PER_MILLI);
      }
    } catch (RuntimeException e) {
      LOGGER.log(Level.DEBUG, "closing without goodbye: {0}", String.valueOf(e.getMessage()));
    }
  }

  private boolean all(Predicate<TcpStream> condition) {
    boolean result = true;
    for (TcpLink link : connected) {
      for (TcpStream stream : link.streams()) {
        result &= condition.test(stream);
      }
    }
    return result;
  }

  private void forEachStream(Consumer<TcpStream> action) {
    for (TcpLink link : connected) {
      for (TcpStream stream : link.streams()) {
        action.accept(stream);
      }
    }
  }
}
