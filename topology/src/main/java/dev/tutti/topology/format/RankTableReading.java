package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.JsonTree.Members;
import dev.tutti.topology.format.JsonTree.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What all forms of rank tables share: ranks, devices with their addresses, and suspicion.
final class RankTableReading {
  // What people and tools leave where a value belongs: <ip>, ${IP}, {{ip}}, xxx, 10.**.**.1,
  // 192.168.x.x
  private static final Pattern TEMPLATE =
      Pattern.compile(
          "<.*>|\\$.*|\\{\\{.*|.*\\*.*|[xX?#.:]*[xX?#][xX?#.:]*"
              + "|\\d{1,3}\\.[0-9xX]{1,3}\\.[0-9xX]{1,3}\\.[xX]{1,3}|(?i:todo|your[-_ ].*)");

  final Topology.Builder builder;
  final Complaints complaints = new Complaints();
  final Ids ids;
  private final Map<String, String> addresses = new HashMap<>();
  private final Set<Integer> ranks = new HashSet<>();
  private int devices;
  private @Nullable String network;

  RankTableReading(SourceFile file, List<Finding> findings) {
    builder = Topology.builder(Ids.baseName(file)).attribute(Attributes.SOURCE, file.name());
    ids = new Ids(builder);
    complaints.addAll(findings);
  }

  Reading finish(Members root) {
    String version = root.text("version");
    if (version != null) {
      builder.attribute("version", version);
    }
    String status = root.text("status");
    if (status != null) {
      builder.attribute("status", status);
      if (!status.equals("completed")) {
        complaints.note(
            placeOf(root, "status"),
            "is '" + status + "', expected 'completed': the table may not be filled yet");
      }
    }
    missingRanks(root);
    return new Reading(RankTable.NAME, builder.build(), complaints.inOrder());
  }

  private void missingRanks(Members root) {
    List<Integer> missing = new ArrayList<>();
    int last = builder.ranks().isEmpty() ? -1 : builder.ranks().lastKey();
    int count = 0;
    for (int rank = 0; rank <= last && count < devices; rank++) {
      if (!builder.ranks().containsKey(rank)) {
        missing.add(rank);
      } else {
        count++;
      }
      if (missing.size() == 8) {
        break;
      }
    }
    if (!missing.isEmpty()) {
      complaints.warning(
          root.place(),
          "has ranks up to "
              + last
              + ", but not "
              + missing
              + (missing.size() == 8 ? " and perhaps more" : ""));
    }
    if (devices == 0) {
      complaints.warning(root.place(), "has no device");
    }
  }

  /// Returns the place of a value, of its owner if it is missing.
  static Place placeOf(Members owner, String key) {
    Value value = owner.get(key);
    return value == null ? owner.place() : value.place();
  }

  /// Tells whether a value is what a template has where somebody should fill in something.
  static boolean isTemplate(@Nullable String value) {
    return value != null && TEMPLATE.matcher(value.strip()).matches();
  }

  /// Returns a value, null with a complaint if it is missing or was never filled in. There is one
  /// complaint for each key: where one value is masked, the others are, too.
  @Nullable String filled(Members owner, String key) {
    String text = owner.text(key);
    if (text == null || text.isBlank()) {
      return null;
    }
    if (isTemplate(text)) {
      complaints.warningOnce(
          "masked " + key,
          placeOf(owner, key),
          "is '"
              + text
              + "': masked, or a template that was not filled in; "
              + key
              + " like this are taken as unknown and different");
      return null;
    }
    return text.strip();
  }

  /// Returns a whole number of at least 0, null with a complaint if there is none.
  @Nullable Integer number(Members owner, String key) {
    String text = owner.text(key);
    Integer number = Numbers.integer(text);
    if (number == null || number < 0) {
      complaints.warning(
          placeOf(owner, key),
          text == null
              ? "missing '" + key + "', expected a whole number"
              : "is '" + text + "', expected a whole number of at least 0");
      return null;
    }
    return number;
  }

  /// Compares a count with what there is.
  void count(Members owner, String key, int found, String what) {
    String text = owner.text(key);
    if (text == null) {
      return;
    }
    Integer count = Numbers.integer(text);
    if (count == null || count != found) {
      complaints.warning(
          placeOf(owner, key), "is '" + text + "', but there are " + found + " " + what);
    }
  }

  /// Copies attributes under the names of the file.
  static void copy(Members from, Map<String, String> to, String... keys) {
    for (String key : keys) {
      Value value = from.get(key);
      String text = value instanceof JsonTree.Scalar scalar ? scalar.text() : null;
      if (text != null && !text.isBlank()) {
        to.put(key, text);
      }
    }
  }

  /// Adds a device.
  ///
  /// @param host id of what it is inside of
  /// @param table the device in the file
  /// @param position which one it is there, for an id where its own is missing
  String device(String host, Members table, int position) {
    devices++;
    Integer number = number(table, "device_id");
    Map<String, String> attributes = new LinkedHashMap<>();
    if (number != null) {
      attributes.put(Attributes.INDEX, number.toString());
    }
    copy(
        table,
        attributes,
        "super_device_id",
        "device_port",
        "host_port",
        "backup_device_ip",
        "backup_device_port",
        "local_id",
        "numa_id");
    hint(table, attributes);
    String label = number == null ? "?" + position : number.toString();
    String wish = host + "/npu" + label;
    String id = ids.unused(wish);
    if (number != null && !id.equals(wish)) {
      complaints.warning(placeOf(table, "device_id"), number + " is there twice in this server");
    }
    builder.node(new Node(id, NodeKind.DEVICE, "NPU " + label, host, attributes));
    address(host, id, table);
    return id;
  }

  private static void hint(Members table, Map<String, String> attributes) {
    Long bits = Numbers.whole(table.text("super_device_id"));
    if (bits != null && bits >= 1 << 16 && bits <= 0xffff_ffffL) {
      attributes.put("hintServer", String.valueOf(bits >> 22));
      attributes.put("hintChip", String.valueOf(bits >> 18 & 0xf));
      attributes.put("hintDie", String.valueOf(bits >> 16 & 0x3));
    }
  }

  private void address(String host, String device, Members table) {
    String text = table.text("device_ip");
    if (text == null || text.isBlank()) {
      complaints.noteOnce(
          "device_ip", table.place(), "missing 'device_ip': its way to the network is not told");
      return;
    }
    String address = filled(table, "device_ip");
    String other = address == null ? null : addresses.putIfAbsent(address, device);
    if (other != null) {
      complaints.warning(
          placeOf(table, "device_ip"), "is '" + address + "', which '" + other + "' has too");
    }
    String nic = ids.unused(device + "/nic");
    Map<String, String> attributes =
        address == null ? Map.of() : Map.of(Attributes.ADDRESS, address);
    builder.node(new Node(nic, NodeKind.NIC, text, host, attributes));
    builder.cable(Link.of(device, nic, LinkKind.UNKNOWN, null, RankTable.NAME));
    if (network == null) {
      network = ids.unused("network");
      builder.node(network, NodeKind.NETWORK, "network", null);
    }
    builder.cable(Link.of(nic, network, LinkKind.ROCE, null, RankTable.NAME));
  }

  /// Places a rank.
  void rank(Members table, String device) {
    Integer rank = number(table, "rank_id");
    if (rank != null) {
      rank(rank, device, placeOf(table, "rank_id"));
    }
  }

  /// Places a rank.
  void rank(int rank, String device, Place place) {
    if (ranks.add(rank)) {
      builder.rank(rank, device);
    } else {
      complaints.warning(
          place,
          "rank " + rank + " is on '" + builder.ranks().get(rank) + "' too; placed there only");
    }
  }
}
