package dev.tutti.topology.discover;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the functions of PCI devices from `/sys/bus/pci/devices`.
final class SysfsPci {
  private static final String DEVICES = "sys/bus/pci/devices";
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");
  private static final Pattern ROOT = Pattern.compile("pci[0-9a-f]{4,8}:[0-9a-f]{2}");

  private SysfsPci() {}

  /// Returns all functions by address, in the order of the addresses.
  static Map<String, PciFunction> read(SystemFiles files) {
    Map<String, PciFunction> functions = new LinkedHashMap<>();
    List<String> addresses =
        files.names(DEVICES).stream()
            // Digits are hexadecimal; a domain of its own (VMD) has five.
            .sorted(Comparator.comparingInt(String::length).thenComparing(address -> address))
            .toList();
    for (String address : addresses) {
      PciFunction function = function(files, address);
      if (function != null) {
        functions.put(address, function);
      }
    }
    return Collections.unmodifiableMap(functions);
  }

  private static @Nullable PciFunction function(SystemFiles files, String address) {
    String folder = DEVICES + "/" + address + "/";
    String pciClass = files.text(folder + "class");
    Path real = files.real(folder);
    if (pciClass == null || real == null || !ADDRESS.matcher(address).matches()) {
      return null;
    }
    String root = null;
    List<String> bridges = new ArrayList<>();
    for (Path part : real) {
      String name = part.toString();
      if (ROOT.matcher(name).matches()) {
        root = name; // the last one: a domain of its own may hang below a device (VMD)
      } else if (ADDRESS.matcher(name).matches() && !name.equals(address)) {
        bridges.add(name);
      }
    }
    Long numa = files.count(folder + "numa_node");
    Long virtualFunctions = files.count(folder + "sriov_numvfs");
    return new PciFunction(
        address,
        pciClass,
        orUnknown(files.text(folder + "vendor")),
        orUnknown(files.text(folder + "device")),
        rate(files, folder + "current"),
        rate(files, folder + "max"),
        numa == null ? null : numa.intValue(),
        root == null ? "pci" : root,
        bridges,
        files.realName(folder + "physfn"),
        virtualFunctions == null ? 0 : virtualFunctions.intValue(),
        files.realName(folder + "driver"));
  }

  private static @Nullable PcieLink rate(SystemFiles files, String prefix) {
    return PcieLink.parse(files.text(prefix + "_link_speed"), files.text(prefix + "_link_width"));
  }

  private static String orUnknown(@Nullable String text) {
    return text == null ? "unknown" : text;
  }

  /// Returns the address of the PCI function that a path leads through last, null if through none.
  static @Nullable String addressIn(@Nullable Path path) {
    String address = null;
    if (path != null) {
      for (Path part : path) {
        if (ADDRESS.matcher(part.toString()).matches()) {
          address = part.toString();
        }
      }
    }
    return address;
  }
}
