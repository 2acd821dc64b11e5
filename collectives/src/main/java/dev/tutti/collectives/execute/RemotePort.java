package dev.tutti.collectives.execute;

import dev.tutti.transport.Channel;
import dev.tutti.transport.Waiter;

/// Messages to and from the members behind the network, in order for each pair, without waiting for
/// any of them. They travel over the connections of [MessagePort], which must not be used beside.
///
/// Used by one thread at a time.
public final class RemotePort {
  private final Members members;

  RemotePort(Members members) {
    this.members = members;
  }

  /// Returns whether a member shares memory with this one and has no messages here.
  public boolean isLocal(int member) {
    return members.channels().isLocal(member);
  }

  /// Connects to a member, which does the same.
  public void connect(int member) {
    Channel.Sender _ = members.channels().to(member, 0);
    Channel.Receiver _ = members.channels().from(member, 0);
  }

  /// Returns the largest message to a member in bytes.
  public int messageBytes(int member) {
    return members.channels().to(member, 0).slotBytes();
  }

  /// Returns where the next message to a member is to be written; [Channel#NONE] while there is no
  /// room.
  public long claim(int member) {
    return members.channels().to(member, 0).claim();
  }

  /// Sends the message that was written.
  public void publish(int member, int bytes) {
    members.channels().to(member, 0).publish(bytes);
  }

  /// Returns where the oldest message of a member is; [Channel#NONE] if there is none.
  public long poll(int member) {
    return members.channels().from(member, 0).poll();
  }

  /// Returns the size of the message that [#poll] returned.
  public int receivedBytes(int member) {
    return members.channels().from(member, 0).receivedBytes();
  }

  /// Gives the place of the oldest message back.
  public void release(int member) {
    members.channels().from(member, 0).release();
  }

  /// Returns who waits for other members' words on the thread that uses this port.
  public Waiter waiter() {
    return members.waiter();
  }

  /// Moves what the network can move; returns whether that was anything.
  public boolean progress() {
    return members.progress();
  }

  /// Sleeps until something can move, but not for long; throws if a member is gone.
  public void rest() {
    long _ = members.rest(0);
  }
}
