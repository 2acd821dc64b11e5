package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.format.JsonTree.Members;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Rank tables with a `server_list`: versions 1.0 and 1.2.
final class RankTableServers {
  private final RankTableReading reading;
  private final Map<String, String> podOfServer = new HashMap<>();
  private final Map<String, String> switchOfPod = new HashMap<>();
  private final Map<String, Members> serversById = new HashMap<>();

  /// A rank and the host it is on, to see whether ranks of hosts interleave.
  private record Placed(int rank, String host) {}

  RankTableServers(RankTableReading reading) {
    this.reading = reading;
  }

  void read(Members root) {
    List<Members> servers = root.objects("server_list");
    servers.forEach(server -> {
      String id = server.text("server_id");
      if (id != null) {
        serversById.putIfAbsent(id, server);
      }
    });
    pods(root);
    for (int i = 0; i < servers.size(); i++) {
      server(servers.get(i), i);
    }
    reading.count(root, "server_count", servers.size(), "in server_list");
    interleaved(root);
  }

  private void pods(Members root) {
    List<Members> pods = root.objects("super_pod_list");
    for (int i = 0; i < pods.size(); i++) {
      Members pod = pods.get(i);
      String name = reading.filled(pod, "super_pod_id");
      String id = reading.ids.unused("superpod" + (name == null ? "?" + i : name));
      String label = "super-pod " + (name == null ? "?" : name);
      reading.builder.node(id, NodeKind.GROUP, label, null);
      String hccs = reading.ids.unused(id + "/hccs-switch");
      reading.builder.node(hccs, NodeKind.SWITCH, "HCCS switches of " + label, id);
      switchOfPod.put(id, hccs);
      for (Members server : pod.objects("server_list")) {
        String serverId = server.text("server_id");
        if (serverId == null) {
          reading.complaints.warning(server.place(), "missing 'server_id'");
        } else if (!serversById.containsKey(serverId)) {
          reading.complaints.warning(
              RankTableReading.placeOf(server, "server_id"),
              "is '" + serverId + "', which is not in server_list");
        } else if (podOfServer.putIfAbsent(serverId, id) != null) {
          reading.complaints.warning(
              RankTableReading.placeOf(server, "server_id"),
              "'" + serverId + "' is in a second super-pod; kept in the first");
        }
      }
    }
  }

  private void server(Members server, int position) {
    String text = server.text("server_id");
    String id = reading.filled(server, "server_id");
    if (text == null) {
      reading.complaints.warning(server.place(), "missing 'server_id'");
    }
    String wish = id == null ? "server?" + position : id;
    String host = reading.ids.unused(wish);
    if (id != null && !host.equals(wish)) {
      repeated(server, id);
    }
    String pod = text == null ? null : podOfServer.get(text);
    if (pod == null && !switchOfPod.isEmpty()) {
      reading.complaints.warning(server.place(), "is in no super-pod");
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    String address = server.text("host_ip");
    if (address != null && !address.isBlank()) {
      attributes.put(Attributes.ADDRESS, address);
    }
    RankTableReading.copy(
        server, attributes, "container_ip", "pod_ip", "server_ip", "host_nic_ip", "hardware_type");
    reading.builder.node(
        new Node(host, NodeKind.HOST, text == null ? host : text, pod, attributes));
    List<Members> devices =
        server.get("device") == null ? server.objects("devices") : server.objects("device");
    if (devices.isEmpty()) {
      reading.complaints.warning(server.place(), "has no 'device'");
    }
    for (int i = 0; i < devices.size(); i++) {
      device(devices.get(i), i, host, pod);
    }
  }

  private void device(Members table, int position, String host, @Nullable String pod) {
    String device = reading.device(host, table, position);
    String hccs = pod == null ? null : switchOfPod.get(pod);
    if (hccs != null) {
      reading.builder.cable(Link.of(device, hccs, LinkKind.HCCS_SWITCH, null, RankTable.NAME));
      if (table.text("super_device_id") == null) {
        reading.complaints.noteOnce(
            "super_device_id", table.place(), "missing 'super_device_id' in a super-pod");
      }
    }
    reading.rank(table, device);
  }

  private void repeated(Members server, String id) {
    Set<String> first = deviceIds(serversById.get(id));
    boolean clash = deviceIds(server).stream().anyMatch(first::contains);
    reading.complaints.warning(
        RankTableReading.placeOf(server, "server_id"),
        "'"
            + id
            + "' is there twice; kept as two hosts"
            + (clash ? ", which they must be: both have a device of the same number" : ""));
  }

  private static Set<String> deviceIds(@Nullable Members server) {
    Set<String> numbers = new HashSet<>();
    if (server != null) {
      for (Members device : server.objects("device")) {
        String number = device.text("device_id");
        if (number != null) {
          numbers.add(number);
        }
      }
    }
    return numbers;
  }

  private void interleaved(Members root) {
    List<Placed> placed = new ArrayList<>();
    reading
        .builder
        .ranks()
        .forEach((rank, device) ->
            placed.add(new Placed(rank, device.substring(0, device.lastIndexOf('/')))));
    Set<String> left = new HashSet<>();
    for (int i = 1; i < placed.size(); i++) {
      Placed before = placed.get(i - 1);
      Placed now = placed.get(i);
      if (!before.host().equals(now.host())) {
        left.add(before.host());
        if (left.contains(now.host())) {
          reading.complaints.warning(
              RankTableReading.placeOf(root, "server_list"),
              "ranks of servers interleave: rank "
                  + now.rank()
                  + " is on '"
                  + now.host()
                  + "' again, after rank "
                  + before.rank()
                  + " on '"
                  + before.host()
                  + "'; HCCL refuses that");
          return;
        }
      }
    }
  }
}
