package dev.tutti.topology.format;

import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.format.JsonTree.Members;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Rank tables with a `group_list`, from before version 1.0: in one form an instance is a card and
/// has its `rank_id`, in the other it is a pod with many `devices`, whose order makes their ranks.
final class RankTableGroups {
  private final RankTableReading reading;
  private final Map<String, String> hosts = new HashMap<>();
  private final Map<String, Set<String>> devicesOf = new HashMap<>();
  private int nextRank;

  RankTableGroups(RankTableReading reading) {
    this.reading = reading;
  }

  void read(Members root) {
    List<Members> groups = root.objects("group_list");
    reading.count(root, "group_count", groups.size(), "in group_list");
    Map<String, String> about = new LinkedHashMap<>();
    RankTableReading.copy(root, about, "board_id", "chip_info", "deploy_mode");
    about.forEach(reading.builder::attribute);
    for (Members group : groups) {
      List<Members> instances = group.objects("instance_list");
      hosts.clear();
      int devices = 0;
      for (int i = 0; i < instances.size(); i++) {
        devices += instance(instances.get(i), i);
      }
      reading.count(group, "instance_count", instances.size(), "in instance_list");
      reading.count(group, "device_count", devices, "devices");
      reading.count(group, "device_num", devices, "devices");
      reading.count(group, "server_num", hosts.size(), "servers");
    }
  }

  private int instance(Members instance, int position) {
    List<Members> devices = instance.objects("devices");
    String host = host(instance, position, devices);
    boolean ownRank = instance.get("rank_id") != null;
    for (int i = 0; i < devices.size(); i++) {
      Members table = devices.get(i);
      String device = reading.device(host, table, i);
      if (ownRank && i == 0) {
        reading.rank(instance, device);
      } else if (table.get("rank_id") != null) {
        reading.rank(table, device);
      } else if (!ownRank) {
        reading.complaints.noteOnce(
            "order", table.place(), "has no rank_id: the order of devices makes their ranks");
        reading.rank(nextRank, device, table.place());
      } else {
        reading.complaints.warning(
            table.place(), "is a second device of an instance with one rank_id; it has no rank");
      }
      nextRank++;
    }
    if (devices.isEmpty()) {
      reading.complaints.warning(instance.place(), "has no 'devices'");
    }
    return devices.size();
  }

  /// Returns the host of an instance. Several instances may be on one; a masked id, or a device
  /// number that the host has already, says that they are not.
  private String host(Members instance, int position, List<Members> devices) {
    String text = instance.text("server_id");
    String id = reading.filled(instance, "server_id");
    String known = id == null ? null : hosts.get(id);
    if (known != null) {
      Set<String> numbers = devicesOf.computeIfAbsent(known, _ -> new HashSet<>());
      if (devices.stream().map(table -> table.text("device_id")).noneMatch(numbers::contains)) {
        keep(known, devices);
        return known;
      }
      reading.complaints.warning(
          RankTableReading.placeOf(instance, "server_id"),
          "'" + id + "' is there twice with a device of the same number; kept as two hosts");
    }
    String host = reading.ids.unused(id == null ? "server?" + position : id);
    Map<String, String> attributes = new LinkedHashMap<>();
    RankTableReading.copy(instance, attributes, "pod_name");
    String name = text == null ? host : text;
    reading.builder.node(new Node(host, NodeKind.HOST, name, null, attributes));
    if (id != null) {
      hosts.put(id, host);
    }
    keep(host, devices);
    return host;
  }

  private void keep(String host, List<Members> devices) {
    for (Members table : devices) {
      String number = table.text("device_id");
      if (number != null) {
        devicesOf.computeIfAbsent(host, _ -> new HashSet<>()).add(number);
      }
    }
  }
}
