package dev.tutti.topology.discover;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.discover.NetworkInterface.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads network interfaces from `/sys/class/net`.
final class SysfsNics {
  private static final String INTERFACES = "sys/class/net";

  // ARPHRD_* of the kernel
  private static final long ETHERNET = 1;
  private static final long INFINIBAND = 32;
  private static final long LOOPBACK = 772;

  private static final String DEVICE_TYPE = "DEVTYPE=";
  private static final String MEMBER = "lower_";

  /// Interface types of the kernel (`DEVTYPE` in `uevent`).
  private static final Map<String, Kind> TYPES =
      Map.of(
          "bridge", Kind.BRIDGE,
          "bond", Kind.BOND,
          "vlan", Kind.VLAN,
          "macvlan", Kind.VLAN,
          "ipvlan", Kind.VLAN,
          "vxlan", Kind.TUNNEL,
          "geneve", Kind.TUNNEL,
          "wireguard", Kind.TUNNEL);

  private SysfsNics() {}

  /// Returns all interfaces of this network namespace in the order of their names.
  static List<NetworkInterface> read(SystemFiles files) {
    return files.names(INTERFACES).stream()
        .filter(name -> files.exists(INTERFACES + "/" + name + "/ifindex"))
        .map(name -> read(files, name))
        .toList();
  }

  private static NetworkInterface read(SystemFiles files, String name) {
    String folder = INTERFACES + "/" + name + "/";
    List<String> members = members(files, folder);
    Kind kind = kind(files, folder, members);
    Path hardware = kind == Kind.HARDWARE ? files.real(folder + "device") : null;
    Long speed = files.number(folder + "speed");
    Long port = files.count(folder + "dev_port");
    Long carrier = files.count(folder + "carrier");
    String state = files.text(folder + "operstate");
    return new NetworkInterface(
        name,
        kind,
        layer(files.number(folder + "type")),
        state == null ? "unknown" : state.toLowerCase(Locale.ROOT),
        carrier == null ? null : Boolean.valueOf(carrier != 0),
        files.count(folder + "mtu"),
        address(files, folder),
        hardware != null && speed != null && speed > 0 ? speed : null,
        SysfsPci.addressIn(hardware),
        port == null ? null : port.intValue(),
        hardware == null ? null : numa(files, folder),
        hardware == null ? null : files.realName(folder + "device/driver"),
        files.realName(folder + "master"),
        members);
  }

  private static List<String> members(SystemFiles files, String folder) {
    return files.names(folder).stream()
        .filter(name -> name.startsWith(MEMBER))
        .map(name -> name.substring(MEMBER.length()))
        .toList();
  }

  private static Kind kind(SystemFiles files, String folder, List<String> members) {
    if (Objects.equals(files.number(folder + "type"), LOOPBACK)) {
      return Kind.LOOPBACK;
    }
    Kind told =
        files.lines(folder + "uevent").stream()
            .filter(line -> line.startsWith(DEVICE_TYPE))
            .map(line -> TYPES.get(line.substring(DEVICE_TYPE.length())))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    if (told != null) {
      return told;
    }
    if (files.exists(folder + "bonding")) {
      return Kind.BOND;
    }
    if (files.exists(folder + "bridge")) {
      return Kind.BRIDGE;
    }
    if (files.exists(folder + "tun_flags")) {
      return Kind.TUNNEL;
    }
    if (files.exists(folder + "device")) {
      return Kind.HARDWARE;
    }
    // A pair's end names the index of the other end, and lies on nothing that can be seen here.
    boolean pair =
        members.isEmpty()
            && !Objects.equals(files.number(folder + "iflink"), files.number(folder + "ifindex"));
    return pair ? Kind.VETH : Kind.VIRTUAL;
  }

  private static LinkKind layer(@Nullable Long type) {
    if (Objects.equals(type, INFINIBAND)) {
      return LinkKind.INFINIBAND;
    }
    return Objects.equals(type, ETHERNET) ? LinkKind.ETHERNET : LinkKind.UNKNOWN;
  }

  /// Returns the hardware address; a row of zeros is none.
  private static @Nullable String address(SystemFiles files, String folder) {
    String address = files.text(folder + "address");
    return address == null || address.chars().allMatch(c -> c == '0' || c == ':') ? null : address;
  }

  /// Returns the memory domain of the device, or of what it hangs on: a virtio device has none of
  /// its own.
  private static @Nullable Integer numa(SystemFiles files, String folder) {
    for (String device : List.of("device/", "device/../")) {
      Long numa = files.count(folder + device + "numa_node");
      if (numa != null) {
        return numa.intValue();
      }
    }
    return null;
  }
}
