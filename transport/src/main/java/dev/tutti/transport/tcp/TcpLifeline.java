package dev.tutti.transport.tcp;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.Sockets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What outlives a connection: a stream of bytes in each direction, carried by one connection after
/// the other. Here the thread that owns the stream meets those that make connections.
///
/// The rules that let a stream go on where a connection ended:
///
/// 1. A new connection begins with what each side has received of the other's stream, in bytes.
///    That is what its *kernel* has received over the connection before, so it is known without the
///    owner, who may be in no operation; and it is final, because the old connection is shut down
///    first ([#freeze]). The other side goes on with the next byte, also inside a frame.
/// 2. The owner reads the old connections to their end before it reads the new one, so it finds the
///    stream without a gap and without a repetition. Nothing that a kernel has acknowledged is lost
///    when a connection breaks: it stays readable until the socket is closed, which only the owner
///    does, after the last byte.
/// 3. So a sender must keep what the other *kernel* may not have. Where nothing stands between the
///    two kernels ([Connection#direct]) their acknowledgements tell; elsewhere only the other
///    process can ([FrameHeader#ACK]).
///
/// 4. Data that arrive damaged, where that is checked, are sent again in the same way: the receiver
///    gives the connection up and names the position of the frame ([#rewind]). So nothing counts as
///    received then but what the other process has acknowledged.
///
/// 5. What a kernel has of a connection with TLS cannot be counted, and perhaps never be decrypted.
///    So only what the owner has taken counts as received, and it may take nothing more once that
///    has been said ([#FROZEN]).
///
/// A gap is found by comparing positions ([TcpStream]) and ends the stream with an error. Who waits
/// for data that were lost on the way waits for a rank that may be in no operation any more: then
/// [TcpNetwork] sends them again in the background.
///
/// May be used by any thread.
final class TcpLifeline {
  /// One connection of the stream.
  ///
  /// @param fd its socket
  /// @param attempt its number; those of later connections are higher
  /// @param start position in the incoming stream at which it begins
  /// @param peerHas position in the outgoing stream at which it begins
  /// @param direct whether the two kernels talk to each other and nobody acknowledges for them
  /// @param preferred whether it goes the way it should, as far as this side can choose
  /// @param tls encrypts it, if it is not null
  record Connection(
      int fd,
      int attempt,
      long start,
      long peerHas,
      boolean direct,
      boolean preferred,
      @Nullable TlsChannel tls) {}

  private final StreamKey key;
  private final Consumer<TcpLifeline> mender;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final AtomicInteger version = new AtomicInteger(); // changes when the owner should look

  /// Value of the mark while the owner is about to take bytes.
  static final long TAKING = -1;

  /// Value of the mark when the owner may take nothing any more of the connection with TLS that it
  /// reads.
  static final long FROZEN = -2;

  private final AtomicLong mark = new AtomicLong();

  // Guarded by lock.
  private final Deque<Connection> connections = new ArrayDeque<>(); // the owner reads the first
  private int attempt; // the newest that was made or let in
  private int adopted; // the newest that the owner uses
  private long received; // of the incoming stream, if frozen
  private boolean frozen = true;
  private boolean mending;
  private boolean returning; // the background tries to go back to the preferred way
  private @Nullable Runnable owner; // told of new connections
  private boolean closed;
  private @Nullable String failure;

  /// Makes a lifeline without a connection.
  ///
  /// @param mender starts to re-establish the connection in the background
  TcpLifeline(StreamKey key, Consumer<TcpLifeline> mender) {
    this.key = key;
    this.mender = mender;
  }

  StreamKey key() {
    return key;
  }

  // For those that make connections

  /// Begins to make a connection; returns its number.
  int nextAttempt() {
    lock.lock();
    try {
      return ++attempt;
    } finally {
      lock.unlock();
    }
  }

  /// Returns the number of the newest connection.
  int attempt() {
    lock.lock();
    try {
      return attempt;
    } finally {
      lock.unlock();
    }
  }

  /// Lets in a connection that the peer has begun to make; false if there is a newer one.
  boolean admit(int number) {
    lock.lock();
    try {
      if (closed || number <= attempt) {
        return false;
      }
      attempt = number;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Ends the newest connection; returns how much of the incoming stream has been received, which
  /// is final until the next connection is added.
  long freeze() {
    lock.lock();
    try {
      Connection newest = connections.peekLast();
      if (!frozen && newest != null) {
        Sockets.shutdown(newest.fd());
        boolean read = connections.size() == 1; // the owner reads it, or will
        if (newest.tls() == null) {
          long queued = read ? 0 : Sockets.queued(newest.fd());
          received = read ? taken(newest.fd()) : newest.start() + queued;
        } else {
          received = read ? takenAtLast() : newest.start();
        }
        frozen = true;
      }
      return received;
    } finally {
      lock.unlock();
    }
  }

  /// Returns what the owner has taken and what it still can take, while it may be taking it.
  ///
  /// The kernel locks the socket for either call. If it counted after the owner took something,
  /// then it also lets this thread see that the owner had marked itself as taking.
  private long taken(int fd) {
    while (true) {
      long before = mark.getAcquire();
      if (before != TAKING) {
        long queued = Sockets.queued(fd);
        if (mark.getAcquire() == before) {
          return before + queued;
        }
      }
      Thread.yield();
    }
  }

  /// Returns what the owner has taken, and keeps it from taking more.
  private long takenAtLast() {
    while (true) {
      long taken = mark.getAcquire();
      if (taken != TAKING && mark.compareAndSet(taken, FROZEN)) {
        return taken;
      }
      Thread.yield();
    }
  }

  /// Adds a connection, or closes it if it is outdated.
  void add(Connection connection) {
    Runnable news = link(connection);
    if (news != null) {
      news.run();
    }
  }

  private @Nullable Runnable link(Connection connection) {
    lock.lock();
    try {
      if (closed || connection.attempt() != attempt || !frozen) {
        Linux.close(connection.fd());
        return null;
      }
      Connection newest = connections.peekLast();
      if (newest != null && newest.attempt() > adopted && newest.start() == received) {
        connections.removeLast(); // it brought nothing, and the owner has never seen it
        Linux.close(newest.fd());
      }
      if (connections.isEmpty()) {
        mark.set(connection.start()); // which it is, unless frozen
      }
      connections.add(connection);
      frozen = false;
      mending = false;
      failure = null;
      int _ = version.incrementAndGet();
      changed.signalAll();
      return owner;
    } finally {
      lock.unlock();
    }
  }

  /// Says that the connection is not to be re-established.
  void fail(String why) {
    lock.lock();
    try {
      if (mending) {
        mending = false;
        failure = why;
        int _ = version.incrementAndGet();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Returns whether somebody has to try to go back to the preferred way, and nobody does yet.
  boolean beginReturn() {
    lock.lock();
    try {
      boolean begins = !returning;
      returning = true;
      return begins;
    } finally {
      lock.unlock();
    }
  }

  /// Returns whether the preferred way is still not used; if it is, the search for it has ended.
  boolean isAstray() {
    lock.lock();
    try {
      Connection newest = connections.peekLast();
      returning = !closed && newest != null && !newest.preferred();
      return returning;
    } finally {
      lock.unlock();
    }
  }

  /// Returns whether the background still has to work on a connection.
  boolean isMending() {
    lock.lock();
    try {
      return mending && !closed;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a change, but not long.
  void await(long nanos) throws InterruptedException {
    lock.lock();
    try {
      int before = version.get();
      long left = nanos;
      while (!closed && left > 0 && version.get() == before) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// The owner misses a connection: another one is made in the background, unless there is one
  /// already.
  ///
  /// @param number the newest connection that the owner knows
  void missed(int number) {
    lock.lock();
    try {
      failure = null; // an earlier one is over
    } finally {
      lock.unlock();
    }
    missedByPeer(number);
  }

  /// The peer misses a connection; as [#missed], but the owner still hears of an earlier failure.
  void missedByPeer(int number) {
    lock.lock();
    try {
      Connection newest = connections.peekLast();
      if (closed || mending || (newest != null && number < newest.attempt())) {
        return;
      }
      mending = true;
    } finally {
      lock.unlock();
    }
    mender.accept(this);
  }

  // For the owner

  /// Takes possession; only the owner closes connections from now on.
  ///
  /// @param news called after each further connection, by any thread
  void own(Runnable news) {
    lock.lock();
    try {
      owner = news;
    } finally {
      lock.unlock();
    }
  }

  /// Returns where the owner says how much of the incoming stream it has taken from the kernel:
  /// [#TAKING] before it takes something, the position afterwards.
  AtomicLong mark() {
    return mark;
  }

  /// Returns a number that changes when there is something new.
  int version() {
    return version.get();
  }

  /// Returns why the connection cannot be re-established, null if that is not known (yet).
  @Nullable String failure() {
    lock.lock();
    try {
      return failure == null && closed ? "it has been closed here" : failure;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until there is a connection; false if there is none after a while.
  boolean awaitConnection(long millis) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (connections.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !connections.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Returns the newest connection, null if there is none.
  @Nullable Connection newest() {
    lock.lock();
    try {
      Connection newest = connections.peekLast();
      if (newest != null) {
        adopted = newest.attempt();
      }
      return newest;
    } finally {
      lock.unlock();
    }
  }

  /// Returns the connection to be read first, null if there is none.
  @Nullable Connection oldest() {
    lock.lock();
    try {
      Connection oldest = connections.peekFirst();
      if (oldest != null) {
        adopted = Math.max(adopted, oldest.attempt());
      }
      return oldest;
    } finally {
      lock.unlock();
    }
  }

  /// Has the peer send again from a position: what came behind it was damaged. All connections are
  /// given up; those that are being made count for nothing.
  void rewind(long position) {
    lock.lock();
    try {
      long _ = freeze();
      while (connections.size() > 1) {
        Linux.close(connections.removeFirst().fd());
      }
      received = position;
      mark.set(position);
      attempt++;
    } finally {
      lock.unlock();
    }
  }

  /// Closes the oldest connection, which has been read to its end, if there is a newer one; returns
  /// whether there is.
  boolean dropOldest() {
    lock.lock();
    try {
      if (connections.size() < 2) {
        return false;
      }
      Linux.close(connections.removeFirst().fd());
      Connection next = connections.getFirst();
      boolean over = next.tls() != null && (connections.size() > 1 || frozen); // as it was said
      mark.set(over ? FROZEN : next.start());
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// No connections are made any more; those that nobody owns are closed.
  void abandon() {
    lock.lock();
    try {
      if (owner != null) {
        closed = true;
        changed.signalAll();
        return;
      }
    } finally {
      lock.unlock();
    }
    close();
  }

  /// Closes all connections. Idempotent.
  void close() {
    lock.lock();
    try {
      closed = true;
      connections.forEach(connection -> Linux.close(connection.fd()));
      connections.clear();
      int _ = version.incrementAndGet();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
