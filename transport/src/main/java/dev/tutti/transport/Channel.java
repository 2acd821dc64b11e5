package dev.tutti.transport;

/// A live one-way connection between two ranks: an ordered sequence of messages of at most
/// [#slotBytes()] bytes, with a bounded number of them in flight.
///
/// Both sides work in the channel's own memory, so that a message can be reduced straight out of it
/// and built straight into it. Each side is used by one thread at a time. No method blocks.
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

    /// Returns whether the receiver has released everything that was sent.
    boolean isDrained();
  }

  /// The receiving side.
  interface Receiver extends Channel {
    /// Returns the address of the oldest message, or [#NONE] if none has arrived. Repeated calls
    /// return the same message until [#release].
    long poll();

    /// Returns the size in bytes of the message that [#poll] returned.
    int receivedBytes();

    /// Gives the slot of the oldest message back to the sender.
    void release();
  }
}
