package dev.tutti.topology.discover;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A function of a PCI device as sysfs shows it.
///
/// @param address `0000:17:00.0`
/// @param pciClass class, subclass and interface: `0x030200`
/// @param vendor `0x10de`
/// @param device `0x2330`
/// @param current what its link runs at now, null if unknown; idle devices slow down
/// @param max what its end of the link can do, null if unknown
/// @param numa its memory domain, null if the kernel does not tell
/// @param root the bus it hangs on: `pci0000:00`
/// @param bridges addresses of the bridges on the way from the root to it, in that order
/// @param physicalFunction address of the function it is a virtual one of, null if it is none
/// @param virtualFunctions number of virtual functions in use, 0 if none or not told
/// @param driver name of its driver, null if it has none
record PciFunction(
    String address,
    String pciClass,
    String vendor,
    String device,
    @Nullable PcieLink current,
    @Nullable PcieLink max,
    @Nullable Integer numa,
    String root,
    List<String> bridges,
    @Nullable String physicalFunction,
    int virtualFunctions,
    @Nullable String driver) {

  private static final int VGA = 0x0300;
  private static final int DISPLAY = 0x03;
  private static final int BRIDGE = 0x06;
  private static final int OTHER_BRIDGE = 0x0680;
  private static final int NETWORK = 0x02;
  private static final int COPROCESSOR = 0x0b40;
  private static final int ACCELERATOR = 0x12;
  private static final String NVIDIA = "0x10de";

  /// Vendors whose VGA controllers compute. Others are the screens of management controllers and
  /// virtual machines.
  private static final List<String> GRAPHICS = List.of(NVIDIA, "0x1002", "0x8086");

  PciFunction {
    bridges = List.copyOf(bridges);
  }

  /// Returns class and subclass as a number, -1 if the class is not readable.
  private int kind() {
    try {
      return Integer.decode(pciClass) >> 8;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /// Tells whether it is a network interface or InfiniBand adapter.
  boolean isNic() {
    return kind() >> 8 == NETWORK;
  }

  /// Tells whether it computes: a GPU, an NPU.
  boolean isAccelerator() {
    int kind = kind();
    return kind >> 8 == ACCELERATOR
        || kind == COPROCESSOR
        || (kind >> 8 == DISPLAY && (kind != VGA || GRAPHICS.contains(vendor)));
  }

  /// Tells whether it is an NVSwitch.
  boolean isNvSwitch() {
    return kind() == OTHER_BRIDGE && vendor.equals(NVIDIA);
  }

  /// Tells whether it is a bridge or switch port of PCI itself.
  boolean isBridge() {
    return kind() >> 8 == BRIDGE && !isNvSwitch();
  }
}
