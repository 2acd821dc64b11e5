package dev.tutti.collectives.device;

import org.jspecify.annotations.Nullable;

/// A vendor's library of collectives together with this rank's device.
interface Vendor {
  /// Returns which library.
  DeviceBackend backend();

  /// Returns the library's version as a number that must be the same on all ranks.
  int version();

  /// Returns library and version for people: `NCCL 2.30.7`.
  String description();

  DeviceRuntime runtime();

  /// Returns the number of this rank's device.
  int ordinal();

  /// Makes what ranks need to find each other, at rank 0.
  byte[] rootId();

  /// Begins to join; [VendorRank#isSettled] says when it is done, if this does not wait.
  VendorRank init(int size, byte[] rootId, int rank);

  /// Returns whether communicators can take in newcomers.
  boolean canGrow();

  /// Makes what newcomers need, at rank 0 of those that were there.
  byte[] growthId(VendorRank old);

  /// Grows a communicator.
  ///
  /// @param old this rank's end of it; null for a newcomer
  VendorRank grow(@Nullable VendorRank old, int size, byte[] growthId, int rank);
}
