package dev.tutti.transport.tcp;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
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

  void write(byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      long done = 0;
      while (done < bytes.length) {
        long sent = Sockets.sendChecked(fd, data.address() + done, bytes.length - done);
        if (sent == -Errno.EAGAIN || sent == -Errno.EINTR) {
          await(LinuxConstants.POLLOUT);
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
        long received = Sockets.receiveChecked(fd, data.address() + done, bytes - done);
        if (received == -Errno.EAGAIN || received == -Errno.EINTR) {
          await(LinuxConstants.POLLIN);
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
