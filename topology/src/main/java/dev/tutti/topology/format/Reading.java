package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import dev.tutti.topology.Topology;
import java.util.List;

/// What came out of a file.
///
/// @param format name of the format that the file has
/// @param topology what the file tells, and nothing else
/// @param findings what is odd or missing in the file, in its order
public record Reading(String format, Topology topology, List<Finding> findings) {
  /// Copies.
  public Reading {
    findings = List.copyOf(findings);
  }
}
