package dev.tutti.collectives.device;

/// The vendor's library that a device communicator stands on.
public enum DeviceBackend {
  /// NCCL if its library, CUDA's runtime and a device are there, else HCCL.
  AUTO,
  /// NVIDIA's NCCL, version 2.19 or newer, over CUDA.
  NCCL,
  /// Huawei's HCCL, of CANN 8.1 or newer, over ACL.
  HCCL
}
