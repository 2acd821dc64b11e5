package dev.tutti.transport.ucx;

import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.NetworkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The set-up of one link: an exchange of worker addresses over the control connection, of first
/// messages over UCX, and a word that both have arrived.
///
/// ```
///   each side     address  ──►  over the control connection
///                 hello    ──►  over UCX, which connects on the way
///                 ready    ──►  over the control connection, when the hello and UCX's own messages
///                               are out and the peer's hello is in
/// ```
///
/// A state machine that never waits: a rank in [UcxNetwork#connect] serves whoever connects to it,
/// so that ranks that connect in a circle do not wait for each other. UCX connects while both sides
/// make progress; after the word of both sides messages need nobody's help any more.
///
/// Used by one thread at a time.
final class UcxHandshake {
  private static final byte VERSION = 1;
  private static final byte[] READY = {VERSION};

  private enum State {
    ADDRESS,
    HELLO,
    READY,
    DONE
  }

  private final UcxLink link;
  private final UcxWorker worker;
  private State state = State.ADDRESS;
  private long hello;
  private long flush;

  /// Begins: tells the peer this rank's address.
  UcxHandshake(UcxLink link, UcxWorker worker) {
    this.link = link;
    this.worker = worker;
    byte[] address = worker.address();
    write(ByteBuffer.allocate(1 + address.length).put(VERSION).put(address).array());
  }

  UcxLink link() {
    return link;
  }

  boolean isDone() {
    return state == State.DONE;
  }

  /// Goes on as far as possible; returns whether the link is up.
  boolean advance() {
    if (state == State.ADDRESS) {
      byte[] address = read();
      if (address == null) {
        return false;
      }
      if (address[0] != VERSION) {
        throw new NetworkException(
            link.peer(),
            "rank " + link.peer() + " speaks version " + address[0] + " of the UCX set-up");
      }
      link.open(
          ByteBuffer.allocate(address.length - 1).put(address, 1, address.length - 1).array());
      hello = checked(link.sendHello());
      flush = checked(worker.flush(link.endpoint()));
      state = State.HELLO;
    }
    if (state == State.HELLO) {
      hello = rest(hello);
      flush = rest(flush);
      if (hello != UcxWorker.DONE || flush != UcxWorker.DONE || !link.isGreeted()) {
        return false;
      }
      write(READY);
      state = State.READY;
    }
    if (state == State.READY && read() != null) {
      state = State.DONE;
      link.ready();
    }
    return state == State.DONE;
  }

  private byte @Nullable [] read() {
    try {
      return link.control().read();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private void write(byte[] message) {
    try {
      link.control().write(message);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private NetworkException broken(IOException e) {
    return new NetworkException(
        link.peer(), "rank " + link.peer() + " cannot be reached: " + e.getMessage());
  }

  private long checked(long ticket) {
    if (UcxWorker.isError(ticket)) {
      throw link.broken((int) ticket);
    }
    return ticket;
  }

  /// Returns the ticket while it is pending, then that it is done.
  private long rest(long ticket) {
    if (ticket == UcxWorker.DONE) {
      return ticket;
    }
    int status = worker.status(ticket);
    if (UcxWorker.isPending(status)) {
      return ticket;
    }
    worker.free(ticket);
    return checked(status);
  }

  /// Gives the requests back that are under way.
  void drop() {
    if (UcxWorker.isRequest(hello)) {
      worker.free(hello);
    }
    if (UcxWorker.isRequest(flush)) {
      worker.free(flush);
    }
    hello = UcxWorker.DONE;
    flush = UcxWorker.DONE;
  }
}
