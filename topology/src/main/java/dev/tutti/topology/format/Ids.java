package dev.tutti.topology.format;

import dev.tutti.topology.Topology;
import java.util.HashMap;
import java.util.Map;

/// Ids and names that readers make.
final class Ids {
  private final Topology.Builder builder;
  private final Map<String, Integer> last = new HashMap<>();

  Ids(Topology.Builder builder) {
    this.builder = builder;
  }

  /// Returns an id that the topology does not have: the wish, else `wish#2`, `wish#3` ….
  String unused(String wish) {
    String id = wish;
    while (builder.hasNode(id)) {
      id = wish + "#" + last.merge(wish, 2, (old, _) -> old + 1);
    }
    return id;
  }

  /// Returns the name of a file without folders and ending.
  static String baseName(SourceFile file) {
    String name = file.name();
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    int dot = last.lastIndexOf('.');
    return dot > 0 ? last.substring(0, dot) : last.isEmpty() ? name : last;
  }
}
