package dev.tutti.transport.ucx;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.ucx.Ucx;
import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.SignatureMismatchException;
import dev.tutti.transport.tcp.BufferPool;
import dev.tutti.transport.tcp.ControlConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One peer: its lanes, what is under way to it, what has arrived from it too early, and the
/// control connection that shows whether it lives.
///
/// Used by one thread at a time.
final class UcxLink {
  /// How many messages of a lane are taken from UCX outside of operations before somebody wants
  /// them.
  private static final int MOST_WAITING = 64;

  private static final long NOTHING_OPENED = -1;
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final UcxNetwork network;
  private final UcxWorker worker;
  private final int peer;
  private final ControlConnection control;
  private final long scratch; // for messages without content
  private final BufferPool slots;
  private final BufferPool smalls;
  private final int slotBytes;
  private final Outbox outbox;
  private final HeldMessages held = new HeldMessages();
  private final @Nullable UcxSender[] senders;
  private final @Nullable UcxReceiver[] receivers;
  private long endpoint; // 0 until the peer's address is known
  private boolean greeted;
  private boolean isReady; // the set-up is over
  private long opened = NOTHING_OPENED; // the operation that the peer knows large messages are of
  private long sent; // messages but the first
  private long arrived;
  private long announced = Long.MAX_VALUE; // messages that the peer has sent, once it has left
  private long leftAt;
  private long marker; // ticket of a marker that is not out
  private boolean closed;
  private boolean leftOver; // closed, but not its endpoint

  UcxLink(
      UcxNetwork network,
      UcxWorker worker,
      int peer,
      int lanes,
      ControlConnection control,
      long scratch) {
    this.network = network;
    this.worker = worker;
    this.peer = peer;
    this.control = control;
    this.scratch = scratch;
    this.slots = network.slots();
    this.smalls = network.smalls();
    this.slotBytes = network.slotBytes();
    this.outbox = new Outbox(worker, this);
    this.senders = new UcxSender[lanes];
    this.receivers = new UcxReceiver[lanes];
  }

  int peer() {
    return peer;
  }

  ControlConnection control() {
    return control;
  }

  UcxSender sender(int lane) {
    UcxSender sender = senders[lane];
    if (sender == null) {
      sender = new UcxSender(this, slots, smalls, lane, slotBytes);
      senders[lane] = sender;
    }
    return sender;
  }

  UcxReceiver receiver(int lane) {
    UcxReceiver receiver = receivers[lane];
    if (receiver == null) {
      receiver = new UcxReceiver(this, worker, slots, smalls, slotBytes);
      receivers[lane] = receiver;
    }
    return receiver;
  }

  // Setting up

  /// Connects to the peer's worker.
  void open(byte[] address) {
    endpoint = control.isLoopback() ? worker.connectWithinHost(address) : worker.connect(address);
  }

  long endpoint() {
    return endpoint;
  }

  /// Sends the first message, which makes UCX set up the connection; returns its ticket.
  long sendHello() {
    long tag = UcxTag.of(UcxTag.SIGNAL, network.index(), UcxTag.HELLO, 0);
    return worker.send(endpoint, scratch, 0, tag);
  }

  /// Returns whether the peer's first message has arrived.
  boolean isGreeted() {
    return greeted;
  }

  /// Notes that the set-up is over.
  void ready() {
    isReady = true;
  }

  // Sending

  boolean hasRoom() {
    return outbox.hasRoom();
  }

  void poll() {
    outbox.poll();
  }

  /// Sends a message that lies in a buffer with room for a header before it.
  ///
  /// @return whether the buffer is free; if not, it goes to the pool later, and the owner is told
  boolean sendSmall(UcxSender owner, int lane, long buffer, int bytes, BufferPool pool) {
    long header = buffer + MessageHeader.ROOM_BYTES - MessageHeader.BYTES;
    MessageHeader.write(header, network.operation(), network.signature());
    opened = network.operation();
    long tag = UcxTag.of(UcxTag.SMALL, network.index(), lane, opened);
    long length = (long) MessageHeader.BYTES + bytes;
    return post(worker.send(endpoint, header, length, tag), 0, length, buffer, pool, owner);
  }

  /// Sends a message from where it lies.
  ///
  /// @param buffer goes to the pool when the message is out; without a pool the message is the
  ///   caller's
  /// @return whether its memory is free; if not, the owner is told when it is
  boolean sendLarge(
      UcxSender owner, int lane, long address, int bytes, long buffer, @Nullable BufferPool pool) {
    if (opened != network.operation()) {
      sendOpen();
    }
    long tag = UcxTag.of(UcxTag.LARGE, network.index(), lane, opened);
    long ticket = worker.send(endpoint, address, bytes, tag);
    return post(ticket, pool == null ? address : 0, bytes, buffer, pool, owner);
  }

  private void sendOpen() {
    opened = network.operation();
    long buffer = smalls.take();
    MessageHeader.write(buffer, opened, network.signature());
    long tag = UcxTag.of(UcxTag.OPEN, network.index(), 0, opened);
    long ticket = worker.send(endpoint, buffer, MessageHeader.BYTES, tag);
    if (post(ticket, 0, MessageHeader.BYTES, buffer, smalls, null)) {
      smalls.give(buffer);
    }
  }

  private boolean post(
      long ticket,
      long callers,
      long bytes,
      long buffer,
      @Nullable BufferPool pool,
      @Nullable UcxSender owner) {
    if (UcxWorker.isError(ticket)) {
      throw broken((int) ticket);
    }
    sent++;
    boolean out = !UcxWorker.isRequest(ticket);
    if (!out) {
      outbox.add(ticket, callers, callers == 0 ? 0 : bytes, buffer, pool, owner);
    }
    if (outbox.charge(bytes)) {
      sendCredit();
    }
    return out;
  }

  private void sendCredit() {
    long tag = UcxTag.of(UcxTag.SIGNAL, network.index(), UcxTag.CREDIT, network.operation());
    long ticket = worker.sendSync(endpoint, scratch, 0, tag);
    if (UcxWorker.isError(ticket)) {
      throw broken((int) ticket);
    }
    sent++;
    outbox.addCredit(ticket);
  }

  /// Returns whether data of the caller in a range are under way.
  boolean isSending(long address, long bytes) {
    if (!outbox.overlaps(address, bytes)) {
      return false;
    }
    outbox.poll();
    return outbox.overlaps(address, bytes);
  }

  // Receiving

  /// Takes a message that UCX has; returns whether it was let in.
  boolean arrive(long message, long tag, long bytes) {
    if (UcxTag.kind(tag) == UcxTag.SIGNAL && UcxTag.lane(tag) == UcxTag.HELLO) {
      greeted = true;
      drop(message);
      return true;
    }
    arrived++;
    if (!held.isEmpty() || !isWelcome(tag)) {
      held.add(message, tag, bytes);
      return false;
    }
    accept(message, tag, bytes);
    return true;
  }

  boolean hasHeld() {
    return !held.isEmpty();
  }

  /// Lets in what had to wait until now; returns whether there was anything.
  boolean acceptHeld() {
    boolean any = false;
    while (!held.isEmpty() && isWelcome(held.tag())) {
      long message = held.message();
      long tag = held.tag();
      long bytes = held.bytes();
      held.remove();
      accept(message, tag, bytes);
      any = true;
    }
    return any;
  }

  private boolean isWelcome(long tag) {
    long operation = network.operation();
    if (UcxTag.ahead(tag, operation) > 0) {
      return false;
    }
    // An operation receives a bounded number of messages; outside of operations there is no bound.
    return operation != 0
        || UcxTag.kind(tag) == UcxTag.SIGNAL
        || UcxTag.lane(tag) >= receivers.length
        || receiver(UcxTag.lane(tag)).backlog() < MOST_WAITING;
  }

  private void accept(long message, long tag, long bytes) {
    int kind = UcxTag.kind(tag);
    int lane = UcxTag.lane(tag);
    long most =
        kind == UcxTag.SMALL
            ? MessageHeader.BYTES + MessageHeader.SMALL_BYTES
            : kind == UcxTag.LARGE ? slotBytes : kind == UcxTag.OPEN ? MessageHeader.BYTES : 0;
    boolean headed = kind == UcxTag.SMALL || kind == UcxTag.OPEN;
    boolean known = kind == UcxTag.SIGNAL || lane < receivers.length;
    if (bytes > most || (headed && bytes < MessageHeader.BYTES) || !known) {
      drop(message);
      throw new NetworkException(
          peer, "rank " + peer + " sent " + bytes + " bytes on lane " + lane + ", which is absurd");
    }
    switch (kind) {
      case UcxTag.SMALL -> receiver(lane).acceptSmall(message, (int) bytes);
      case UcxTag.LARGE -> receiver(lane).acceptLarge(message, (int) bytes);
      case UcxTag.OPEN -> acceptOpen(message);
      default -> drop(message);
    }
  }

  /// A header alone is so short that it is there as soon as UCX has it.
  private void acceptOpen(long message) {
    long buffer = smalls.take();
    long ticket = worker.receive(message, buffer, MessageHeader.BYTES);
    if (ticket != UcxWorker.DONE) {
      throw new NetworkException(peer, "rank " + peer + " sent a header in pieces");
    }
    try {
      checkHeader(buffer);
    } finally {
      smalls.give(buffer);
    }
  }

  /// Compares a header with the operation that runs.
  ///
  /// @throws SignatureMismatchException if the peer runs something else
  void checkHeader(long header) {
    long operation = MessageHeader.operation(header);
    long signature = MessageHeader.signature(header);
    if (operation != network.operation() || signature != network.signature()) {
      throw new SignatureMismatchException(peer, operation, signature);
    }
  }

  private void drop(long message) {
    long ticket = worker.receive(message, scratch, 0);
    if (UcxWorker.isRequest(ticket)) {
      worker.free(ticket);
    }
  }

  /// Returns whether everything that was sent is out of this process.
  ///
  /// UCX says that a message is sent when it has been copied, and writes what a full socket has not
  /// taken when it next makes progress. But it begins no message before that, so everything is out
  /// when a *marker* behind it, an empty message, is sent. A flush would say the same, but UCX's
  /// TCP waits for an answer of the peer, which may be busy with something else for hours.
  boolean isOut() {
    if (marker == UcxWorker.DONE) {
      if (!outbox.mayLinger()) {
        return true;
      }
      long tag = UcxTag.of(UcxTag.SIGNAL, network.index(), UcxTag.MARKER, network.operation());
      marker = worker.send(endpoint, scratch, 0, tag);
      sent++;
      if (outbox.charge(0)) {
        sendCredit();
      }
    } else {
      int status = worker.status(marker);
      if (UcxWorker.isPending(status)) {
        return false;
      }
      worker.free(marker);
      marker = status;
    }
    if (UcxWorker.isError(marker)) {
      int status = (int) marker;
      marker = UcxWorker.DONE;
      throw broken(status);
    }
    return marker == UcxWorker.DONE;
  }

  // The end

  /// Looks whether the peer is there.
  ///
  /// @throws NetworkException if it is gone without a word
  void look() {
    if (announced != Long.MAX_VALUE || closed) {
      return;
    }
    try {
      byte[] goodbye = control.read();
      if (goodbye != null) {
        announced = goodbye.length == Long.BYTES ? ByteBuffer.wrap(goodbye).getLong() : arrived;
        leftAt = System.nanoTime();
      }
    } catch (IOException e) {
      throw broken(e.getMessage());
    }
  }

  /// Returns whether the peer has closed its end.
  boolean hasLeft() {
    return announced != Long.MAX_VALUE;
  }

  /// Throws if the peer has closed its end in order and all it sent has arrived.
  void checkNotOver() {
    if (announced == Long.MAX_VALUE) {
      return;
    }
    if (arrived >= announced && held.isEmpty()) {
      throw new NetworkException(
          peer, "rank " + peer + " closed its communicator before this operation");
    }
    if (arrived < announced && System.nanoTime() - leftAt > LATE_NANOS) {
      throw new NetworkException(
          peer,
          "rank " + peer + " is gone, and " + (announced - arrived) + " of its messages are lost");
    }
  }

  NetworkException broken(int status) {
    return broken(Ucx.text(status));
  }

  private NetworkException broken(@Nullable String why) {
    network.breakDown();
    return new NetworkException(peer, "the connection to rank " + peer + " broke: " + why);
  }

  /// Sees to it that the peer's taking of everything will be known.
  void askForReceipt() {
    if (!outbox.isTaken()) {
      sendCredit();
    }
  }

  /// Returns whether all that was sent is out, and the peer has taken it or has left.
  boolean isDelivered() {
    outbox.poll();
    return outbox.isTaken() || (outbox.isEmpty() && hasLeft());
  }

  /// Tells the peer that nothing more will come.
  void sayGoodbye() {
    try {
      control.write(ByteBuffer.allocate(Long.BYTES).putLong(sent).array());
    } catch (IOException _) {
      // it is gone, too
    }
  }

  /// Drops what is held, without an answer to the peer where that is possible.
  void dropHeld() {
    while (!held.isEmpty()) {
      drop(held.message());
      held.remove();
    }
  }

  /// Closes the endpoint; returns a ticket.
  ///
  /// UCX aborts the process when a worker is freed while requests are under way to an endpoint that
  /// reports errors, so these are cancelled. Endpoints within the host do not need that, and
  /// cannot; closing one would go on with the requests.
  long close() {
    closed = true;
    boolean isIdle = outbox.drop() && marker == UcxWorker.DONE;
    if (marker != UcxWorker.DONE) {
      worker.free(marker);
    }
    for (UcxReceiver receiver : receivers) {
      if (receiver != null) {
        isIdle &= receiver.drop();
      }
    }
    if (endpoint == 0) {
      control.close();
      return UcxWorker.DONE;
    }
    boolean isLoopback = control.isLoopback();
    boolean orderly = isIdle && isReady && !network.isBroken();
    control.close();
    if (isLoopback && !orderly) {
      leftOver = true;
      return UcxWorker.DONE;
    }
    return orderly ? worker.close(endpoint) : worker.abandon(endpoint);
  }

  /// Returns whether the endpoint is still there although the link is closed.
  boolean isLeftOver() {
    return leftOver;
  }

  /// Fills a buffer with a word, so that nothing is sent from undefined memory.
  static long scratch(BufferPool pool) {
    long buffer = pool.take();
    Memory.putLong(buffer, 0);
    return buffer;
  }
}
