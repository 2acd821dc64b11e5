package dev.tutti.transport;

/// A live one-way connection between two ranks: an ordered sequence of messages of at most
/// [#slotBytes()] bytes, with a bounded number of them in flight.
///
/// Both sides can work in the channel's own memory, so that a message can be reduced straight out
/// of it and built straight into it. A channel of a [Network] also moves data straight from and to
/// the caller's memory: [Sender#send] and [Receiver#expect]. Each side is used by one thread at a
/// time. No method blocks.
public interface Channel {
  /// Returned instead of an address when there is no free slot or no message.
  long NONE = 0;

  /// Returns the largest message in bytes.
  int slotBytes();

  /// The sending side.
  interface Sender extends Channel {
    /// Returns the address of the next free slot, or [#NONE] while all are in flight. Repeated
    /// calls return the same slot until [#publish].
    long claim();

    /// Sends what was written to the claimed slot.
    void publish(int bytes);

    /// Sends a message from memory of the caller; false as long as that is not done. The caller
    /// then calls again with the same arguments and leaves the memory alone until it is told true.
    boolean send(long source, int bytes);

    /// Returns whether the memory behind everything that was sent is free: the receiver of a shared
    /// slot has released it, the network has taken the data.
    boolean isDrained();
  }

  /// The receiving side.
  interface Receiver extends Channel {
    /// Says where the next `bytes` bytes of messages belong, which the transport may use to put
    /// them there at once. The memory is the transport's until all of them are released.
    void expect(long target, long bytes);

    /// Returns the address of the oldest message, or [#NONE] if none has arrived. It lies where
    /// [#expect] wanted it or anywhere else. Repeated calls return the same message until
    /// [#release].
    long poll();

    /// Returns the size in bytes of the message that [#poll] returned.
    int receivedBytes();

    /// Gives the slot of the oldest message back to the sender.
    void release();
  }
}
