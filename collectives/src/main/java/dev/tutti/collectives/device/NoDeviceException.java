package dev.tutti.collectives.device;

import org.jspecify.annotations.Nullable;

/// Says that this rank has no device to use.
final class NoDeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoDeviceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
