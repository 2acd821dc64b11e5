package dev.tutti.topology;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A thing that links join: a device, a NIC, a switch, a NUMA domain; or a box around such things.
///
/// @param id unique in its topology; by custom a path such as `alder/gpu3`
/// @param kind what it is
/// @param name what people call it
/// @param parent id of the node that this one is inside of, null outermost. Being inside joins
///   nothing: data moves over links only
/// @param attributes whatever else is known, in the order of writing. [Attributes] has the keys
///   that the library itself understands
public record Node(
    String id,
    NodeKind kind,
    String name,
    @Nullable String parent,
    Map<String, String> attributes) {

  /// Checks and copies.
  ///
  /// @throws IllegalArgumentException if the id is blank
  public Node {
    if (id.isBlank()) {
      throw new IllegalArgumentException("a node's id is blank");
    }
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /// Returns an attribute, null if it is not known.
  public @Nullable String attribute(String key) {
    return attributes.get(key);
  }
}
