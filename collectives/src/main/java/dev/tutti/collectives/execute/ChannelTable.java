package dev.tutti.collectives.execute;

import dev.tutti.transport.Channel;
import dev.tutti.transport.Network;
import dev.tutti.transport.SlotChannel;
import org.jspecify.annotations.Nullable;

/// The channels between this member and the others, made when a schedule first names them.
///
/// The memory of the channel from a to b on a lane lies in a's block if they share memory, so no
/// agreement is needed: whoever asks first finds zeroed memory, which is an empty channel. Others
/// are connected over the network, which both sides do for the same operation.
final class ChannelTable {
  private final SharedGroup group;
  private final int[] localOf; // place in the group by member, -1 for those behind the network
  private final @Nullable Network network;
  private final ConnectWatch watch;
  private final int firstLane; // of the group's channels
  private final int lanes;
  private final Channel.@Nullable Sender[] senders; // [member * lanes + lane]
  private final Channel.@Nullable Receiver[] receivers;

  /// Makes an empty table.
  ///
  /// @param group the members that share memory
  /// @param localOf each member's place in the group, -1 if it has none
  /// @param network how those are reached, null if there are none
  /// @param watch told while a connection is awaited
  /// @param firstLane which of the group's lanes is lane 0 of this table
  /// @param lanes number of lanes
  ChannelTable(
      SharedGroup group,
      int[] localOf,
      @Nullable Network network,
      ConnectWatch watch,
      int firstLane,
      int lanes) {
    this.group = group;
    this.localOf = localOf.clone();
    this.network = network;
    this.watch = watch;
    this.firstLane = firstLane;
    this.lanes = lanes;
    this.senders = new Channel.Sender[localOf.length * lanes];
    this.receivers = new Channel.Receiver[localOf.length * lanes];
  }

  /// Returns whether a member shares memory with this one.
  boolean isLocal(int member) {
    return localOf[member] >= 0;
  }

  /// Returns a member's place among those that share memory.
  int local(int member) {
    return localOf[member];
  }

  /// Returns the channel towards a member.
  Channel.Sender to(int member, int lane) {
    int i = index(member, lane);
    Channel.Sender sender = senders[i];
    if (sender == null) {
      sender = isLocal(member) ? slotSender(member, lane) : connected(member).sender(member, lane);
      senders[i] = sender;
    }
    return sender;
  }

  private Channel.Sender slotSender(int member, int lane) {
    GroupLayout layout = group.layout;
    return SlotChannel.sender(
        layout.channel(group.own, localOf[member], firstLane + lane),
        layout.channelSlots(),
        layout.channelSlotBytes());
  }

  /// Returns the channel from a member.
  Channel.Receiver from(int member, int lane) {
    int i = index(member, lane);
    Channel.Receiver receiver = receivers[i];
    if (receiver == null) {
      receiver =
          isLocal(member) ? slotReceiver(member, lane) : connected(member).receiver(member, lane);
      receivers[i] = receiver;
    }
    return receiver;
  }

  private Channel.Receiver slotReceiver(int member, int lane) {
    GroupLayout layout = group.layout;
    return SlotChannel.receiver(
        layout.channel(group.block(localOf[member]), group.index, firstLane + lane),
        layout.channelSlots(),
        layout.channelSlotBytes());
  }

  private Network connected(int member) {
    if (network == null) {
      throw new IllegalStateException("member " + member + " is out of reach");
    }
    watch.begin(member);
    try {
      network.connect(member);
    } finally {
      watch.end();
    }
    return network;
  }

  /// Returns whether the network has taken everything that was sent over it.
  boolean areDrained() {
    for (int i = 0; i < senders.length; i++) {
      Channel.Sender sender = senders[i];
      if (sender != null && localOf[i / lanes] < 0 && !sender.isDrained()) {
        return false;
      }
    }
    return true;
  }

  private int index(int member, int lane) {
    if (lane >= lanes) {
      throw new IllegalArgumentException("lane " + lane + " exceeds the " + lanes + " lanes");
    }
    return member * lanes + lane;
  }
}
