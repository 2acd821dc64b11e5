package dev.tutti.topology;

import java.util.Arrays;
import java.util.Locale;

/// What a link is made of.
public enum LinkKind {
  /// NVLink from device to device.
  NVLINK("NVLink"),
  /// NVLink between a device and an NVSwitch.
  NVSWITCH("NVSwitch"),
  /// NVLink between a processor and a device (Grace).
  C2C("NVLink-C2C"),
  /// Infinity Fabric between AMD devices.
  XGMI("xGMI"),
  /// Huawei's link from device to device.
  HCCS("HCCS"),
  /// HCCS between a device and a switch.
  HCCS_SWITCH("HCCS switch"),
  /// Huawei's unified bus.
  UB("UB"),
  /// The link between the two dies of one Ascend package.
  SIO("SIO"),
  /// PCI Express; `lanes` is its width, the attribute `gen` its generation.
  PCIE("PCIe"),
  /// Between processor packages or NUMA domains: UPI, xGMI.
  SMP("UPI/xGMI"),
  /// InfiniBand.
  INFINIBAND("InfiniBand"),
  /// RDMA over Ethernet.
  ROCE("RoCE"),
  /// Ethernet without RDMA.
  ETHERNET("Ethernet"),
  /// Between cores and memory.
  MEMORY("memory"),
  /// A host's loopback interface.
  LOOPBACK("loopback"),
  /// Nobody told.
  UNKNOWN("unknown");

  private final String display;

  LinkKind(String display) {
    this.display = display;
  }

  /// Returns the name as its makers write it, for people.
  public String display() {
    return display;
  }

  /// Returns the name in files and on the command line: lower case, with hyphens.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Tells whether such links leave a host.
  public boolean isNetwork() {
    return this == INFINIBAND || this == ROCE || this == ETHERNET;
  }

  /// Finds a kind by its label.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists all
  public static LinkKind of(String label) {
    return Arrays.stream(values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElseThrow(() -> unknown(label));
  }

  private static IllegalArgumentException unknown(String label) {
    return new IllegalArgumentException(
        "no kind of link '"
            + label
            + "'; there are "
            + Arrays.stream(values()).map(LinkKind::label).toList());
  }
}
