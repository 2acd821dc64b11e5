package dev.tutti.topology.format;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.format.JsonTree.Members;
import dev.tutti.topology.format.JsonTree.Scalar;
import dev.tutti.topology.format.JsonTree.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Rank tables of version 2.0: a flat `rank_list` whose ranks say what they belong to on each
/// layer.
final class RankTableFlat {
  private static final String UNGROUPED = "unknown";

  private final RankTableReading reading;

  RankTableFlat(RankTableReading reading) {
    this.reading = reading;
  }

  void read(Members root) {
    List<Members> ranks = root.objects("rank_list");
    reading.count(root, "rank_count", ranks.size(), "in rank_list");
    for (int i = 0; i < ranks.size(); i++) {
      rank(ranks.get(i), i);
    }
  }

  private void rank(Members rank, int position) {
    List<Members> levels = rank.objects("level_list");
    String device = reading.device(group(rank, levels), rank, position);
    reading.rank(rank, device);
    for (Members level : levels) {
      level(level, device);
    }
  }

  /// Returns the group of the lowest layer, which is the smallest that a rank belongs to.
  private String group(Members rank, List<Members> levels) {
    Members lowest = null;
    int layer = Integer.MAX_VALUE;
    for (Members level : levels) {
      Integer number = Numbers.integer(level.text("net_layer"));
      if (number != null && number < layer) {
        layer = number;
        lowest = level;
      }
    }
    String instance = lowest == null ? null : reading.filled(lowest, "net_instance_id");
    if (instance == null) {
      reading.complaints.warning(
          rank.place(), "has no layer with 'net_layer' and 'net_instance_id'");
    }
    String id = instance == null ? UNGROUPED : "layer" + layer + "/" + instance;
    if (!reading.builder.hasNode(id)) {
      reading.builder.node(id, NodeKind.GROUP, instance == null ? UNGROUPED : instance, null);
    }
    return id;
  }

  private void level(Members level, String device) {
    Integer layer = reading.number(level, "net_layer");
    String instance = reading.filled(level, "net_instance_id");
    if (layer == null || instance == null) {
      return;
    }
    String id = "layer" + layer + "/" + instance + "/network";
    if (!reading.builder.hasNode(id)) {
      Map<String, String> attributes = new LinkedHashMap<>();
      RankTableReading.copy(level, attributes, "net_layer", "net_type", "net_attr");
      String name = "layer " + layer + " " + instance;
      reading.builder.node(new Node(id, NodeKind.NETWORK, name, null, attributes));
    }
    List<Members> addresses = level.objects("rank_addr_list");
    if (addresses.isEmpty()) {
      reading.complaints.noteOnce(
          "address", level.place(), "has no 'rank_addr_list': ports are not told");
      reading.builder.cable(Link.of(device, id, LinkKind.UNKNOWN, null, RankTable.NAME));
    }
    for (Members address : addresses) {
      cable(address, device, id);
    }
  }

  private void cable(Members address, String device, String network) {
    String type = address.text("addr_type");
    Link link =
        Link.of(
            device,
            network,
            "EID".equals(type) ? LinkKind.UB : LinkKind.UNKNOWN,
            null,
            RankTable.NAME);
    String value = reading.filled(address, "addr");
    link = with(with(link, "addr_type", type), "address", value);
    link = with(link, "plane_id", address.text("plane_id"));
    List<String> ports = new ArrayList<>();
    for (Value port : address.list("ports")) {
      if (port instanceof Scalar scalar && scalar.text() != null) {
        ports.add(scalar.text());
      }
    }
    reading.builder.cable(with(link, "ports", ports.isEmpty() ? null : String.join(",", ports)));
  }

  private static Link with(Link link, String key, @Nullable String value) {
    return value == null ? link : link.withAttribute(key, value);
  }
}
