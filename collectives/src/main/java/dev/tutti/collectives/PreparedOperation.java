package dev.tutti.collectives;

/// A collective operation bound to its buffers, to be run any number of times ("persistent" in
/// MPI-4).
///
/// Everything that can be decided or checked is done when it is prepared; a run allocates nothing
/// and looks nothing up. All ranks must prepare and run the same operations in the same order.
public interface PreparedOperation {
  /// Runs the operation and returns when this rank's part is complete: its receive buffer is
  /// written and its send buffer may be reused.
  ///
  /// @throws TuttiException if the operation fails; the communicator is then no longer usable
  void run();

  /// Starts the operation on the communicator's progress thread.
  ///
  /// @throws IllegalStateException if the previous start of this object has not completed
  Request start();

  /// Returns the name of the algorithm that runs, in kebab case, for example `ring`.
  String algorithm();

  /// Returns how the algorithm runs, for example `direct zero-copy` or `interpreted`.
  String form();
}
