package dev.tutti.transport;

/// How one rank reaches those it does not share memory with: one per rank and world. All methods
/// may be called by any thread.
public interface NetworkEndpoint extends AutoCloseable {
  /// Returns the transport's name: `tcp` or `ucx`.
  String transport();

  /// Makes the network of a communicator; nothing is connected yet.
  ///
  /// @param communicator id of the communicator, the same on all members
  /// @param members world ranks of the members
  /// @param index this rank's place among them
  /// @param lanes number of lanes
  /// @param check called now and then while waiting; throws to give up
  Network network(long communicator, int[] members, int index, int lanes, Waiter.Check check);

  /// Stops listening and frees what the networks do not need any more. Idempotent.
  @Override
  void close();
}
