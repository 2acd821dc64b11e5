package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.nccl.generated.LibNccl;
import dev.tutti.bindings.nccl.generated.ncclCommAbort_call;
import dev.tutti.bindings.nccl.generated.ncclCommCount_call;
import dev.tutti.bindings.nccl.generated.ncclCommCuDevice_call;
import dev.tutti.bindings.nccl.generated.ncclCommDestroy_call;
import dev.tutti.bindings.nccl.generated.ncclCommFinalize_call;
import dev.tutti.bindings.nccl.generated.ncclCommGetUniqueId_call;
import dev.tutti.bindings.nccl.generated.ncclCommMemStats_call;
import dev.tutti.bindings.nccl.generated.ncclCommProperties;
import dev.tutti.bindings.nccl.generated.ncclCommQueryProperties_call;
import dev.tutti.bindings.nccl.generated.ncclCommResume_call;
import dev.tutti.bindings.nccl.generated.ncclCommRevoke_call;
import dev.tutti.bindings.nccl.generated.ncclCommSuspend_call;
import dev.tutti.bindings.nccl.generated.ncclCommUserRank_call;
import dev.tutti.bindings.nccl.generated.ncclUniqueId;
import dev.tutti.bindings.nccl.generated.ncclWaitSignalDesc_t;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Calls about a communicator that are not on the data path. Whoever calls holds the communicator's
/// guard.
final class NcclManagement {
  static final long SIGNAL_BYTES = ncclWaitSignalDesc_t.sizeof();

  /// The version whose properties have the form this binding knows; before it they are shorter.
  private static final int LONG_PROPERTIES = 2_2907;

  private NcclManagement() {}

  /// A function that writes a number about a communicator.
  interface Query {
    int call(MemorySegment function, MemorySegment communicator, MemorySegment out);
  }

  static int count(MemorySegment function, MemorySegment communicator, MemorySegment out) {
    return ncclCommCount_call.invoke(function, communicator, out);
  }

  static int userRank(MemorySegment function, MemorySegment communicator, MemorySegment out) {
    return ncclCommUserRank_call.invoke(function, communicator, out);
  }

  static int device(MemorySegment function, MemorySegment communicator, MemorySegment out) {
    return ncclCommCuDevice_call.invoke(function, communicator, out);
  }

  static NcclProperties properties(NcclLibrary library, long communicator) {
    MemorySegment function = library.address(NcclFunction.COMM_QUERY_PROPERTIES);
    boolean isLong = library.version() >= LONG_PROPERTIES;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment properties = ncclCommProperties.allocate(arena);
      long size = isLong ? ncclCommProperties.sizeof() : NcclProperties.SHORT_BYTES;
      ncclCommProperties.size(properties, size);
      ncclCommProperties.magic(properties, LibNccl.NCCL_API_MAGIC());
      ncclCommProperties.version(
          properties, Math.min(LibNccl.TUTTI_NCCL_VERSION(), library.version()));
      int result =
          ncclCommQueryProperties_call.invoke(
              function, MemorySegment.ofAddress(communicator), properties);
      library.check(result, NcclFunction.COMM_QUERY_PROPERTIES, "");
      return NcclProperties.read(properties, isLong);
    }
  }

  static NcclMemoryUse memoryUse(NcclLibrary library, long communicator) {
    return new NcclMemoryUse(
        statistic(library, communicator, LibNccl.ncclStatGpuMemSuspend()),
        statistic(library, communicator, LibNccl.ncclStatGpuMemSuspended()) != 0,
        statistic(library, communicator, LibNccl.ncclStatGpuMemPersist()),
        statistic(library, communicator, LibNccl.ncclStatGpuMemTotal()));
  }

  private static long statistic(NcclLibrary library, long communicator, int which) {
    MemorySegment function = library.address(NcclFunction.COMM_MEM_STATS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int result =
          ncclCommMemStats_call.invoke(function, MemorySegment.ofAddress(communicator), which, out);
      library.check(result, NcclFunction.COMM_MEM_STATS, "statistic=" + which);
      return out.get(JAVA_LONG, 0);
    }
  }

  static NcclUniqueId growId(NcclLibrary library, long communicator) {
    MemorySegment function = library.address(NcclFunction.COMM_GET_UNIQUE_ID);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = arena.allocate(ncclUniqueId.layout());
      int result =
          ncclCommGetUniqueId_call.invoke(function, MemorySegment.ofAddress(communicator), id);
      library.check(result, NcclFunction.COMM_GET_UNIQUE_ID, "");
      return NcclUniqueId.read(id);
    }
  }

  static boolean suspend(NcclLibrary library, long communicator) {
    MemorySegment function = library.address(NcclFunction.COMM_SUSPEND);
    int result =
        ncclCommSuspend_call.invoke(
            function, MemorySegment.ofAddress(communicator), LibNccl.NCCL_SUSPEND_MEM());
    return library.check(result, NcclFunction.COMM_SUSPEND, "");
  }

  static boolean resume(NcclLibrary library, long communicator) {
    MemorySegment function = library.address(NcclFunction.COMM_RESUME);
    int result = ncclCommResume_call.invoke(function, MemorySegment.ofAddress(communicator));
    return library.check(result, NcclFunction.COMM_RESUME, "");
  }

  static boolean finish(NcclLibrary library, long communicator) {
    MemorySegment function = library.address(NcclFunction.COMM_FINALIZE);
    int result = ncclCommFinalize_call.invoke(function, MemorySegment.ofAddress(communicator));
    return library.check(result, NcclFunction.COMM_FINALIZE, "");
  }

  static boolean revoke(NcclLibrary library, long communicator) {
    MemorySegment function = library.address(NcclFunction.COMM_REVOKE);
    int result = ncclCommRevoke_call.invoke(function, MemorySegment.ofAddress(communicator), 0);
    return library.check(result, NcclFunction.COMM_REVOKE, "");
  }

  static void destroy(NcclLibrary library, MemorySegment slot) {
    try {
      MemorySegment communicator = MemorySegment.ofAddress(Memory.getLongAcquire(slot.address()));
      if (communicator.address() != 0) {
        int result =
            ncclCommDestroy_call.invoke(library.address(NcclFunction.COMM_DESTROY), communicator);
        library.check(result, NcclFunction.COMM_DESTROY, "");
      }
    } finally {
      library.letGo(slot);
    }
  }

  static void abort(NcclLibrary library, MemorySegment slot) {
    // The memory stays held if a thread may still be about to write the handle there.
    MemorySegment communicator = slot.get(ADDRESS, 0);
    if (communicator.address() != 0) {
      int result =
          ncclCommAbort_call.invoke(library.address(NcclFunction.COMM_ABORT), communicator);
      library.letGo(slot);
      library.check(result, NcclFunction.COMM_ABORT, "");
    }
  }
}
