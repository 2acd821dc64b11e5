package dev.tutti.topology.discover;

import dev.tutti.topology.LinkKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads ports of RDMA adapters from `/sys/class/infiniband`, InfiniBand and RoCE alike.
final class SysfsInfiniband {
  private static final String ADAPTERS = "sys/class/infiniband";
  private static final Pattern RATE = Pattern.compile("([0-9.]+) Gb/sec(?: \\(([0-9]+)X.*)?");

  private SysfsInfiniband() {}

  /// Returns all ports in the order of their adapters' names.
  static List<RdmaPort> read(SystemFiles files) {
    List<RdmaPort> ports = new ArrayList<>();
    for (String adapter : files.names(ADAPTERS)) {
      for (int port : files.numbered(ADAPTERS + "/" + adapter + "/ports", "")) {
        ports.add(read(files, adapter, port));
      }
    }
    return ports;
  }

  private static RdmaPort read(SystemFiles files, String adapter, int port) {
    String device = ADAPTERS + "/" + adapter + "/";
    String folder = device + "ports/" + port + "/";
    Long numa = files.count(device + "device/numa_node");
    String rate = files.text(folder + "rate");
    Matcher rates = RATE.matcher(rate == null ? "" : rate);
    boolean known = rates.matches();
    Double gigabits = known ? positive(rates.group(1)) : null;
    Long lanes = known ? SystemFiles.parse(rates.group(2)) : null;
    return new RdmaPort(
        adapter,
        port,
        layer(files.text(folder + "link_layer")),
        state(files.text(folder + "state")),
        gigabits,
        lanes == null ? 0 : lanes.intValue(),
        SysfsPci.addressIn(files.real(device + "device")),
        numa == null ? null : numa.intValue(),
        files.text(device + "node_guid"),
        interfaces(files, device, folder, port));
  }

  private static @Nullable Double positive(String text) {
    try {
      double value = Double.parseDouble(text);
      return value > 0 ? value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static LinkKind layer(@Nullable String text) {
    return switch (text == null ? "" : text) {
      case "InfiniBand" -> LinkKind.INFINIBAND;
      case "Ethernet" -> LinkKind.ROCE;
      default -> LinkKind.UNKNOWN;
    };
  }

  /// Returns the word of `4: ACTIVE`.
  private static String state(@Nullable String text) {
    return text == null
        ? "unknown"
        : text.substring(text.indexOf(':') + 1).strip().toLowerCase(Locale.ROOT);
  }

  /// Returns the interfaces of a port: those its addresses belong to, else those of its function
  /// whose port number fits.
  private static List<String> interfaces(
      SystemFiles files, String device, String folder, int port) {
    Set<String> names = new LinkedHashSet<>();
    for (int index : files.numbered(folder + "gid_attrs/ndevs", "")) {
      String name = files.text(folder + "gid_attrs/ndevs/" + index);
      if (name != null) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      for (String name : files.names(device + "device/net")) {
        Long number = files.count(device + "device/net/" + name + "/dev_port");
        if (number == null || Objects.equals(number, port - 1L)) {
          names.add(name);
        }
      }
    }
    names.removeIf(name -> !files.exists("sys/class/net/" + name));
    return List.copyOf(names);
  }
}
