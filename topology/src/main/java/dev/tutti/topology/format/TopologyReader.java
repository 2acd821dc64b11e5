package dev.tutti.topology.format;

import dev.tutti.topology.TopologyFormatException;

/// Reads one format. Implementations have no state.
public interface TopologyReader {
  /// Returns the name on the command line: lower case, with hyphens.
  String format();

  /// Returns in a few words what such files are.
  String description();

  /// Tells whether a file seems to have this format. Looks at its content, never at its name.
  boolean recognises(SourceFile file);

  /// Reads a file. Takes what is there and says in the findings what is missing or contradicts
  /// itself; guesses nothing.
  ///
  /// @throws TopologyFormatException if the file cannot be read as this format
  Reading read(SourceFile file);
}
