package dev.tutti.topology.format;

import dev.tutti.topology.Topology;
import java.io.IOException;
import java.io.OutputStream;

/// Writes one format. Implementations have no state.
public interface TopologyWriter {
  /// Returns the name on the command line: lower case, with hyphens.
  String format();

  /// Returns in a few words what such files are for.
  String description();

  /// Writes a topology. The stream stays open.
  ///
  /// @throws IOException if the stream fails
  /// @throws IllegalArgumentException if the format cannot hold this topology; the message says
  ///   what cannot be held
  void write(Topology topology, OutputStream out) throws IOException;
}
