package dev.tutti.bindings.nvml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A device as NVML shows it.
///
/// @param index its number in NVML's order, which is that of PCI addresses
/// @param name what NVIDIA calls it, null if not told
/// @param uuid unique number, null if not told
/// @param pciAddress `0000:17:00.0`, null if not told
/// @param pcieGeneration the most its PCI Express link can do, null if not told
/// @param pcieLanes the most its PCI Express link has, null if not told
/// @param links its NVLinks that are up, in their order
public record NvmlDevice(
    int index,
    @Nullable String name,
    @Nullable String uuid,
    @Nullable String pciAddress,
    @Nullable Integer pcieGeneration,
    @Nullable Integer pcieLanes,
    List<Link> links) {

  /// Copies.
  public NvmlDevice {
    links = List.copyOf(links);
  }

  /// What is at the other end of an NVLink.
  public enum Remote {
    /// Another device.
    DEVICE,
    /// An NVSwitch.
    SWITCH,
    /// Something else, or not told.
    UNKNOWN
  }

  /// One NVLink that is up.
  ///
  /// @param number its number at this device
  /// @param remote what is at its other end
  /// @param remoteAddress PCI address of that, null if hidden
  /// @param bytesPerSecond its speed in each direction, null if not told
  public record Link(
      int number, Remote remote, @Nullable String remoteAddress, @Nullable Double bytesPerSecond) {}
}
