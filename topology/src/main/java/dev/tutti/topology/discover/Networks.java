package dev.tutti.topology.discover;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import java.util.Map;

/// The networks that NICs lead to. A host does not see their inside; one node of each kind stands
/// for whatever connects the hosts.
final class Networks {
  private static final String PREFIX = "network-";

  private Networks() {}

  /// Returns the id of the network of a kind of link: `network-ethernet`.
  static String id(LinkKind kind) {
    return PREFIX + kind.label();
  }

  /// Returns the node of the network of a kind of link.
  static Node node(LinkKind kind) {
    return new Node(id(kind), NodeKind.NETWORK, kind.display(), null, Map.of());
  }
}
