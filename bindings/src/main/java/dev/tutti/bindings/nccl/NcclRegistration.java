package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.tutti.bindings.nccl.generated.ncclCommDeregister_call;
import dev.tutti.bindings.nccl.generated.ncclCommRegister_call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory that is registered with a communicator, until this or the communicator is closed. The
/// memory must not be freed before.
public final class NcclRegistration implements AutoCloseable {
  private final NcclCommunicator communicator;
  private final MemorySegment handle;
  private boolean closed;

  private NcclRegistration(NcclCommunicator communicator, MemorySegment handle) {
    this.communicator = communicator;
    this.handle = handle;
  }

  static NcclRegistration register(
      NcclCommunicator communicator, long made, long address, long bytes) {
    NcclLibrary library = communicator.library();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int result =
          ncclCommRegister_call.invoke(
              library.address(NcclFunction.COMM_REGISTER),
              MemorySegment.ofAddress(made),
              MemorySegment.ofAddress(address),
              bytes,
              out);
      library.check(result, NcclFunction.COMM_REGISTER, "bytes=" + bytes);
      return new NcclRegistration(communicator, out.get(ADDRESS, 0));
    }
  }

  /// Ends the registration, by the thread that uses the communicator. Idempotent; nothing to do if
  /// the communicator is closed.
  @Override
  public void close() {
    if (closed || communicator.isClosed()) {
      return;
    }
    closed = true;
    NcclLibrary library = communicator.library();
    communicator.with(made ->
        library.check(
            ncclCommDeregister_call.invoke(
                library.address(NcclFunction.COMM_DEREGISTER),
                MemorySegment.ofAddress(made),
                handle),
            NcclFunction.COMM_DEREGISTER,
            ""));
  }
}
