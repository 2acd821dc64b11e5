package dev.tutti.collectives.execute;

import dev.tutti.transport.Channel;
import dev.tutti.transport.Network;
import dev.tutti.transport.Waiter;
import org.jspecify.annotations.Nullable;

/// The members of one communicator as an interpreted schedule sees them: those that share memory
/// with this rank, and those behind the network.
///
/// Used by one thread at a time.
final class Members {
  private final SharedGroup local;
  private final ChannelTable channels;
  private final @Nullable Network network;
  private final Waiter waiter;
  private final int index;
  private final int size;
  private long operation;

  /// Makes the view of one member.
  ///
  /// @param local the members that share memory, this one included
  /// @param network how the others are reached, null if there are none
  /// @param waiter for both
  /// @param index this member
  /// @param size number of all members
  Members(
      SharedGroup local,
      ChannelTable channels,
      @Nullable Network network,
      Waiter waiter,
      int index,
      int size) {
    this.local = local;
    this.channels = channels;
    this.network = network;
    this.waiter = waiter;
    this.index = index;
    this.size = size;
  }

  /// Sets who hears of long waits.
  void observe(Waiter.Observer observer) {
    waiter.observe(observer);
  }

  Waiter waiter() {
    return waiter;
  }

  int index() {
    return index;
  }

  int size() {
    return size;
  }

  ChannelTable channels() {
    return channels;
  }

  /// Returns the number of the operation that runs, for error messages.
  long operation() {
    return local.operation;
  }

  /// Begins an operation.
  ///
  /// @throws dev.tutti.collectives.MismatchException if a member that shares memory called
  ///   something else; of the others that is found when their messages arrive
  void enter(long signature) {
    if (network != null) {
      network.begin(++operation, signature);
    }
    local.enter(signature);
  }

  /// Begins an operation in which the members that share memory look at each other's buffers; see
  /// [SharedGroup#enter(long, long, long, long, long)].
  void enter(long signature, long send, long sendBytes, long receive, long receiveBytes) {
    if (network != null) {
      network.begin(++operation, signature);
    }
    local.enter(signature, send, sendBytes, receive, receiveBytes);
  }

  /// Begins an operation without waiting for anybody; [#awaitEntries] is to follow.
  void announce(long signature) {
    if (network != null) {
      network.begin(++operation, signature);
    }
    local.announce(signature);
  }

  /// Waits until the members that share memory have begun the operation as well.
  ///
  /// @param except a member that is not waited for, -1 for none
  /// @throws dev.tutti.collectives.MismatchException as [#enter]
  void awaitEntries(long signature, int except) {
    local.awaitEntries(signature, except < 0 ? -1 : channels.local(except));
  }

  /// Ends an operation: afterwards its memory belongs to the caller again.
  void leave() {
    if (network != null) {
      long start = 0;
      for (int round = 0; !channels.areDrained(); round++) {
        start = progress() ? 0 : idle(round, start);
      }
      network.end();
    }
  }

  /// Moves what the network can move; returns whether that was anything.
  boolean progress() {
    return network != null && network.progress();
  }

  /// Waits a little; arguments and result as for [Waiter#idle].
  long idle(int round, long start) {
    return waiter.idle(round, start);
  }

  /// Sleeps a little; argument and result as for [Waiter#rest].
  long rest(long start) {
    return waiter.rest(start);
  }

  /// Sends a message when there is room for it.
  void send(Channel.Sender channel, long source, int bytes) {
    long start = 0;
    for (int round = 0; !channel.send(source, bytes); round++) {
      start = progress() ? 0 : idle(round, start);
    }
    wakePeers();
  }

  /// Waits for a message; returns where it is, as [Channel.Receiver#poll] does.
  long await(Channel.Receiver channel) {
    long start = 0;
    for (int round = 0; ; round++) {
      long slot = channel.poll();
      if (slot != Channel.NONE) {
        return slot;
      }
      start = progress() ? 0 : idle(round, start);
    }
  }

  /// Gives the place of a received message back.
  void release(Channel.Receiver channel) {
    channel.release();
    wakePeers();
  }

  void wakePeers() {
    waiter.wakePeers();
  }

  /// Sends to a member over one rail alone from now on, if it is behind the network; -1 for all.
  void useRail(int member, int rail) {
    if (network != null && !channels.isLocal(member)) {
      network.useRail(member, rail);
    }
  }

  /// Says that memory is going to be written.
  void settle(long address, long bytes) {
    if (network != null) {
      network.settle(address, bytes);
    }
  }
}
