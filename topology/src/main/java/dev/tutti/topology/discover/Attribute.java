package dev.tutti.topology.discover;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An attribute of a node or link that may be unknown.
///
/// @param key a constant of [dev.tutti.topology.Attributes]
/// @param value null if unknown
record Attribute(String key, @Nullable String value) {
  static Attribute of(String key, @Nullable Object value) {
    return new Attribute(key, value == null ? null : value.toString());
  }

  /// Returns those that are known, in order.
  static Map<String, String> map(Attribute... attributes) {
    Map<String, String> map = new LinkedHashMap<>();
    for (Attribute attribute : attributes) {
      if (attribute.value != null) {
        map.put(attribute.key, attribute.value);
      }
    }
    return map;
  }
}
