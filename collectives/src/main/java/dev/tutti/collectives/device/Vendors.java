package dev.tutti.collectives.device;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;

/// Finds the library that a rank is to use.
final class Vendors {
  private Vendors() {}

  /// Opens the library that the options name.
  ///
  /// @param localRank this rank's place among those of its host
  /// @throws RuntimeException saying what is missing
  static Vendor open(DeviceOptions options, int localRank) {
    return switch (options.backend()) {
      case NCCL -> NcclVendor.open(options.ordinal(), localRank);
      case HCCL -> HcclVendor.open(options.ordinal(), localRank);
      case AUTO -> {
        try {
          yield NcclVendor.open(options.ordinal(), localRank);
        } catch (LibraryNotFoundException | NativeCallException | NoDeviceException noNccl) {
          yield openSecond(options, localRank, noNccl);
        }
      }
    };
  }

  private static Vendor openSecond(DeviceOptions options, int localRank, RuntimeException noNccl) {
    try {
      return HcclVendor.open(options.ordinal(), localRank);
    } catch (LibraryNotFoundException | NativeCallException | NoDeviceException e) {
      throw new NoDeviceException(noNccl.getMessage() + "; and " + e.getMessage(), e);
    }
  }

  /// Returns the device to use.
  static int ordinal(int wanted, int localRank, int devices, String runtime) {
    if (devices == 0) {
      throw new NoDeviceException(runtime + " shows this process no device", null);
    }
    if (wanted >= devices) {
      throw new NoDeviceException(
          "device " + wanted + " is wanted and " + runtime + " shows " + devices, null);
    }
    return wanted == DeviceOptions.BY_LOCAL_RANK ? localRank % devices : wanted;
  }
}
