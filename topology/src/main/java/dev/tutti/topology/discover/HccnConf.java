package dev.tutti.topology.discover;

import dev.tutti.topology.Finding;
import dev.tutti.topology.TopologyFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Network addresses of Ascend's devices, from `/etc/hccn.conf`: `address_0=192.168.1.10`,
/// `netmask_0=255.255.255.0` for each device. Other keys pass by.
///
/// @param ports what is set for each device, by the device's number in the machine
/// @param findings lines that say nothing
record HccnConf(Map<Integer, Port> ports, List<Finding> findings) {
  private static final String FILE = "etc/hccn.conf";
  private static final Pattern LINE = Pattern.compile("([A-Za-z_]+)_([0-9]{1,5})\\s*=\\s*(\\S*)");

  HccnConf {
    ports = new TreeMap<>(ports);
    findings = List.copyOf(findings);
  }

  /// What is set for a device.
  ///
  /// @param address its IP address, null if not set
  /// @param netmask its network mask, null if not set
  record Port(@Nullable String address, @Nullable String netmask) {}

  /// Reads the file; without it there are no ports.
  static HccnConf read(SystemFiles files) {
    Map<Integer, Port> ports = new TreeMap<>();
    List<Finding> findings = new ArrayList<>();
    List<String> lines = files.lines(FILE);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        String value = matcher.group(3).isEmpty() ? null : matcher.group(3);
        switch (matcher.group(1)) {
          case "address" -> merge(ports, matcher.group(2), new Port(value, null));
          case "netmask" -> merge(ports, matcher.group(2), new Port(null, value));
          default -> {}
        }
      } else if (!line.isEmpty() && !line.startsWith("#") && !line.contains("=")) {
        findings.add(
            Finding.warning(
                TopologyFormatException.place("/" + FILE, i + 1, 0),
                "is '" + line + "', expected KEY_DEVICE=VALUE such as address_0=192.168.1.10"));
      }
    }
    return new HccnConf(ports, findings);
  }

  private static void merge(Map<Integer, Port> ports, String device, Port port) {
    ports.merge(
        Integer.valueOf(device),
        port,
        (old, more) ->
            new Port(
                more.address() == null ? old.address() : more.address(),
                more.netmask() == null ? old.netmask() : more.netmask()));
  }
}
