package dev.tutti.transport.ucx;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.Channel;
import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.Waiter;
import dev.tutti.transport.tcp.BufferPool;
import dev.tutti.transport.tcp.ControlConnection;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The members of one communicator as seen over UCX: one worker, and a link to each peer, made when
/// it is first needed.
///
/// All messages are taken from UCX in the order in which they arrive, by probing for any tag; the
/// tag tells whose and which they are. So UCX matches nothing, a message of a later operation is
/// recognised before it is received, and the length of a large one is known before it is decided
/// where it goes. See `docs/decisions.md`.
///
/// Unlike TCP, UCX sends large messages straight from the caller's memory at any time until the
/// peer has them all. [#settle] and [#end] therefore wait for that where it matters.
///
/// Used by one thread at a time, not always the same.
public final class UcxNetwork implements Network {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long NAP_NANOS = NANOS_PER_MILLI;
  private static final long PARTING_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int FINAL_ROUNDS = 100;
  private static final int LOOK_EVERY = 1024; // calls of progress
  private static final int SPINS = 1000;

  private final UcxEndpoint endpoint;
  private final long communicator;
  private final int[] members; // world rank by member
  private final int index;
  private final int lanes;
  private final Waiter.Check check;
  private final BufferPool slots;
  private final BufferPool smalls =
      new BufferPool(MessageHeader.ROOM_BYTES + MessageHeader.SMALL_BYTES);
  private final @Nullable UcxLink[] links; // by member
  private final @Nullable UcxHandshake[] handshakes; // by member, while they go on
  private UcxLink[] connected = new UcxLink[0];
  private @Nullable UcxWorker worker; // made with the first link
  private int events = -1;
  private long scratch;
  private long pollTable;
  private long pollBytes;
  private int calls;
  private long operation;
  private long signature;
  private boolean broken;
  private boolean closed;

  UcxNetwork(
      UcxEndpoint endpoint,
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
    this.slots = new BufferPool(MessageHeader.ROOM_BYTES + slotBytes());
    this.links = new UcxLink[members.length];
    this.handshakes = new UcxHandshake[members.length];
  }

  int index() {
    return index;
  }

  int slotBytes() {
    return endpoint.options().sliceBytes();
  }

  BufferPool slots() {
    return slots;
  }

  BufferPool smalls() {
    return smalls;
  }

  long operation() {
    return operation;
  }

  long signature() {
    return signature;
  }

  @Override
  public String transport() {
    return "ucx";
  }

  // Connecting

  @Override
  public void connect(int peer) {
    if (isUp(peer)) {
      return;
    }
    if (index < peer && links[peer] == null) {
      begin(peer, control(peer));
    }
    long deadline = System.nanoTime() + endpoint.options().connectTimeout().toNanos();
    while (!isUp(peer)) {
      boolean moved = serve();
      moved |= progress();
      if (!moved && !isUp(peer)) {
        check.run();
        if (System.nanoTime() > deadline) {
          throw new NetworkException(
              peer,
              "rank "
                  + peer
                  + " has not connected over UCX within "
                  + endpoint.options().connectTimeout().toSeconds()
                  + " s");
        }
        await(NAP_NANOS);
      }
    }
  }

  private boolean isUp(int peer) {
    return links[peer] != null && handshakes[peer] == null;
  }

  private ControlConnection control(int peer) {
    try {
      return endpoint.control().control(communicator, members[peer], check);
    } catch (NetworkException e) {
      throw new NetworkException(peer, String.valueOf(e.getMessage())); // the member, not the rank
    }
  }

  /// Takes the connections that peers have opened and goes on with all set-ups.
  private boolean serve() {
    boolean moved = false;
    for (int peer = 0; peer < links.length; peer++) {
      if (peer < index && links[peer] == null) {
        ControlConnection control = endpoint.control().arrivedControl(communicator, members[peer]);
        if (control != null) {
          begin(peer, control);
          moved = true;
        }
      }
      UcxHandshake handshake = handshakes[peer];
      if (handshake != null && handshake.advance()) {
        handshakes[peer] = null;
        moved = true;
      }
    }
    return moved;
  }

  private void begin(int peer, ControlConnection control) {
    UcxWorker own = openedWorker();
    UcxLink link = new UcxLink(this, own, peer, lanes, control, scratch);
    links[peer] = link;
    connected = Arrays.copyOf(connected, connected.length + 1);
    connected[connected.length - 1] = link;
    handshakes[peer] = new UcxHandshake(link, own);
  }

  /// Returns the address of this member's worker, for tests.
  byte[] address() {
    return openedWorker().address();
  }

  private UcxWorker openedWorker() {
    UcxWorker own = worker;
    if (own == null) {
      own = endpoint.worker();
      worker = own;
      events = own.eventDescriptor();
      scratch = UcxLink.scratch(smalls);
    }
    return own;
  }

  private UcxLink link(int peer) {
    UcxLink link = links[peer];
    if (link == null || handshakes[peer] != null) {
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

  // Moving

  @Override
  public void begin(long number, long what) {
    operation = number;
    signature = what;
  }

  @Override
  public boolean progress() {
    UcxWorker own = worker;
    if (own == null) {
      return false;
    }
    boolean moved = own.progress() > 0;
    UcxLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      if (all[i].hasHeld()) {
        moved |= all[i].acceptHeld();
      }
    }
    for (long message = own.probe(); message != UcxWorker.DONE; message = own.probe()) {
      moved |= arrive(own, message);
    }
    if (++calls % LOOK_EVERY == 0) {
      look();
    }
    return moved;
  }

  private boolean arrive(UcxWorker own, long message) {
    long tag = own.probedTag();
    int sender = UcxTag.sender(tag);
    UcxLink link = sender < links.length ? links[sender] : null;
    if (link == null) {
      free(own, own.receive(message, scratch, 0)); // from a stranger
      return false;
    }
    return link.arrive(message, tag, own.probedBytes());
  }

  /// Looks who is there: peers that connect, peers that leave, peers that are gone.
  private void look() {
    boolean _ = serve();
    UcxLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      if (handshakes[all[i].peer()] == null) {
        all[i].look();
      }
    }
  }

  @Override
  public void await(long nanos) {
    UcxWorker own = worker;
    UcxLink[] all = connected;
    if (own != null && !own.arm()) {
      return; // there is something to do
    }
    if (Sockets.pollBytes(all.length + 1) > pollBytes) {
      growPollTable(all.length + 1);
    }
    int entries = 0;
    if (own != null) {
      Sockets.pollEntry(pollTable, entries++, events, LinuxConstants.POLLIN);
    }
    for (UcxLink link : all) {
      if (!link.hasLeft()) {
        int fd = link.control().descriptor();
        Sockets.pollEntry(pollTable, entries++, fd, LinuxConstants.POLLIN);
      }
    }
    long millis = Math.max(1, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    int _ = Sockets.poll(pollTable, entries, (int) millis);
    look();
  }

  private void growPollTable(int sockets) {
    if (pollBytes > 0) {
      Linux.munmap(pollTable, pollBytes);
    }
    pollBytes = (Sockets.pollBytes(sockets) + 4095) & -4096L;
    pollTable = BufferPool.map(pollBytes);
  }

  boolean isBroken() {
    return broken;
  }

  /// A connection broke for good.
  void breakDown() {
    broken = true;
  }

  /// Waits until peers have what was sent from this memory. They take it as soon as they run the
  /// operation, whatever this rank does, so ranks that wait here do not wait for each other.
  @Override
  public void settle(long address, long bytes) {
    UcxLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      if (all[i].isSending(address, bytes)) {
        awaitSent(all[i], address, bytes);
      }
    }
  }

  private void awaitSent(UcxLink link, long address, long bytes) {
    long start = 0;
    for (int round = 0; link.isSending(address, bytes); round++) {
      start = idle(link, round, start);
    }
  }

  /// Makes progress or waits a little; returns the start of the wait for the next call.
  private long idle(UcxLink link, int round, long start) {
    if (progress()) {
      return 0;
    }
    if (round < SPINS) {
      Thread.onSpinWait();
      return start;
    }
    check.run();
    long stall = endpoint.options().stallTimeout().toNanos();
    long begin = start == 0 ? System.nanoTime() : start;
    if (stall > 0 && System.nanoTime() - begin > stall) {
      throw new NetworkException(
          link.peer(),
          "rank " + link.peer() + " has not taken a message within " + stall / 1_000_000 + " ms");
    }
    await(NAP_NANOS);
    return begin;
  }

  @Override
  public void end() {
    settle(0, Long.MAX_VALUE);
    UcxLink[] all = connected;
    for (int i = 0; i < all.length; i++) {
      awaitOut(all[i]);
    }
  }

  /// Waits until nothing that the peer waits for depends on this rank's progress any more.
  private void awaitOut(UcxLink link) {
    long start = 0;
    for (int round = 0; !link.isOut(); round++) {
      start = idle(link, round, start);
    }
  }

  // Closing

  /// Closes everything without a word. UCX would go on with what is under way whenever it makes
  /// progress, and the hardware by itself.
  @Override
  public void abandon() {
    broken = true;
    close();
  }

  /// Says goodbye to all peers and waits until they have all that was sent, but not long.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    UcxWorker own = worker;
    if (own != null) {
      if (!broken) {
        part();
      }
      boolean empty = disconnect(own);
      if (empty && !mustStay()) {
        own.close();
        endpoint.workerClosed();
      }
      worker = null;
    }
    smalls.close();
    slots.close();
    if (pollBytes > 0) {
      Linux.munmap(pollTable, pollBytes);
    }
  }

  /// Returns whether UCX would abort the process if the worker were freed: with requests under way
  /// within the host. Nobody calls it any more, so it does nothing until the process ends.
  private boolean mustStay() {
    boolean stays = false;
    for (UcxLink link : connected) {
      stays |= link.isLeftOver();
    }
    return stays;
  }

  private void part() {
    try {
      for (UcxLink link : connected) {
        if (handshakes[link.peer()] == null) {
          link.askForReceipt();
          link.sayGoodbye();
        }
      }
      long deadline = System.nanoTime() + PARTING_NANOS;
      while (!isDelivered() && System.nanoTime() < deadline) {
        if (!progress()) {
          await(NAP_NANOS);
        }
      }
    } catch (RuntimeException _) {
      // a peer that is gone, or runs something else, does not matter any more
    }
  }

  private boolean isDelivered() {
    boolean delivered = true;
    for (UcxLink link : connected) {
      delivered &= handshakes[link.peer()] != null || link.isDelivered();
    }
    return delivered;
  }

  /// Leaves nothing behind that UCX would complain of; returns whether that was possible.
  private boolean disconnect(UcxWorker own) {
    for (UcxLink link : connected) {
      link.dropHeld();
    }
    for (UcxHandshake handshake : handshakes) {
      if (handshake != null) {
        handshake.drop();
      }
    }
    if (!broken) {
      for (int round = 0; own.progress() > 0 && round < FINAL_ROUNDS; ) {
        round++;
      }
    }
    dropArrived(own);
    long[] tickets = new long[connected.length];
    for (int i = 0; i < tickets.length; i++) {
      tickets[i] = connected[i].close();
    }
    long deadline = System.nanoTime() + PARTING_NANOS;
    while (anyPending(own, tickets) && System.nanoTime() < deadline) {
      int _ = own.progress();
    }
    boolean empty = dropLate(own);
    for (long ticket : tickets) {
      free(own, ticket);
    }
    return empty;
  }

  /// Drops what arrived while the endpoints were closed; returns whether that was all.
  ///
  /// To take what is answered (a credit, or a large message) UCX looks for the endpoint, and within
  /// the host, where the peer's word for it is its address, it would find freed memory.
  private boolean dropLate(UcxWorker own) {
    while (own.peek() != UcxWorker.DONE) {
      long tag = own.probedTag();
      int sender = UcxTag.sender(tag);
      UcxLink link = sender < links.length ? links[sender] : null;
      if (link != null && link.control().isLoopback() && UcxTag.isAnswered(tag)) {
        return false;
      }
      free(own, own.receive(own.probe(), scratch, 0));
    }
    return true;
  }

  private void dropArrived(UcxWorker own) {
    for (long message = own.probe(); message != UcxWorker.DONE; message = own.probe()) {
      free(own, own.receive(message, scratch, 0));
    }
  }

  private static boolean anyPending(UcxWorker own, long[] tickets) {
    boolean pending = false;
    for (long ticket : tickets) {
      pending |= UcxWorker.isRequest(ticket) && UcxWorker.isPending(own.status(ticket));
    }
    return pending;
  }

  private static void free(UcxWorker own, long ticket) {
    if (UcxWorker.isRequest(ticket)) {
      own.free(ticket);
    }
  }
}
