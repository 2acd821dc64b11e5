package dev.tutti.transport;

/// The connections of one rank to the members of one communicator that it does not share memory
/// with. Members are numbered as in the communicator.
///
/// Data move only inside calls of this interface and of its channels, so it is used by one thread
/// at a time. Nothing blocks but [#connect] and [#await].
///
/// A network may send straight from the caller's memory and keep it until the peer has the data, to
/// send them again over another connection if this one breaks. [#settle] and [#end] say when memory
/// is going to change.
public interface Network extends AutoCloseable {
  /// Returns the transport's name: `tcp` or `ucx`.
  String transport();

  /// Connects to a peer unless that is done; both sides call it.
  ///
  /// @throws NetworkException if the peer cannot be reached in time
  void connect(int peer);

  /// Returns the channel towards a connected peer on a lane.
  Channel.Sender sender(int peer, int lane);

  /// Returns the channel from a connected peer on a lane.
  Channel.Receiver receiver(int peer, int lane);

  /// Sends to a connected peer over one rail alone from now on, for measurements; a rail that is
  /// down is not used. A network that has no rails does nothing.
  ///
  /// @param rail number of the rail, in the order of the interfaces; -1 for all
  default void useRail(int peer, int rail) {}

  /// Begins an operation: what is sent from now on belongs to it, and what belongs to later ones
  /// waits.
  ///
  /// @param operation 1 more than the one before
  /// @param signature what the operation is; every member's must be equal
  void begin(long operation, long signature);

  /// Sends and receives what can be sent and received now; returns whether anything moved.
  ///
  /// @throws SignatureMismatchException if a peer runs another operation under this number
  /// @throws NetworkException if a connection broke and cannot be re-established
  boolean progress();

  /// Sleeps until something can move, but no longer than `nanos`.
  void await(long nanos);

  /// Says that memory is going to be written, which may have been sent before.
  void settle(long address, long bytes);

  /// Ends an operation whose messages have all been sent and received: afterwards all its memory
  /// may change.
  void end();

  /// Says that an operation has failed: its memory is not touched any more, not even by [#close],
  /// which is all that is called from now on.
  void abandon();

  /// Closes the connections. Idempotent.
  @Override
  void close();
}
