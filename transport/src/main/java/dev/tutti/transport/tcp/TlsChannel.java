package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.tls.Tls;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/// TLS over one socket: what [Sockets#send] and [Sockets#receive] do, with octets that nobody on
/// the way can read or change.
///
/// Records are made and opened by the calling thread, from and to the caller's memory where a whole
/// record has room there. Used by one thread at a time.
final class TlsChannel {
  private static final System.Logger LOGGER = System.getLogger(TlsChannel.class.getName());
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int RECORDS = 8; // encrypted, and sent or received at most by one call

  private final int fd;
  private final SSLEngine engine;
  private final ByteBuffer incoming; // encrypted, from position to limit
  private final ByteBuffer opened; // decrypted, not taken yet, from position to limit
  private final ByteBuffer outgoing; // encrypted, not sent yet, from position to limit
  private final int recordBytes; // octets that are certain to have room for those of a record
  private final long incomingAddress;
  private final long outgoingAddress;
  private long committed; // octets of the caller that the outgoing ones stand for
  private int error; // of the socket
  private boolean tampered;

  TlsChannel(int fd, SSLEngine engine) {
    this.fd = fd;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    this.recordBytes = engine.getSession().getApplicationBufferSize();
    this.incoming = ByteBuffer.allocateDirect(RECORDS * packet).limit(0);
    this.outgoing = ByteBuffer.allocateDirect(RECORDS * packet).limit(0);
    this.opened = ByteBuffer.allocateDirect(recordBytes).limit(0);
    this.incomingAddress = MemorySegment.ofBuffer(incoming.duplicate().clear()).address();
    this.outgoingAddress = MemorySegment.ofBuffer(outgoing.duplicate().clear()).address();
  }

  /// Agrees with the other side on keys; returns the [Tls#binding] of the session.
  ///
  /// @throws IOException if the other side does not speak TLS 1.3, or not in time
  byte[] handshake(RawConnection connection) throws IOException {
    engine.beginHandshake();
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_WRAP -> {
          outgoing.clear();
          SSLEngineResult _ = engine.wrap(NOTHING, outgoing);
          outgoing.flip();
          while (!flush()) {
            checkError();
            connection.awaitSending();
          }
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> readHandshake(connection);
        case NEED_TASK -> runTasks();
        case FINISHED, NOT_HANDSHAKING -> {
          return Tls.binding(engine.getSession());
        }
      }
    }
  }

  private void readHandshake(RawConnection connection) throws IOException {
    SSLEngineResult result = engine.unwrap(incoming, opened.clear());
    opened.flip();
    if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
      throw new EOFException("the other side ended TLS");
    }
    if (result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
      return;
    }
    long bytes = fill();
    if (bytes == 0) {
      throw new EOFException("the other side closed the connection");
    }
    if (bytes < 0) {
      checkError();
      connection.awaitReceiving();
    }
  }

  private void checkError() throws IOException {
    if (error != 0) {
      throw new IOException("the handshake of TLS failed: " + Errno.name(error));
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask(); task != null; ) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  /// Returns the error of the socket because of which nothing moves, 0 if there is none.
  int error() {
    return error;
  }

  /// Returns whether somebody has changed what the peer sent; nothing can be received after that.
  boolean isTampered() {
    return tampered;
  }

  /// Sends two pieces of memory one after the other. What [Sockets#BLOCKED] was answered to has to
  /// be offered again, unchanged.
  ///
  /// @return the number of bytes taken together, or [Sockets#BLOCKED]
  long send(long first, long firstBytes, long second, long secondBytes) {
    if (!outgoing.hasRemaining()) {
      try {
        encrypt(buffer(first, firstBytes), buffer(second, secondBytes));
      } catch (SSLException e) {
        give(e);
        return Sockets.BLOCKED;
      }
    }
    if (!flush()) {
      return Sockets.BLOCKED;
    }
    long taken = committed;
    committed = 0;
    return taken;
  }

  private void encrypt(ByteBuffer first, ByteBuffer second) throws SSLException {
    ByteBuffer[] sources = {first, second};
    long bytes = (long) first.remaining() + second.remaining();
    outgoing.clear();
    int record = outgoing.capacity() / RECORDS;
    while (committed < bytes && outgoing.remaining() >= record) {
      SSLEngineResult result = engine.wrap(sources, outgoing);
      committed += result.bytesConsumed();
      if (result.getStatus() != SSLEngineResult.Status.OK) {
        throw new SSLException("encrypting: " + result.getStatus());
      }
    }
    outgoing.flip();
  }

  /// Sends what is encrypted; returns whether that is done.
  private boolean flush() {
    while (outgoing.hasRemaining()) {
      long at = outgoingAddress + outgoing.position();
      long sent = Sockets.sendChecked(fd, at, outgoing.remaining());
      if (sent < 0) {
        note((int) -sent);
        return false;
      }
      outgoing.position(outgoing.position() + (int) sent);
    }
    return true;
  }

  /// Receives.
  ///
  /// @return the number of bytes, 0 at the end of the stream, or [Sockets#BLOCKED]; fewer than
  ///   there is room for only if no more are there
  long receive(long address, long most) {
    if (tampered) {
      return 0;
    }
    ByteBuffer target = buffer(address, most);
    try {
      while (target.hasRemaining()) {
        if (opened.hasRemaining()) {
          takeOpened(target);
        } else if (!open(target)) {
          long bytes = fill();
          if (bytes <= 0) {
            return target.position() > 0 ? target.position() : bytes;
          }
        }
      }
      return target.position();
    } catch (SSLException e) {
      give(e);
      return target.position(); // what was before is genuine
    }
  }

  private void takeOpened(ByteBuffer target) {
    int bytes = Math.min(target.remaining(), opened.remaining());
    target.put(target.position(), opened, opened.position(), bytes);
    target.position(target.position() + bytes);
    opened.position(opened.position() + bytes);
  }

  /// Opens the next record; false if it is not there whole.
  private boolean open(ByteBuffer target) throws SSLException {
    boolean fits = target.remaining() >= recordBytes;
    SSLEngineResult result = engine.unwrap(incoming, fits ? target : opened.clear());
    if (!fits) {
      opened.flip();
    }
    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
      runTasks();
    }
    return switch (result.getStatus()) {
      case OK -> true;
      case BUFFER_UNDERFLOW -> false;
      case BUFFER_OVERFLOW -> throw new SSLException("a record is too long");
      case CLOSED -> throw new SSLException("the other side ended TLS");
    };
  }

  /// Receives encrypted octets; returns as [Sockets#receive] does.
  private long fill() {
    incoming.compact();
    long at = incomingAddress + incoming.position();
    long bytes = Sockets.receiveChecked(fd, at, incoming.remaining());
    if (bytes > 0) {
      incoming.position(incoming.position() + (int) bytes);
    }
    incoming.flip();
    if (bytes < 0) {
      note((int) -bytes);
      return Sockets.BLOCKED;
    }
    return bytes;
  }

  private void note(int errno) {
    if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
      error = errno;
    }
  }

  /// The connection cannot be used any more.
  private void give(SSLException e) {
    LOGGER.log(Level.DEBUG, "TLS failed: {0}", String.valueOf(e.getMessage()));
    tampered = true;
    Sockets.shutdown(fd);
  }

  private static ByteBuffer buffer(long address, long bytes) {
    return bytes == 0
        ? NOTHING
        : Memory.ALL.asSlice(address, Math.min(bytes, Integer.MAX_VALUE)).asByteBuffer();
  }
}
