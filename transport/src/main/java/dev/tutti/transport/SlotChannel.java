package dev.tutti.transport;

import dev.tutti.bindings.Memory;

/// A channel through slots in shared memory.
///
/// Layout, at the address that the sender allocated ([#bytes] bytes, zeroed):
///
/// ```
///   +0                consumed: long    number of messages released; written by the receiver only
///   +128              slot 0
///   +128 + stride     slot 1 ...        stride = slotBytes + 64 rounded up to 128
/// slot:
///   +0                sequence: long    1 + number of the message it holds; written by the sender only
///   +8                bytes: int
///   +64               payload
/// ```
///
/// Message m lies in slot m % slots. The sequence shares the slot's first cache line only with the
/// size, and a message's payload is written before its sequence is released.
public final class SlotChannel {
  private static final int SLOTS_OFFSET = 128;
  private static final int SEQUENCE = 0;
  private static final int SIZE = 8;
  private static final int PAYLOAD = 64;

  private SlotChannel() {}

  /// Returns the memory that a channel needs.
  public static long bytes(int slots, int slotBytes) {
    return SLOTS_OFFSET + (long) slots * stride(slotBytes);
  }

  private static long stride(int slotBytes) {
    return (slotBytes + PAYLOAD + 127L) & -128L;
  }

  /// Returns the sending side of the channel at an address.
  public static Channel.Sender sender(long address, int slots, int slotBytes) {
    return new SlotSender(address, slots, slotBytes);
  }

  /// Returns the receiving side of the channel at an address.
  public static Channel.Receiver receiver(long address, int slots, int slotBytes) {
    return new SlotReceiver(address, slots, slotBytes);
  }

  private static final class SlotSender implements Channel.Sender {
    private final long base;
    private final int slots;
    private final int slotBytes;
    private final long stride;
    private long sent; // owner: the sending thread
    private long consumed; // last seen value of the receiver's counter
    private long slot;

    SlotSender(long base, int slots, int slotBytes) {
      this.base = base;
      this.slots = slots;
      this.slotBytes = slotBytes;
      this.stride = stride(slotBytes);
      this.slot = base + SLOTS_OFFSET;
    }

    @Override
    public int slotBytes() {
      return slotBytes;
    }

    @Override
    public long claim() {
      if (sent - consumed >= slots) {
        consumed = Memory.getLongAcquire(base); // acquire: pairs with release() of the receiver
        if (sent - consumed >= slots) {
          return NONE;
        }
      }
      return slot + PAYLOAD;
    }

    @Override
    public void publish(int bytes) {
      long at = slot;
      Memory.putLong(at + SIZE, bytes);
      sent++;
      Memory.putLongRelease(at + SEQUENCE, sent); // release: pairs with poll() of the receiver
      slot = sent % slots == 0 ? base + SLOTS_OFFSET : at + stride;
    }

    @Override
    public boolean send(long source, int bytes) {
      long at = claim();
      if (at == NONE) {
        return false;
      }
      Memory.copy(at, source, bytes);
      publish(bytes);
      return true;
    }

    @Override
    public boolean isDrained() {
      consumed = Memory.getLongAcquire(base); // acquire: pairs with release() of the receiver
      return consumed == sent;
    }
  }

  private static final class SlotReceiver implements Channel.Receiver {
    private final long base;
    private final int slots;
    private final int slotBytes;
    private final long stride;
    private long received; // owner: the receiving thread
    private long slot;

    SlotReceiver(long base, int slots, int slotBytes) {
      this.base = base;
      this.slots = slots;
      this.slotBytes = slotBytes;
      this.stride = stride(slotBytes);
      this.slot = base + SLOTS_OFFSET;
    }

    @Override
    public int slotBytes() {
      return slotBytes;
    }

    /// Messages are read where the sender put them.
    @Override
    public void expect(long target, long bytes) {}

    @Override
    public long poll() {
      // acquire: pairs with publish() of the sender
      return Memory.getLongAcquire(slot + SEQUENCE) == received + 1 ? slot + PAYLOAD : NONE;
    }

    @Override
    public int receivedBytes() {
      return (int) Memory.getLong(slot + SIZE);
    }

    @Override
    public void release() {
      received++;
      Memory.putLongRelease(base, received); // release: pairs with claim() of the sender
      slot = received % slots == 0 ? base + SLOTS_OFFSET : slot + stride;
    }
  }
}
