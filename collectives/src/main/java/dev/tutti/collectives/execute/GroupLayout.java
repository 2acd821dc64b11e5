package dev.tutti.collectives.execute;

import dev.tutti.transport.SlotChannel;
import dev.tutti.transport.Waiter;

/// Layout of the memory block that each member of a group owns and all members map.
///
/// ```
///   PARK      128   park line, see Waiter
///   COPIED    128   long: window slices copied in      } monotone over the life of the group,
///   REDUCED   128   long: window slices consumed       } each written by the owner only
///   DRAINED   128   long: result slices copied out     }
///   ENTRY     2 x 128  entry of operation k at ENTRY + 128 * (k & 1)
///   DONE      128   long: operations on shared buffers completed, likewise monotone
///   CLOSED    128   long: members that have closed the group; every member adds one
///   OWNER     128   long: the block's address in its owner's process; 64 bytes on: room for a probe
///   FLAT      2 x flatBytes     flat exchange: this rank's data of operation k in slot k & 1
///   WINDOW    slots x slotBytes data for the peers, slice s in slot s % rotation
///   RESULT    slots x slotBytes finished data for the peers, slice s in slot s % rotation
///   CHANNELS  per peer and lane one SlotChannel towards that peer
/// ```
///
/// Lines lie 128 bytes apart because adjacent-line prefetch joins pairs of 64-byte lines. An entry
/// is one cache line:
///
/// ```
///   +0  sequence    k + 1, written last with release order
///   +8  signature   see Signature
///   +16 payload of up to 48 bytes, or else:
///   +16 token of the send buffer      +24 token of the receive buffer
///   +32 flags: SEND_SHARED, RECEIVE_SHARED, IN_SLOT
///   +40 bytes of the longest block that is neither shared nor in the flat slot (BlockExchange)
/// ```
///
/// The window has more slots than the pipeline needs, see [SharedGroup#rotate].
///
/// All members must use the same layout; the world compares it at join. Untouched parts cost no
/// memory.
///
/// @param members number of members
/// @param flatBytes size of a flat slot
/// @param windowSlots number of window slots
/// @param windowSlotBytes size of a window slot
/// @param lanes number of lanes for interpreted schedules
/// @param channelSlots slots of a channel
/// @param channelSlotBytes size of a channel slot
record GroupLayout(
    int members,
    int flatBytes,
    int windowSlots,
    int windowSlotBytes,
    int lanes,
    int channelSlots,
    int channelSlotBytes) {

  private static final int LARGEST_ELEMENT = 8;

  static final int LINE = 128;
  static final long PARK = 0;
  static final long COPIED = PARK + Waiter.PARK_LINE_BYTES;
  static final long REDUCED = COPIED + LINE;
  static final long DRAINED = REDUCED + LINE;
  static final long ENTRY = DRAINED + LINE;
  static final long DONE = ENTRY + 2 * LINE;
  static final long CLOSED = DONE + LINE;
  static final long OWNER_ADDRESS = CLOSED + LINE;
  static final long PROBE = OWNER_ADDRESS + LINE / 2;
  static final long FLAT = 4096;

  static final int ENTRY_SIGNATURE = 8;
  static final int ENTRY_PAYLOAD = 16;
  static final int INLINE_BYTES = 48;
  static final int ENTRY_SEND_TOKEN = 16;
  static final int ENTRY_RECEIVE_TOKEN = 24;
  static final int ENTRY_FLAGS = 32;
  static final int ENTRY_FOREIGN = 40;
  static final long SEND_SHARED = 1;
  static final long RECEIVE_SHARED = 2;
  static final long IN_SLOT = 4;

  /// Checks that a slot holds at least one element of every member's block.
  GroupLayout {
    if (Math.min(flatBytes, windowSlotBytes) < members * LARGEST_ELEMENT) {
      throw new IllegalArgumentException(
          "flatBytes "
              + flatBytes
              + " and windowSlotBytes "
              + windowSlotBytes
              + " must be at least "
              + members * LARGEST_ELEMENT
              + " for "
              + members
              + " ranks");
    }
  }

  /// Returns the address of the entry line of operation `sequence` in the block at `block`.
  static long entry(long block, long sequence) {
    return block + ENTRY + ((sequence & 1) << 7);
  }

  /// Returns the address of the flat slot of operation `sequence`.
  long flat(long block, long sequence) {
    return block + FLAT + ((sequence & 1) == 0 ? 0 : flatBytes);
  }

  /// Returns the address of a window slot.
  long window(long block, int slot) {
    return block + FLAT + 2L * flatBytes + (long) slot * windowSlotBytes;
  }

  /// Returns the address of a result slot.
  long result(long block, int slot) {
    return window(block, slot) + (long) windowSlots * windowSlotBytes;
  }

  /// Returns the address of the channel towards `member` on `lane`; `lane == lanes` is the channel
  /// on which members agree how to begin, `lane == lanes + 1` that for point-to-point messages.
  long channel(long block, int member, int lane) {
    long first = block + FLAT + 2L * flatBytes + 2L * windowSlots * windowSlotBytes;
    return first + ((long) member * (lanes + 2) + lane) * channelStride();
  }

  private long channelStride() {
    return (SlotChannel.bytes(channelSlots, channelSlotBytes) + 4095) & -4096L;
  }

  /// Returns the size of the block.
  long bytes() {
    return channel(0, members, 0);
  }

  /// Returns the size of the part that every operation touches: lines and flat slots.
  long hotBytes() {
    return window(0, 0);
  }

  /// Returns the size of the window and result slots.
  long windowBytes() {
    return channel(0, 0, 0) - window(0, 0);
  }
}
