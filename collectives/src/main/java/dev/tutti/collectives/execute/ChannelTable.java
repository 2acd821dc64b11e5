package dev.tutti.collectives.execute;

import dev.tutti.transport.Channel;
import dev.tutti.transport.SlotChannel;
import org.jspecify.annotations.Nullable;

/// The channels between this rank and its peers, made when a schedule first names them.
///
/// The memory of the channel from a to b on a lane lies in a's block, so no agreement is needed:
/// whoever asks first finds zeroed memory, which is an empty channel.
final class ChannelTable {
  private final SharedGroup group;
  private final Channel.@Nullable Sender[] senders; // [peer * (lanes + 1) + lane]
  private final Channel.@Nullable Receiver[] receivers;

  ChannelTable(SharedGroup group) {
    this.group = group;
    int channels = group.size * (group.layout.lanes() + 1);
    this.senders = new Channel.Sender[channels];
    this.receivers = new Channel.Receiver[channels];
  }

  /// Returns the channel towards a peer.
  Channel.Sender to(int peer, int lane) {
    int i = index(peer, lane);
    Channel.Sender sender = senders[i];
    if (sender == null) {
      GroupLayout layout = group.layout;
      sender =
          SlotChannel.sender(
              layout.channel(group.own, peer, lane),
              layout.channelSlots(),
              layout.channelSlotBytes());
      senders[i] = sender;
    }
    return sender;
  }

  /// Returns the channel from a peer.
  Channel.Receiver from(int peer, int lane) {
    int i = index(peer, lane);
    Channel.Receiver receiver = receivers[i];
    if (receiver == null) {
      GroupLayout layout = group.layout;
      receiver =
          SlotChannel.receiver(
              layout.channel(group.block(peer), group.index, lane),
              layout.channelSlots(),
              layout.channelSlotBytes());
      receivers[i] = receiver;
    }
    return receiver;
  }

  private int index(int peer, int lane) {
    if (lane > group.layout.lanes()) {
      throw new IllegalArgumentException(
          "lane " + lane + " exceeds the " + group.layout.lanes() + " lanes of the group");
    }
    return peer * (group.layout.lanes() + 1) + lane;
  }
}
