package dev.tutti.topology.format;

import dev.tutti.topology.NodeKind;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Names and numbers of NCCL's topology files that their reader and writer share.
final class NcclNames {
  /// Target of NVLinks that lead to an NVSwitch which the system hides.
  static final String HIDDEN_SWITCH = "fffffff:ff:ff.0";

  static final String SWITCH_CLASS = "0x068000";
  static final String CPU_BRIDGE_CLASS = "0x068001";
  static final String GPU_CLASS = "0x030200";
  static final String BRIDGE_CLASS = "0x060400";
  static final String ETHERNET_CLASS = "0x020000";
  static final String INFINIBAND_CLASS = "0x020700";

  /// Attributes of a node that are attributes of the XML by the same name.
  static final List<String> GPU_ATTRIBUTES = List.of("sm", "gcn", "arch", "gdr", "mlopart", "keep");

  static final List<String> NET_ATTRIBUTES =
      List.of(
          "port", "latency", "guid", "maxconn", "gdr", "coll", "net", "gin", "rma", "rail", "plane",
          "keep");

  static final String HOST_HASH = "hostHash";
  static final String ARCH = "arch";
  static final String FAMILY = "familyId";
  static final String SUBSYSTEM_VENDOR = "subsystemVendor";
  static final String SUBSYSTEM_DEVICE = "subsystemDevice";

  /// Attribute of a link between PCI bridges that is beside the tree.
  static final String PCI_LINK = "pcilink";

  /// Attribute of a link: number of C2C links.
  static final String COUNT = "count";

  private NcclNames() {}

  /// Returns a PCI address as a number, the way NCCL compares them; null if it is none.
  static @Nullable Long busKey(@Nullable String busId) {
    if (busId == null) {
      return null;
    }
    String digits = busId.strip().replace(":", "").replace(".", "");
    return digits.isEmpty() || digits.length() > 15 ? null : Numbers.whole("0x" + digits);
  }

  /// Returns what a PCI class is, null if it is none of these.
  static @Nullable NodeKind kindOfClass(@Nullable String pciClass) {
    String digits = pciClass == null ? "" : pciClass.strip().toLowerCase(Locale.ROOT);
    String hex = digits.startsWith("0x") ? digits.substring(2) : digits;
    if (hex.startsWith("0680") && !hex.equals("068001")) {
      return NodeKind.SWITCH;
    }
    return switch (hex.length() < 2 ? "" : hex.substring(0, 2)) {
      case "03", "12", "0b" -> NodeKind.DEVICE;
      case "02" -> NodeKind.NIC;
      case "06" -> NodeKind.PCI_BRIDGE;
      default -> null;
    };
  }

  /// Returns what NCCL takes one NVLink of a device to carry in one direction, null if it has no
  /// figure. (NCCL itself takes 20 GB/s where it has none.)
  static @Nullable Double nvlinkBytesPerSecond(@Nullable Integer sm) {
    if (sm == null || sm < 60) {
      return null;
    }
    double gigabytes = sm >= 100 ? 40.1 : sm >= 90 ? 20.6 : sm == 86 ? 12 : sm >= 70 ? 20 : 18;
    return gigabytes * 1e9;
  }
}
