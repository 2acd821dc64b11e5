package dev.tutti.topology.preset;

import dev.tutti.topology.Topology;

/// A known machine that can be made in any size. Implementations have no state.
public interface Preset {
  /// Returns the name on the command line: lower case, with hyphens.
  String name();

  /// Returns in one line what it is.
  String description();

  /// Returns where its figures are from.
  String source();

  /// Returns how many hosts it has if nobody says.
  int defaultHosts();

  /// Makes the topology. Every device, or every host without devices, has a rank; ranks are
  /// numbered by host.
  ///
  /// @throws IllegalArgumentException if this machine does not come in that size
  Topology make(PresetOptions options);
}
