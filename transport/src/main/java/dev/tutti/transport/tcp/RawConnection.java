package dev.tutti.transport.tcp;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.tls.Tls;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/// A socket while it is being set up: reads and writes whole messages before a deadline.
///
/// Closes the socket unless [#release] has been called. Used by one thread at a time.
final class RawConnection implements AutoCloseable {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int LONGEST_NAP_MILLIS = 50;

  private final int fd;
  private final long deadlineNanos;
  private final Runnable check;
  private boolean released;
  private @Nullable TlsChannel tls;
  private byte[] binding = new byte[0];

  /// Takes over a socket.
  ///
  /// @param check called now and then while waiting; throws to give up
  RawConnection(int fd, long deadlineNanos, Runnable check) {
    this.fd = fd;
    this.deadlineNanos = deadlineNanos;
    this.check = check;
  }

  /// Connects.
  ///
  /// @param local address of this host to come from, null for any
  static RawConnection to(
      @Nullable InetAddress local, InetSocketAddress address, long deadlineNanos, Runnable check)
      throws IOException {
    RawConnection connection =
        new RawConnection(Sockets.open(address.getAddress()), deadlineNanos, check);
    boolean done = false;
    try {
      if (local != null) {
        Sockets.bind(connection.fd, new InetSocketAddress(local, 0));
      }
      int error = Sockets.connect(connection.fd, address);
      if (error == Errno.EINPROGRESS) {
        connection.await(LinuxConstants.POLLOUT);
        error = Sockets.error(connection.fd);
      }
      if (error != 0) {
        throw new IOException("connecting to " + address + " failed: " + Errno.name(error));
      }
      done = true;
      return connection;
    } catch (NativeCallException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  int fd() {
    return fd;
  }

  /// Gives the socket away.
  int release() {
    released = true;
    return fd;
  }

  /// Speaks TLS from now on.
  ///
  /// @param connects whether this side connects, as TLS sees it
  /// @throws IOException if the other side does not speak it
  void secure(boolean connects) throws IOException {
    TlsChannel channel = new TlsChannel(fd, Tls.shared().engine(connects));
    binding = channel.handshake(this);
    tls = channel;
  }

  /// Returns the TLS of this connection, null if it has none.
  @Nullable TlsChannel tls() {
    return tls;
  }

  /// Returns what proofs of this connection have to cover: the [Tls#binding], empty without TLS.
  byte[] binding() {
    return binding;
  }

  void write(byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      long done = 0;
      while (done < bytes.length) {
        long sent = send(data.address() + done, bytes.length - done);
        if (sent == -Errno.EAGAIN || sent == -Errno.EINTR) {
          awaitSending();
        } else if (sent < 0) {
          throw new IOException("sending failed: " + Errno.name((int) -sent));
        } else {
          done += sent;
        }
      }
    }
  }

  byte[] read(int bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(bytes, 8);
      long done = 0;
      while (done < bytes) {
        long received = receive(data.address() + done, bytes - done);
        if (received == -Errno.EAGAIN || received == -Errno.EINTR) {
          awaitReceiving();
        } else if (received < 0) {
          throw new IOException("receiving failed: " + Errno.name((int) -received));
        } else if (received == 0) {
          throw new EOFException("the other side closed the connection");
        } else {
          done += received;
        }
      }
      return data.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private long send(long address, long bytes) {
    TlsChannel channel = tls;
    if (channel == null) {
      return Sockets.sendChecked(fd, address, bytes);
    }
    long sent = channel.send(address, bytes, 0, 0);
    return sent == Sockets.BLOCKED ? reason(channel) : sent;
  }

  private long receive(long address, long bytes) {
    TlsChannel channel = tls;
    if (channel == null) {
      return Sockets.receiveChecked(fd, address, bytes);
    }
    long received = channel.receive(address, bytes);
    return received == Sockets.BLOCKED ? reason(channel) : received;
  }

  private static long reason(TlsChannel channel) {
    return channel.error() == 0 ? -Errno.EAGAIN : -channel.error();
  }

  /// Waits until the socket takes something.
  ///
  /// @throws SocketTimeoutException at the deadline
  void awaitSending() throws IOException {
    await(LinuxConstants.POLLOUT);
  }

  /// Waits until the socket has something.
  ///
  /// @throws SocketTimeoutException at the deadline
  void awaitReceiving() throws IOException {
    await(LinuxConstants.POLLIN);
  }

  private void await(int events) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long table = arena.allocate(Sockets.pollBytes(1), 8).address();
      do {
        check.run();
        long left = (deadlineNanos - System.nanoTime()) / NANOS_PER_MILLI;
        if (left <= 0) {
          throw new SocketTimeoutException("no answer in time");
        }
        Sockets.pollEntry(table, 0, fd, events);
        int _ = Sockets.poll(table, 1, (int) Math.min(left, LONGEST_NAP_MILLIS));
      } while (Sockets.pollResult(table, 0) == 0);
    }
  }

  @Override
  public void close() {
    if (!released) {
      released = true;
      Linux.close(fd);
    }
  }
}
