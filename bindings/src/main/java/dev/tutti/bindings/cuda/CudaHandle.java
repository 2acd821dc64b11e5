package dev.tutti.bindings.cuda;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The address of something of CUDA's, until it is closed, which only one call does.
final class CudaHandle {
  private static final VarHandle ADDRESS;

  static {
    try {
      ADDRESS = MethodHandles.lookup().findVarHandle(CudaHandle.class, "address", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String object;
  private volatile long address; // 0 once it is closed

  CudaHandle(String object, long address) {
    this.object = object;
    this.address = address;
  }

  long address() {
    long open = address;
    if (open == 0) {
      throw new IllegalStateException("this " + object + " of CUDA is closed");
    }
    return open;
  }

  /// Returns the address to be freed, 0 if that has been done.
  long close() {
    return (long) ADDRESS.getAndSet(this, 0L);
  }
}
