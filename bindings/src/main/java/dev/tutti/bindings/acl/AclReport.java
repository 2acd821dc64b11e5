package dev.tutti.bindings.acl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What ACL tells of the devices of a host.
///
/// @param socName what Huawei calls the chips, null if not told
/// @param devices the devices this process may use, by number
/// @param pairs how they are joined; empty if this version does not tell
/// @param problems what could not be read, and why
public record AclReport(
    @Nullable String socName, List<Device> devices, List<Pair> pairs, List<String> problems) {
  /// Copies.
  public AclReport {
    devices = List.copyOf(devices);
    pairs = List.copyOf(pairs);
    problems = List.copyOf(problems);
  }

  /// A device.
  ///
  /// @param index its number in this process
  /// @param pciAddress `0000:c1:00.0`, null if not told
  public record Device(int index, @Nullable String pciAddress) {}

  /// How two devices are joined.
  ///
  /// @param device the lower number
  /// @param other the higher number
  /// @param bits sum of the constants of this record
  public record Pair(int device, int other, long bits) {
    /// HCCS from device to device.
    public static final long HCCS = 0x01;

    /// One PCI Express switch.
    public static final long PIX = 0x02;

    /// One PCI Express host bridge.
    public static final long PHB = 0x08;

    /// The links between NUMA domains.
    public static final long SYS = 0x10;

    /// Two dies of one package.
    public static final long SIO = 0x20;

    /// HCCS through a switch.
    public static final long HCCS_SWITCH = 0x40;

    /// Tells whether a constant is among the bits.
    public boolean has(long bit) {
      return (bits & bit) != 0;
    }
  }
}
