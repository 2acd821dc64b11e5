package dev.tutti.transport.rendezvous;

import dev.tutti.transport.tls.Tls;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Frames over one TCP connection.
///
/// One thread reads. Any thread sends: sending only queues, so that a peer that does not read never
/// blocks a sender; a writer thread, started by the first to send, empties the queue. Closing wakes
/// both.
final class FrameConnection implements FramePeer, AutoCloseable {
  // More than that unread by the peer, and it counts as dead.
  private static final long MAX_QUEUED_BYTES = 256L << 20;

  private final Socket socket;
  private final ThreadFactory threads;
  private final PushbackInputStream raw;
  // These four change before anything is sent.
  private Socket channel; // the socket, or TLS around it
  private InputStream in;
  private DataOutputStream out;
  private byte[] binding = new byte[0];
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock.
  private final Queue<Frame> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean hasWriter;
  private boolean writing;
  private boolean finishing;
  private boolean closed;
  private @Nullable String closeReason;
  // Written by the reading thread.
  private volatile long lastReadNanos = System.nanoTime();

  private FrameConnection(Socket socket, ThreadFactory threads) throws IOException {
    this.socket = socket;
    this.threads = threads;
    socket.setTcpNoDelay(true);
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    this.raw = new PushbackInputStream(socket.getInputStream());
    this.channel = socket;
    this.in = new BufferedInputStream(raw);
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  /// Connects.
  ///
  /// @param connectMillis how long the host may take to answer
  /// @param threads makes the writer thread
  /// @param tls whether to speak TLS, on which both sides have to agree before the deadline
  /// @throws ConnectException if nobody listens there
  static FrameConnection to(
      InetSocketAddress address,
      int connectMillis,
      ThreadFactory threads,
      boolean tls,
      long deadlineNanos)
      throws IOException {
    Socket socket = new Socket(Proxy.NO_PROXY); // ranks of a job are on one network
    boolean done = false;
    try {
      socket.connect(address, connectMillis);
      if (socket.getLocalSocketAddress().equals(socket.getRemoteSocketAddress())) {
        // Nobody listens: TCP connected the socket to itself (simultaneous open).
        throw new ConnectException("Connection refused");
      }
      FrameConnection connection = over(socket, threads);
      if (tls) {
        connection.secure(deadlineNanos);
      }
      done = true;
      return connection;
    } finally {
      if (!done) {
        closeQuietly(socket);
      }
    }
  }

  /// Takes over a connected socket.
  ///
  /// @param threads makes the writer thread
  static FrameConnection over(Socket socket, ThreadFactory threads) throws IOException {
    return new FrameConnection(socket, threads);
  }

  /// Speaks TLS from now on, as the side that connects; nothing must have been sent or read.
  ///
  /// @throws IOException if the other side does not speak it, or not before the deadline
  private void secure(long deadlineNanos) throws IOException {
    secure(Tls.shared().connecting(socket), deadlineNanos);
  }

  /// Speaks TLS from now on if the other side does; nothing must have been sent or read.
  ///
  /// @throws IOException if nothing comes before the deadline
  void secureIfAsked(long deadlineNanos) throws IOException {
    applyDeadline(deadlineNanos);
    int first = raw.read();
    if (first == Tls.FIRST_OCTET) {
      byte[] consumed = {(byte) first};
      secure(Tls.shared().accepting(socket, new ByteArrayInputStream(consumed)), deadlineNanos);
    } else if (first >= 0) {
      raw.unread(first);
    }
  }

  private void secure(SSLSocket secured, long deadlineNanos) throws IOException {
    applyDeadline(deadlineNanos); // of one read; all of them together get no more either
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture.delayedExecutor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
        .execute(() -> {
          if (!over.getAndSet(true)) {
            close("the handshake of TLS took too long");
          }
        });
    secured.startHandshake();
    if (over.getAndSet(true)) {
      throw new SocketTimeoutException("the handshake of TLS took too long");
    }
    binding = Tls.binding(secured.getSession());
    in = new BufferedInputStream(secured.getInputStream());
    out = new DataOutputStream(new BufferedOutputStream(secured.getOutputStream()));
    channel = secured;
  }

  @Override
  public byte[] binding() {
    return binding.clone();
  }

  /// Returns whether TLS encrypts this connection.
  boolean isEncrypted() {
    return binding.length > 0;
  }

  @Override
  public String remote() {
    return String.valueOf(socket.getRemoteSocketAddress());
  }

  /// Returns the address by which this host reaches the peer.
  InetAddress localAddress() {
    return socket.getLocalAddress();
  }

  /// Reads the next frame, however long it takes.
  ///
  /// @throws EOFException if the peer closed between frames
  Frame read() throws IOException {
    return read(Frame.MAX_BYTES, 0);
  }

  @Override
  public Frame readBefore(int maxBytes, long deadlineNanos) throws IOException {
    // 0 means "no deadline" below; one nanosecond more or less does not matter here.
    return read(maxBytes, deadlineNanos == 0 ? 1 : deadlineNanos);
  }

  private Frame read(int maxBytes, long deadlineNanos) throws IOException {
    return Frame.read(length -> readFully(length, deadlineNanos), maxBytes);
  }

  private byte[] readFully(int length, long deadlineNanos) throws IOException {
    byte[] result = new byte[length];
    for (int filled = 0; filled < length; ) {
      applyDeadline(deadlineNanos);
      int n = in.read(result, filled, length - filled);
      if (n < 0) {
        throw new EOFException("connection closed");
      }
      filled += n;
      lastReadNanos = System.nanoTime();
    }
    return result;
  }

  private void applyDeadline(long deadlineNanos) throws IOException {
    if (deadlineNanos == 0) {
      if (socket.getSoTimeout() != 0) {
        socket.setSoTimeout(0);
      }
      return;
    }
    long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException("deadline passed");
    }
    socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
  }

  /// Returns when the peer was last heard of, in terms of [System#nanoTime()].
  long lastReadNanos() {
    return lastReadNanos;
  }

  @Override
  public void send(Frame frame) {
    send(frame, Long.MAX_VALUE);
  }

  @Override
  public boolean offer(Frame frame, long roomBytes) {
    return send(frame, roomBytes);
  }

  private boolean send(Frame frame, long roomBytes) {
    boolean overflow;
    lock.lock();
    try {
      if (closed || finishing || queuedBytes >= roomBytes) {
        return false;
      }
      queuedBytes += frame.wireBytes();
      overflow = queuedBytes > MAX_QUEUED_BYTES;
      queue.add(frame);
      wakeWriter();
    } finally {
      lock.unlock();
    }
    if (overflow) {
      close("did not read " + MAX_QUEUED_BYTES + " bytes");
    }
    return !overflow;
  }

  /// Waits until all that was sent is with the operating system; false if that did not happen.
  boolean flush(Duration timeout) {
    long remaining = timeout.toNanos();
    lock.lock();
    try {
      while (!closed && (writing || !queue.isEmpty())) {
        if (remaining <= 0) {
          return false;
        }
        remaining = changed.awaitNanos(remaining);
      }
      return !closed;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void finish() {
    lock.lock();
    try {
      finishing = true;
      wakeWriter();
    } finally {
      lock.unlock();
    }
  }

  /// Has the writer look at the queue again. The caller holds the lock.
  private void wakeWriter() {
    if (!hasWriter && !closed) {
      hasWriter = true;
      threads.newThread(this::writeLoop).start();
    }
    changed.signalAll();
  }

  private void writeLoop() {
    try {
      while (true) {
        Frame frame = next();
        if (frame == null) {
          break;
        }
        out.writeInt(1 + frame.payload().length);
        out.writeByte(frame.type().code());
        out.write(frame.payload());
        written(frame);
      }
      if (!socket.isClosed()) {
        channel.shutdownOutput();
      }
    } catch (IOException _) {
      close(); // the reader sees it too and tells why
    }
  }

  private @Nullable Frame next() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed && !finishing) {
        changed.awaitUninterruptibly();
      }
      Frame frame = closed ? null : queue.poll();
      writing = frame != null;
      return frame;
    } finally {
      lock.unlock();
    }
  }

  private void written(Frame frame) throws IOException {
    boolean last;
    lock.lock();
    try {
      queuedBytes -= frame.wireBytes();
      last = queue.isEmpty();
    } finally {
      lock.unlock();
    }
    if (last) {
      out.flush(); // the writer still counts as writing: flush() must not return before this
    }
    lock.lock();
    try {
      writing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Closes as [#close()] does, for a reason that [#explain] tells.
  void close(String reason) {
    lock.lock();
    try {
      if (!closed && closeReason == null) {
        closeReason = reason;
      }
    } finally {
      lock.unlock();
    }
    close();
  }

  /// Says why reading ended with `e`.
  String explain(IOException e) {
    lock.lock();
    try {
      if (closeReason != null) {
        return closeReason;
      }
    } finally {
      lock.unlock();
    }
    return e instanceof EOFException
        ? "connection closed (process exited?)"
        : "connection lost (" + e.getMessage() + "; process killed?)";
  }

  /// Tells whether this side closed for a reason of its own.
  boolean hasCloseReason() {
    lock.lock();
    try {
      return closeReason != null;
    } finally {
      lock.unlock();
    }
  }

  /// Closes at once; what is queued is lost. Idempotent.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      socket.close();
    } catch (IOException _) {
      // The connection is given up: there is no one to tell.
    }
  }

  /// Closes what is given up anyhow.
  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception _) {
      // There is no one to tell.
    }
  }
}
