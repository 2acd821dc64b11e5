package dev.tutti.bindings.nccl;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.library.NativeLibrary;
import dev.tutti.bindings.nccl.generated.LibNccl;
import dev.tutti.bindings.nccl.generated.ncclGetErrorString_call;
import dev.tutti.bindings.nccl.generated.ncclGetLastError_call;
import dev.tutti.bindings.nccl.generated.ncclGetUniqueId_call;
import dev.tutti.bindings.nccl.generated.ncclGetVersion_call;
import dev.tutti.bindings.nccl.generated.ncclGroupSimulateEnd_call;
import dev.tutti.bindings.nccl.generated.ncclMemAlloc_call;
import dev.tutti.bindings.nccl.generated.ncclMemFree_call;
import dev.tutti.bindings.nccl.generated.ncclSimInfo_v22200;
import dev.tutti.bindings.nccl.generated.ncclUniqueId;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// An NCCL library that was found. It stays loaded as long as the process lives.
///
/// Any thread of the system may call these methods; groups belong to the thread that starts them.
public final class NcclLibrary {
  /// The oldest version that can be used.
  static final int OLDEST = 2_1901;

  private static final int SUCCESS = LibNccl.ncclSuccess();
  private static final int IN_PROGRESS = LibNccl.ncclInProgress();

  private final String place;
  private final Map<NcclFunction, MemorySegment> functions = new EnumMap<>(NcclFunction.class);
  private final int version;
  private final NcclCalls calls;
  private final ThreadLocal<NcclGroup> group = ThreadLocal.withInitial(NcclGroup::new);
  private final Map<Long, MemorySegment> slots = new ConcurrentHashMap<>();

  NcclLibrary(NativeLibrary library) {
    this.place = library.place();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_INT);
      String symbol = NcclFunction.GET_VERSION.symbol();
      int result = ncclGetVersion_call.invoke(library.function(symbol), out);
      if (result != SUCCESS) {
        throw new NativeCallException(symbol, "", result, NcclResult.of(result).symbol());
      }
      this.version = out.get(ValueLayout.JAVA_INT, 0);
    }
    for (NcclFunction function : NcclFunction.values()) {
      // A function may be there before its time, in another form.
      MemorySegment address =
          function.since() <= version ? library.optional(function.symbol()) : null;
      if (address != null) {
        functions.put(function, address);
      }
    }
    this.calls = new NcclCalls(this);
  }

  /// Returns where the library was found.
  public String place() {
    return place;
  }

  /// Returns its version in NCCL's coding: 23007 for 2.30.7.
  public int version() {
    return version;
  }

  /// Returns a version as people write it: `2.30.7`.
  public static String versionText(int version) {
    return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
  }

  /// Returns whether this version has a function.
  public boolean supports(NcclFunction function) {
    return functions.containsKey(function);
  }

  /// Returns the address of a function.
  ///
  /// @throws UnsupportedOperationException if this version lacks it
  MemorySegment address(NcclFunction function) {
    MemorySegment address = functions.get(function);
    if (address == null) {
      throw new UnsupportedOperationException(
          place
              + " (NCCL "
              + versionText(version)
              + ") has no "
              + function.symbol()
              + " (since "
              + versionText(function.since())
              + ")");
    }
    return address;
  }

  /// Throws if this version lacks a function. A test of one field on the data path.
  void require(NcclFunction function) {
    if (function.since() > version || !functions.containsKey(function)) {
      MemorySegment _ = address(function);
    }
  }

  /// Returns the address of a function, that of nothing if this version lacks it.
  MemorySegment optionalAddress(NcclFunction function) {
    return functions.getOrDefault(function, MemorySegment.NULL);
  }

  NcclCalls calls() {
    return calls;
  }

  // ---- errors

  /// Returns NCCL's text of the last error in this process, of whatever thread; empty if there was
  /// none.
  public String lastError() {
    // NCCL ignores the communicator, which may be gone.
    MemorySegment text =
        ncclGetLastError_call.invoke(address(NcclFunction.GET_LAST_ERROR), MemorySegment.NULL);
    return text.address() == 0 ? "" : text.getString(0).strip();
  }

  /// Returns the exception for a failed call.
  NativeCallException failed(String function, String arguments, int result) {
    String detail = lastError();
    if (detail.isEmpty()) {
      MemorySegment text =
          ncclGetErrorString_call.invoke(address(NcclFunction.GET_ERROR_STRING), result);
      detail = text.address() == 0 ? "" : text.getString(0);
    }
    return new NativeCallException(
        function, arguments, result, NcclResult.of(result).symbol(), detail);
  }

  /// Throws unless a call was successful or goes on in the background; returns whether it is done.
  boolean check(int result, NcclFunction function, String arguments) {
    if (result != SUCCESS && result != IN_PROGRESS) {
      throw failed(function.symbol(), arguments, result);
    }
    return result == SUCCESS;
  }

  // ---- communicators

  /// Makes an id, for one rank to give to all others. Starts a thread that the others connect to.
  public NcclUniqueId uniqueId() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = arena.allocate(ncclUniqueId.layout());
      int result = ncclGetUniqueId_call.invoke(address(NcclFunction.GET_UNIQUE_ID), id);
      check(result, NcclFunction.GET_UNIQUE_ID, "");
      return NcclUniqueId.read(id);
    }
  }

  /// Joins a communicator with the thread's current device; all ranks must. Waits for the others,
  /// without end, unless the configuration does not block or a group is open.
  ///
  /// @param worldSize number of ranks
  /// @param id the same at all ranks
  /// @param rank 0 to `worldSize - 1`, each once
  public NcclCommunicator init(int worldSize, NcclUniqueId id, int rank, NcclConfig config) {
    return NcclCreation.init(this, worldSize, id, rank, config);
  }

  /// Joins a communicator as [#init(int, NcclUniqueId, int, NcclConfig)] does, with several ids,
  /// over which the ranks that connect are spread; since 2.23.
  ///
  /// @param ids the same at all ranks, in the same order
  public NcclCommunicator init(int worldSize, List<NcclUniqueId> ids, int rank, NcclConfig config) {
    return NcclCreation.initScalable(this, worldSize, ids, rank, config);
  }

  /// Makes a communicator whose ranks are all in this process, one per device.
  ///
  /// @param devices each once; rank i is on device `devices[i]`
  /// @return the ranks in order
  public List<NcclCommunicator> initAll(int... devices) {
    return NcclCreation.initAll(this, devices);
  }

  /// Holds memory that NCCL may write to, with all of its arena, until it is let go.
  void hold(MemorySegment slot) {
    slots.put(slot.address(), slot);
  }

  void letGo(MemorySegment slot) {
    slots.remove(slot.address());
  }

  // ---- groups

  /// Begins a group: what this thread asks for until [#groupEnd] goes out as one. May be nested.
  public void groupStart() {
    requirePlatformThread();
    check(calls.groupStart(), NcclFunction.GROUP_START, "");
    group.get().started();
  }

  /// Ends the innermost group, and with the outermost hands everything out.
  ///
  /// @return false if a communicator that does not block is still at it: [NcclCommunicator#poll]
  ///   each
  /// @throws IllegalStateException if this thread has no group open
  public boolean groupEnd() {
    NcclGroup open = openGroup();
    try {
      return check(calls.groupEnd(), NcclFunction.GROUP_END, "");
    } finally {
      open.ended();
    }
  }

  /// Ends the innermost group without doing anything, and estimates how long it would take; since
  /// 2.22. NCCL knows no estimate for a single rank and answers 0.
  ///
  /// @return microseconds
  public double groupSimulateEnd() {
    NcclGroup open = openGroup();
    MemorySegment function = address(NcclFunction.GROUP_SIMULATE_END);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = ncclSimInfo_v22200.allocate(arena);
      ncclSimInfo_v22200.size(info, ncclSimInfo_v22200.sizeof());
      ncclSimInfo_v22200.magic(info, LibNccl.TUTTI_NCCL_SIM_INFO_MAGIC());
      ncclSimInfo_v22200.version(info, Math.min(LibNccl.TUTTI_NCCL_VERSION(), version));
      ncclSimInfo_v22200.estimatedTime(info, -1);
      try {
        int result = ncclGroupSimulateEnd_call.invoke(function, info);
        check(result, NcclFunction.GROUP_SIMULATE_END, "");
      } finally {
        open.ended();
      }
      return ncclSimInfo_v22200.estimatedTime(info);
    }
  }

  private NcclGroup openGroup() {
    NcclGroup open = group.get();
    if (!open.isOpen()) {
      throw new IllegalStateException("this thread has no group of NCCL open");
    }
    return open;
  }

  /// Returns the calling thread's group, open or not.
  NcclGroup group() {
    return group.get();
  }

  static void requirePlatformThread() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "NCCL's groups and CUDA's current device belong to threads of the system: not for a"
              + " virtual thread");
    }
  }

  // ---- memory

  /// Allocates memory of the current device in a form that NCCL can use without copies.
  ///
  /// @return its address, for [#free]
  public long allocate(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      int result = ncclMemAlloc_call.invoke(address(NcclFunction.MEM_ALLOC), out, bytes);
      check(result, NcclFunction.MEM_ALLOC, "bytes=" + bytes);
      return out.get(ValueLayout.ADDRESS, 0).address();
    }
  }

  /// Frees what [#allocate] made.
  public void free(long address) {
    MemorySegment memory = MemorySegment.ofAddress(address);
    int result = ncclMemFree_call.invoke(address(NcclFunction.MEM_FREE), memory);
    check(result, NcclFunction.MEM_FREE, "address=0x" + Long.toHexString(address));
  }

  // ---- settings in effect

  /// Returns the value in effect of a setting such as `NCCL_BUFFSIZE`, null if NCCL knows no such
  /// setting; since 2.30.
  public @Nullable String setting(String key) {
    return NcclParameters.value(this, key);
  }

  /// Returns the values in effect of all settings that NCCL documents, by name; since 2.30.
  public Map<String, String> settings() {
    return NcclParameters.all(this);
  }
}
