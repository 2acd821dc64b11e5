package dev.tutti.bindings.nccl;

import static java.lang.foreign.ValueLayout.JAVA_INT;
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

  static int number(NcclLibrary library, NcclFunction function, Query query, long communicator) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      int result =
          query.call(library.address(function), MemorySegment.ofAddress(communicator), out);
      library.check(result, function, "");
      return out.get(JAVA_INT, 0);
    }
  }

  /// Returns how many descriptors of signals there are, if it is safe to pass them on.
  static int signals(MemorySegment signals) {
    long each = ncclWaitSignalDesc_t.sizeof();
    if (!signals.isNative() || signals.byteSize() % each != 0 || !signals.scope().isAlive()) {
      throw new IllegalArgumentException(
          "signals must be structures of " + each + " bytes in native memory that is not freed");
    }
    return Math.toIntExact(signals.byteSize() / each);
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
    end(library, slot, NcclFunction.COMM_DESTROY, ncclCommDestroy_call::invoke);
  }

  static void abort(NcclLibrary library, MemorySegment slot) {
    end(library, slot, NcclFunction.COMM_ABORT, ncclCommAbort_call::invoke);
  }

  /// A function that ends a communicator.
  private interface End {
    int call(MemorySegment function, MemorySegment communicator);
  }

  private static void end(NcclLibrary library, MemorySegment slot, NcclFunction function, End end) {
    MemorySegment communicator = MemorySegment.ofAddress(Memory.getLongAcquire(slot.address()));
    if (communicator.address() == 0) {
      return; // the library holds the memory on: NCCL may be about to write the handle there
    }
    library.letGo(slot);
    library.check(end.call(library.address(function), communicator), function, "");
  }
}
