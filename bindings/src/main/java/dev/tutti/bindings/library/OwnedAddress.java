package dev.tutti.bindings.library;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The address of something that a library made, until it is closed, which only one call does.
public final class OwnedAddress {
  private static final VarHandle ADDRESS;

  static {
    try {
      ADDRESS = MethodHandles.lookup().findVarHandle(OwnedAddress.class, "address", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final String object;
  private volatile long address; // 0 once it is closed

  /// Takes an address over.
  ///
  /// @param object what is there, for messages, such as `stream of CUDA`
  /// @param address not 0
  public OwnedAddress(String object, long address) {
    this.object = object;
    this.address = address;
  }

  /// Returns the address.
  ///
  /// @throws IllegalStateException if it is closed
  public long get() {
    long open = address;
    if (open == 0) {
      throw new IllegalStateException("this " + object + " is closed");
    }
    return open;
  }

  /// Closes it; returns the address to be freed, 0 if that has been done.
  public long close() {
    return (long) ADDRESS.getAndSet(this, 0L);
  }
}
