package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.nccl.generated.LibNccl;
import dev.tutti.bindings.nccl.generated.ncclCommWindowDeregister_call;
import dev.tutti.bindings.nccl.generated.ncclCommWindowRegister_call;
import dev.tutti.bindings.nccl.generated.ncclWinGetUserPtr_call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory of all ranks that they registered together, until this or the communicator is closed. The
/// memory must not be freed before.
public final class NcclWindow implements AutoCloseable {
  /// Flag: the memory lies at the same place of every rank's, so that kernels made for that are
  /// used.
  public static final int SYMMETRIC = LibNccl.NCCL_WIN_COLL_SYMMETRIC();

  private final NcclCommunicator communicator;
  private final MemorySegment slot;
  private boolean closed;

  private NcclWindow(NcclCommunicator communicator, MemorySegment slot) {
    this.communicator = communicator;
    this.slot = slot;
    communicator.library().hold(slot);
  }

  static NcclWindow register(
      NcclCommunicator communicator, long made, long address, long bytes, int flags) {
    NcclLibrary library = communicator.library();
    // In a group NCCL writes the handle at the group's end.
    MemorySegment slot = Arena.ofAuto().allocate(ADDRESS);
    int result =
        ncclCommWindowRegister_call.invoke(
            library.address(NcclFunction.COMM_WINDOW_REGISTER),
            MemorySegment.ofAddress(made),
            MemorySegment.ofAddress(address),
            bytes,
            slot,
            flags);
    library.check(result, NcclFunction.COMM_WINDOW_REGISTER, "bytes=" + bytes);
    return new NcclWindow(communicator, slot);
  }

  long handle() {
    if (closed) {
      throw new IllegalStateException("this window of NCCL is closed");
    }
    long handle = Memory.getLongAcquire(slot.address());
    if (handle == 0) {
      throw new IllegalStateException(
          "this window of NCCL is not made: the group in which it is made has not ended, or NCCL"
              + " found that the memory cannot be one");
    }
    return handle;
  }

  /// Returns the address of this rank's memory as NCCL knows it; since 2.29.
  public long address() {
    NcclLibrary library = communicator.library();
    MemorySegment function = library.address(NcclFunction.WIN_GET_USER_PTR);
    MemorySegment window = MemorySegment.ofAddress(handle());
    return communicator.with(made -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(ADDRESS);
        int result =
            ncclWinGetUserPtr_call.invoke(function, MemorySegment.ofAddress(made), window, out);
        library.check(result, NcclFunction.WIN_GET_USER_PTR, "");
        return out.get(ADDRESS, 0).address();
      }
    });
  }

  /// Ends the registration, by the thread that uses the communicator; all ranks must. Idempotent;
  /// nothing to do if the communicator is closed.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    NcclLibrary library = communicator.library();
    long handle = Memory.getLongAcquire(slot.address());
    if (handle != 0 && !communicator.isClosed()) {
      communicator.with(made ->
          library.check(
              ncclCommWindowDeregister_call.invoke(
                  library.address(NcclFunction.COMM_WINDOW_DEREGISTER),
                  MemorySegment.ofAddress(made),
                  MemorySegment.ofAddress(handle)),
              NcclFunction.COMM_WINDOW_DEREGISTER,
              ""));
    }
    closed = true;
    library.letGo(slot);
  }
}
