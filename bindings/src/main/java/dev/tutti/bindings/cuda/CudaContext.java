package dev.tutti.bindings.cuda;

import dev.tutti.bindings.library.OwnedAddress;

/// A device's context as the runtime uses it, kept until this is closed.
public final class CudaContext implements AutoCloseable {
  private final CudaDriver driver;
  private final int device;
  private final OwnedAddress handle;

  CudaContext(CudaDriver driver, int device, long address) {
    this.driver = driver;
    this.device = device;
    this.handle = new OwnedAddress("context of CUDA", address);
  }

  /// Makes it the calling thread's current one.
  public void makeCurrent() {
    driver.makeCurrent(handle.get());
  }

  /// Keeps it no longer. Idempotent.
  @Override
  public void close() {
    if (handle.close() != 0) {
      driver.releaseContext(device);
    }
  }
}
