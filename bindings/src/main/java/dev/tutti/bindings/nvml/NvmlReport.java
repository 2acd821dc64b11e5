package dev.tutti.bindings.nvml;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What NVML tells of a host.
///
/// @param driver version of the driver, null if not told
/// @param devices the devices that answered
/// @param problems what did not answer, and why
public record NvmlReport(@Nullable String driver, List<NvmlDevice> devices, List<String> problems) {
  /// Copies.
  public NvmlReport {
    devices = List.copyOf(devices);
    problems = List.copyOf(problems);
  }
}
