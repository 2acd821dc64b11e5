package dev.tutti.bindings.acl;

import dev.tutti.bindings.acl.generated.LibAcl;
import dev.tutti.bindings.acl.generated.aclrtFreeHost_call;
import dev.tutti.bindings.acl.generated.aclrtFree_call;
import dev.tutti.bindings.acl.generated.aclrtMallocHost_call;
import dev.tutti.bindings.acl.generated.aclrtMalloc_call;
import dev.tutti.bindings.library.OwnedAddress;
import java.lang.foreign.MemorySegment;

/// Memory of a device, or of the host and known to ACL, until it is closed. Whoever closes it sees
/// to it that nothing on a stream still uses it.
public final class AclMemory implements AutoCloseable {
  private final AclRuntime runtime;
  private final OwnedAddress handle;
  private final long bytes;
  private final Kind kind;

  /// Where memory is and whose.
  private enum Kind {
    DEVICE,
    HOST
  }

  private AclMemory(AclRuntime runtime, long address, long bytes, Kind kind) {
    this.runtime = runtime;
    this.handle = new OwnedAddress("memory of ACL", address);
    this.bytes = bytes;
    this.kind = kind;
  }

  private static void checkBytes(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("bytes must be positive, is " + bytes);
    }
  }

  static AclMemory onDevice(AclRuntime runtime, long bytes) {
    checkBytes(bytes);
    long address =
        runtime.made(
            "aclrtMalloc",
            "bytes=" + bytes,
            (function, out) ->
                aclrtMalloc_call.invoke(function, out, bytes, LibAcl.ACL_MEM_MALLOC_HUGE_FIRST()));
    return new AclMemory(runtime, address, bytes, Kind.DEVICE);
  }

  static AclMemory onHost(AclRuntime runtime, long bytes) {
    checkBytes(bytes);
    long address =
        runtime.made(
            "aclrtMallocHost",
            "bytes=" + bytes,
            (function, out) -> aclrtMallocHost_call.invoke(function, out, bytes));
    return new AclMemory(runtime, address, bytes, Kind.HOST);
  }

  /// Returns its address.
  ///
  /// @throws IllegalStateException if it is closed
  public long address() {
    return handle.get();
  }

  /// Returns its length.
  public long bytes() {
    return bytes;
  }

  /// Returns memory of the host for use by the host. Nothing keeps it from being used after this is
  /// closed.
  ///
  /// @throws IllegalStateException if it is memory of a device, or closed
  public MemorySegment segment() {
    if (kind == Kind.DEVICE) {
      throw new IllegalStateException("the host cannot use memory of a device");
    }
    return MemorySegment.ofAddress(handle.get()).reinterpret(bytes);
  }

  /// Frees it. Idempotent.
  @Override
  public void close() {
    long address = handle.close();
    if (address == 0) {
      return;
    }
    switch (kind) {
      case DEVICE -> runtime.free("aclrtFree", aclrtFree_call::invoke, address);
      case HOST -> runtime.free("aclrtFreeHost", aclrtFreeHost_call::invoke, address);
    }
  }
}
