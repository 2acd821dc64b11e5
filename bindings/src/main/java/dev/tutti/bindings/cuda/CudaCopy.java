package dev.tutti.bindings.cuda;

/// From where to where a copy goes, in the order of CUDA's numbers.
public enum CudaCopy {
  /// Within the memory of the host.
  HOST_TO_HOST,
  /// To a device.
  HOST_TO_DEVICE,
  /// From a device.
  DEVICE_TO_HOST,
  /// Within a device or between devices.
  DEVICE_TO_DEVICE,
  /// As the addresses say.
  DEFAULT;

  /// Its number in C.
  public int code() {
    return ordinal();
  }
}
