package dev.tutti.transport.tcp;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.Sockets;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An authenticated connection to one peer beside the data path of another transport: carries what
/// the two tell each other to set it up, and afterwards shows by its end that the peer is gone.
///
/// Messages of up to 64 KiB, each behind its length (int, big-endian). Used by one thread at a
/// time.
public final class ControlConnection implements AutoCloseable {
  private static final int MOST_BYTES = 64 << 10;
  private static final int NO_LENGTH = -1;
  private static final int SCRATCH_BYTES = 4096;
  private static final long WRITE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final int fd;
  private final boolean loopback;
  private final MemorySegment scratch = Arena.ofAuto().allocate(SCRATCH_BYTES, 8);
  private byte[] arriving = new byte[Integer.BYTES];
  private int got;
  private int length = NO_LENGTH; // of the message that is arriving, once it is known
  private boolean closed;

  ControlConnection(int fd) {
    this.fd = fd;
    this.loopback = Sockets.localAddress(fd).getAddress().isLoopbackAddress();
  }

  /// Returns the descriptor to wait on: it becomes readable when [#read] has something to do.
  public int descriptor() {
    return fd;
  }

  /// Returns whether the peer was reached by the loopback address, so is on this host.
  public boolean isLoopback() {
    return loopback;
  }

  /// Sends a message; waits a few seconds at most.
  ///
  /// @throws IOException if the connection is broken
  public void write(byte[] message) throws IOException {
    byte[] framed =
        ByteBuffer.allocate(Integer.BYTES + message.length)
            .putInt(message.length)
            .put(message)
            .array();
    try (RawConnection connection =
        new RawConnection(fd, System.nanoTime() + WRITE_NANOS, () -> {})) {
      connection.write(framed);
      int _ = connection.release();
    } catch (IOException e) {
      closed = true; // by the raw connection
      throw e;
    }
  }

  /// Returns the next message, null as long as it has not arrived.
  ///
  /// @throws EOFException if the peer has closed the connection
  /// @throws IOException if the peer sent garbage
  public byte @Nullable [] read() throws IOException {
    if (closed) {
      throw new EOFException("closed");
    }
    while (receive()) {
      byte[] message = arriving;
      if (length != NO_LENGTH) {
        begin(NO_LENGTH, Integer.BYTES);
        return message;
      }
      int announced = ByteBuffer.wrap(message).getInt();
      if (announced < 1 || announced > MOST_BYTES) {
        throw new IOException("a message of " + announced + " bytes was announced");
      }
      begin(announced, announced);
    }
    return null;
  }

  private void begin(int newLength, int bytes) {
    length = newLength;
    arriving = new byte[bytes];
    got = 0;
  }

  /// Returns whether all that is arriving is there; allocates nothing as long as nothing arrives.
  private boolean receive() throws IOException {
    while (got < arriving.length) {
      long wanted = Math.min(arriving.length - got, SCRATCH_BYTES);
      long bytes = Sockets.receive(fd, scratch.address(), wanted);
      if (bytes == Sockets.BLOCKED) {
        return false; // also after an error, which the end of the stream follows
      }
      if (bytes == 0) {
        throw new EOFException("the peer closed the connection");
      }
      MemorySegment.copy(scratch, ValueLayout.JAVA_BYTE, 0, arriving, got, (int) bytes);
      got += (int) bytes;
    }
    return true;
  }

  /// Closes the connection, which the peer notices. Idempotent.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Linux.close(fd);
    }
  }
}
