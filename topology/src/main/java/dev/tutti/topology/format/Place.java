package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import dev.tutti.topology.TopologyFormatException;

/// A place in a file and the path to it: `server_list[0].device[1].rank_id`.
///
/// @param file name of the file
/// @param line line from 1, 0 if the file as a whole is meant
/// @param column column from 1, 0 if the line as a whole is meant
/// @param path how to get there in a tree, empty for its root and in files that are no trees
record Place(String file, int line, int column, String path) {
  /// Makes a place in a file of lines.
  static Place line(SourceFile file, int line) {
    return new Place(file.name(), line, 0, "");
  }

  TopologyFormatException wrong(String message) {
    return new TopologyFormatException(file, line, column, at() + message);
  }

  Finding warning(String message) {
    return Finding.warning(text(), at() + message);
  }

  Finding note(String message) {
    return Finding.note(text(), at() + message);
  }

  /// Returns `file:line:column`.
  String text() {
    return TopologyFormatException.place(file, line, column);
  }

  private String at() {
    return path.isEmpty() ? "" : path + ": ";
  }
}
