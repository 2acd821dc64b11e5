package dev.tutti.collectives.device;

/// Memory that is registered with a device communicator, until this or the communicator is closed.
/// The memory must not be freed before.
public interface DeviceRegistration extends AutoCloseable {
  /// Ends the registration. Idempotent.
  @Override
  void close();
}
